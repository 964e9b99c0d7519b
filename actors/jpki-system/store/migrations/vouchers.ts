/** SIMs without CASD: who vouches for the keys of an order. Every order of before has a SIM with one. */
import type { Migration } from '@mobile-jpki/store'

export const vouchers: Migration = {
  name: 'vouchers',
  up: async ({ schema }) => {
    await schema
      .alterTable('phone_order')
      .addColumn('attested_by', 'text', (column) => column.notNull().defaultTo('casd'))
      .execute()
    await schema.createIndex('phone_order_by_sim').on('phone_order').columns(['iccid']).execute()
  },
}
