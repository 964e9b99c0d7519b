/** The registry of one carrier. */
import type { Migration } from '@mobile-jpki/store'

export const registry: Migration = {
  name: 'sims, subscriptions, deployments',
  up: async ({ schema }, { octets }) => {
    await schema
      .createTable('sim')
      .addColumn('iccid', 'text', (column) => column.primaryKey())
      .addColumn('key_diversification_data', octets, (column) => column.notNull())
      .addColumn('profile', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('order_id', 'text')
      .execute()
    await schema
      .createTable('subscription')
      .addColumn('msisdn', 'text', (column) => column.primaryKey())
      .addColumn('iccid', 'text', (column) => column.notNull())
      .addColumn('subscriber', 'text', (column) => column.notNull())
      .addColumn('user_name', 'text')
      .addColumn('state', 'text', (column) => column.notNull())
      .execute()
    await schema.createIndex('subscription_iccid').on('subscription').column('iccid').execute()
    await schema
      .createTable('deployment')
      .addColumn('order_id', 'text', (column) => column.primaryKey())
      .addColumn('iccid', 'text', (column) => column.notNull())
      .addColumn('session_id', 'text', (column) => column.notNull().unique())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('key_transport', octets, (column) => column.notNull())
      .addColumn('wrapped_key_set', octets)
      .addColumn('key_set', octets)
      .addColumn('refusal_code', 'text')
      .addColumn('refusal_detail', 'text')
      .addColumn('refusal_told', 'integer', (column) => column.notNull())
      .addColumn('requested_at', 'text', (column) => column.notNull())
      .execute()
    await schema.createIndex('deployment_iccid').on('deployment').column('iccid').execute()
  },
}
