/** SP-TSM's tables, and how they came to be. */
import type { Migration } from '@mobile-jpki/store'
import type { OrderState } from '../contract.ts'

export interface OrderRow {
  id: string
  state: OrderState
  iccid: string
  /** ISO 8601, UTC. */
  created_at: string
  access_code: Uint8Array | null
  session: Uint8Array | null
  code_expires: string | null
  wrong_tries: number
  applicant: string
  sign_certificate: string
  phone_certificate: string | null
  /** JSON, as is the trouble. */
  form: string
  trouble: string | null
  application: Uint8Array
  password: Uint8Array
  sealed_access_code: Uint8Array | null
  security_domain: Uint8Array | null
  instance_aid: Uint8Array | null
  own_key_set: Uint8Array | null
  initial_key_set: Uint8Array | null
  initial_key_version: number | null
  /** 1 for yes. */
  discard_owed: number
}

export interface Tables {
  sp_order: OrderRow
}

export const migrations: readonly Migration[] = [
  {
    name: 'orders',
    up: async (db, { octets }) => {
      await db.schema
        .createTable('sp_order')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('iccid', 'text', (column) => column.notNull())
        .addColumn('created_at', 'text', (column) => column.notNull())
        .addColumn('access_code', octets, (column) => column.unique())
        .addColumn('session', octets, (column) => column.unique())
        .addColumn('code_expires', 'text')
        .addColumn('wrong_tries', 'integer', (column) => column.notNull())
        .addColumn('applicant', 'text', (column) => column.notNull())
        .addColumn('sign_certificate', 'text', (column) => column.notNull())
        .addColumn('phone_certificate', 'text')
        .addColumn('form', 'text', (column) => column.notNull())
        .addColumn('trouble', 'text')
        .addColumn('application', octets, (column) => column.notNull())
        .addColumn('password', octets, (column) => column.notNull())
        .addColumn('sealed_access_code', octets)
        .addColumn('security_domain', octets)
        .addColumn('instance_aid', octets)
        .addColumn('own_key_set', octets)
        .addColumn('initial_key_set', octets)
        .addColumn('initial_key_version', 'integer')
        .execute()
      await db.schema.createIndex('sp_order_by_sim').on('sp_order').columns(['iccid', 'created_at']).execute()
      await db.schema.createIndex('sp_order_by_state').on('sp_order').columns(['state', 'created_at']).execute()
    },
  },
  {
    name: 'discards',
    up: async (db) => {
      await db.schema
        .alterTable('sp_order')
        .addColumn('discard_owed', 'integer', (column) => column.notNull().defaultTo(0))
        .execute()
      await db.schema.createIndex('sp_order_by_debt').on('sp_order').columns(['discard_owed', 'created_at']).execute()
      await db.schema.createIndex('sp_order_by_end').on('sp_order').columns(['state', 'code_expires']).execute()
    },
  },
]
