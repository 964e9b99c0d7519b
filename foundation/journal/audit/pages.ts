/** What verification reads, in pages: no database is asked to hold a view of all of it. */
import type { Kysely } from 'kysely'
import type { Checkpoint } from '../sealing/checkpoint.ts'
import { checkpointLines } from '../sealing/checkpoint-file.ts'
import type { JournalTables, Link, Waiting } from '../tables.ts'
import type { Place } from './walk.ts'

export type Database = Kysely<JournalTables>

const page = 2000

export const entriesAfter = (db: Database, position: number, atMost = page): Promise<readonly Link[]> =>
  db
    .selectFrom('journal_entry')
    .selectAll()
    .where('position', '>', position)
    .orderBy('position')
    .limit(atMost)
    .execute()

export const entryAt = (db: Database, position: number): Promise<Link | undefined> =>
  db.selectFrom('journal_entry').selectAll().where('position', '=', position).executeTakeFirst()

/** The sealer's note of the end. Without its row nothing can be sealed, and nothing can have been. */
export const headOf = async (db: Database): Promise<Place | undefined> =>
  db.selectFrom('journal_head').select(['position', 'hash']).executeTakeFirst()

export const waitingIn = (db: Database): Promise<readonly Waiting[]> =>
  db.selectFrom('journal_waiting').selectAll().orderBy('id').limit(page).execute()

export async function* checkpointsOf(db: Database): AsyncGenerator<Checkpoint> {
  let number = Number.MIN_SAFE_INTEGER
  for (;;) {
    const found = await db
      .selectFrom('journal_checkpoint')
      .selectAll()
      .where('number', '>', number)
      .orderBy('number')
      .limit(page)
      .execute()
    yield* found
    number = found.at(-1)?.number ?? number
    if (found.length < page) return
  }
}

export async function* linesOf(file: string, journal: string): AsyncGenerator<Checkpoint | { readonly line: number }> {
  for await (const { line, checkpoint } of checkpointLines(file, journal)) yield checkpoint ?? { line }
}
