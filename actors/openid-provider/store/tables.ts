/** The tables of the OpenID provider, and how they came to be. */
import type { Migration } from '@mobile-jpki/store'

export interface Tables {
  /** What the protocol remembers for minutes or hours: sealed, and found by hashes. */
  artifact: {
    kind: string
    id: Uint8Array
    content: Uint8Array
    grant_id: Uint8Array | null
    uid: Uint8Array | null
    expires_at: number
    consumed_at: number | null
  }
  /** Which certificates a person was seen with. */
  certificate: { serial_number: string; account: string }
  /** By which name a sector knows a person: what a service may ask for without her browser. */
  subject: { subject: string; account: string }
}

export const migrations: readonly Migration[] = [
  {
    name: 'openid',
    up: async ({ schema }, { octets }) => {
      await schema
        .createTable('artifact')
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('id', octets, (column) => column.notNull())
        .addColumn('content', octets, (column) => column.notNull())
        .addColumn('grant_id', octets)
        .addColumn('uid', octets)
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .addColumn('consumed_at', 'bigint')
        .addPrimaryKeyConstraint('artifact_key', ['kind', 'id'])
        .execute()
      for (const column of ['grant_id', 'uid', 'expires_at'] as const)
        await schema.createIndex(`artifact_${column}`).on('artifact').column(column).execute()
      await schema
        .createTable('certificate')
        .addColumn('serial_number', 'text', (column) => column.primaryKey())
        .addColumn('account', 'text', (column) => column.notNull())
        .execute()
      await schema
        .createTable('subject')
        .addColumn('subject', 'text', (column) => column.primaryKey())
        .addColumn('account', 'text', (column) => column.notNull())
        .execute()
    },
  },
]
