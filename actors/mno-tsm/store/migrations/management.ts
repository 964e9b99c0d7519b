/** Confidential set-up and delegated management. */
import type { Migration } from '@mobile-jpki/store'

export const management: Migration = {
  name: 'confidential set-up, tokens and receipts of deployments',
  up: async ({ schema }, { octets }) => {
    for (const [name, type] of [
      ['set_up_version', 'integer'],
      ['set_up_message', octets],
      ['last_token', 'integer'],
      ['last_receipt', 'integer'],
    ] as const)
      await schema.alterTable('deployment').addColumn(name, type).execute()
  },
}
