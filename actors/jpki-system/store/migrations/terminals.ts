/** Terminals that may use phones without PIN, and the list of those that are revoked. */
import type { Migration } from '@mobile-jpki/store'

export const terminals: Migration = {
  name: 'terminals',
  up: async ({ schema }, { octets }) => {
    await schema
      .createTable('terminal')
      .addColumn('terminal_id', 'text', (column) => column.primaryKey())
      .addColumn('institution', 'text', (column) => column.notNull())
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('public_key', octets, (column) => column.notNull())
      .addColumn('enrolled_at', 'text', (column) => column.notNull())
      .addColumn('certified_until', 'text')
      .addColumn('revoked_at', 'text')
      .execute()
    await schema
      .createTable('terminal_list')
      .addColumn('number', 'integer', (column) => column.primaryKey())
      .addColumn('octets', octets, (column) => column.notNull())
      .execute()
  },
}
