/** Checkpoints in the database, and their copies in the file beside it. */
import type { Signer } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import type { Kysely } from 'kysely'
import type { JournalTables } from '../tables.ts'
import { type Checkpoint, signed } from './checkpoint.ts'
import type { CheckpointFile } from './checkpoint-file.ts'

const page = 1000

export const lastCheckpoint = (db: Kysely<JournalTables>): Promise<Checkpoint | undefined> =>
  db.selectFrom('journal_checkpoint').selectAll().orderBy('number', 'desc').limit(1).executeTakeFirst()

interface Due {
  readonly name: string
  readonly signer: Signer
  readonly now: () => Date
  readonly terms: { readonly checkpointEntries: number; readonly checkpointMilliseconds: number }
}

/** Whether one was due. Where another process signed meanwhile, its checkpoint stands and ours is dropped; then it is asked again. */
export async function checkpointDue(db: Kysely<JournalTables>, { name, signer, now, terms }: Due): Promise<boolean> {
  for (let wasDue = false; ; wasDue = true) {
    const { position, hash } = await db.selectFrom('journal_head').selectAll().executeTakeFirstOrThrow()
    const last = await lastCheckpoint(db)
    const entries = position - (last?.position ?? 0)
    const at = now()
    const age = last === undefined ? Number.POSITIVE_INFINITY : at.getTime() - Date.parse(last.at)
    if (entries < 1 || (entries < terms.checkpointEntries && age < terms.checkpointMilliseconds)) return wasDue
    const number = (last?.number ?? 0) + 1
    const checkpoint = await signed(name, { number, position, hash, at: at.toISOString() }, signer)
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('journal_checkpoint')
      .values(checkpoint)
      .onConflict((conflict) => conflict.column('number').doNothing())
      .executeTakeFirstOrThrow()
    if (numInsertedOrUpdatedRows === 1n) return true
  }
}

/** What the file does not hold yet, other processes' checkpoints too. */
export async function copied(db: Kysely<JournalTables>, file: CheckpointFile): Promise<void> {
  let last = (await file.last())?.number ?? 0
  for (;;) {
    const next = await db
      .selectFrom('journal_checkpoint')
      .selectAll()
      .where('number', '>', last)
      .orderBy('number')
      .limit(page)
      .execute()
    await file.append(next)
    last = next.at(-1)?.number ?? last
    if (next.length < page) return
  }
}

/** What the file's last checkpoint vouches for must be in the database. */
export async function agreeing(db: Kysely<JournalTables>, file: CheckpointFile, name: string): Promise<void> {
  const last = await file.last()
  if (last === undefined) return
  const link = await db
    .selectFrom('journal_entry')
    .select('hash')
    .where('position', '=', last.position)
    .executeTakeFirst()
  if (link?.hash.toHex() === last.hash.toHex()) return
  throw new Refusal(
    'journal.broken',
    `The journal of ${name} lacks entry ${last.position}, or has another one there, for which its checkpoint file vouches since ${last.at}.`,
  )
}
