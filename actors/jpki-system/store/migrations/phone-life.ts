/** A phone's certificate after its delivery: stops that may be resumed, and changes that SP-TSM has yet to hear of. */
import type { Migration } from '@mobile-jpki/store'

export const phoneLife: Migration = {
  name: 'phones in use',
  up: async ({ schema }) => {
    await schema.alterTable('phone_order').addColumn('stopped_at', 'text').execute()
    await schema.createIndex('phone_order_certificate').on('phone_order').column('serial_number').execute()
    await schema
      .createTable('phone_change')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('order_id', 'text', (column) => column.notNull())
      .addColumn('changed_at', 'text', (column) => column.notNull())
      .execute()
    await schema.createIndex('phone_change_by_time').on('phone_change').columns(['changed_at', 'id']).execute()
  },
}
