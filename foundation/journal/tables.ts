/** The journal's tables, beside those of the actor whose acts it keeps. */
import type { ColumnTypes, Migration } from '@mobile-jpki/store'
import type { Kysely } from 'kysely'
import { beginningOf, type Entry } from './entry.ts'
import { inserting } from './insert.ts'

/** An entry in its place. */
export interface Link extends Entry {
  readonly position: number
  readonly hash: Uint8Array
}

export interface Waiting {
  readonly id: string
  readonly text: string
}

export interface JournalTables {
  /** Written by the acts themselves, in their transactions, as the chain takes it in; the sealer empties it. */
  journal_waiting: Waiting
  /** The chain. Nothing in it is ever changed. */
  journal_entry: Link
  /** One row: the end of the chain. Whoever updates it first seals, and the others wait for it. */
  journal_head: { position: number; hash: Uint8Array }
  journal_checkpoint: { number: number; position: number; hash: Uint8Array; at: string; signature: Uint8Array }
}

const textColumns = ['id', 'at', 'actor', 'act', 'subject', 'detail', 'outcome'] as const

export const insertWaiting = inserting<JournalTables, Waiting>('journal_waiting', ['id', 'text'])
export const insertLinks = inserting<JournalTables, Link>('journal_entry', [
  'position',
  ...textColumns,
  'request',
  'hash',
])

export const journalMigration = (journal: string): Migration => ({
  name: 'the journal',
  up: async (db, types) => {
    await createTables(db, types)
    const tables = db as unknown as Kysely<JournalTables>
    await tables
      .insertInto('journal_head')
      .values({ position: 0, hash: beginningOf(journal) })
      .execute()
  },
})

async function createTables({ schema }: Kysely<unknown>, { octets }: ColumnTypes): Promise<void> {
  // In SQLite only an `integer` key is the row's own number, and needs no index of its own.
  const count = octets === 'blob' ? 'integer' : 'bigint'
  await schema
    .createTable('journal_waiting')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('text', 'text', (column) => column.notNull())
    .execute()
  await textColumns
    .reduce(
      (made, name) => made.addColumn(name, 'text', (column) => column.notNull()),
      schema.createTable('journal_entry'),
    )
    .addColumn('position', count, (column) => column.primaryKey())
    .addColumn('request', 'text')
    .addColumn('hash', octets, (column) => column.notNull())
    .execute()
  await schema
    .createTable('journal_head')
    .addColumn('position', count, (column) => column.notNull())
    .addColumn('hash', octets, (column) => column.notNull())
    .execute()
  await schema
    .createTable('journal_checkpoint')
    .addColumn('number', count, (column) => column.primaryKey())
    .addColumn('position', count, (column) => column.notNull())
    .addColumn('hash', octets, (column) => column.notNull())
    .addColumn('at', 'text', (column) => column.notNull())
    .addColumn('signature', octets, (column) => column.notNull())
    .execute()
}
