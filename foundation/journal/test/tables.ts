/** A journal beside one table of an actor. */
import type { Migration } from '@mobile-jpki/store'
import { type JournalTables, journalMigration } from '../index.ts'

export const name = 'test'

export interface Tables extends JournalTables {
  thing: { name: string }
}

export const migrations: readonly Migration[] = [
  {
    name: 'things',
    up: async ({ schema }) => {
      await schema
        .createTable('thing')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .execute()
    },
  },
  journalMigration(name),
]
