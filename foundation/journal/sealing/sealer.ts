/**
 * Puts what was committed into the chain, in batches, one sealer at a time: whoever updates the one row of `journal_head` first goes on,
 * the others wait for its commit. An entry that commits late simply comes later in the chain.
 */
import type { Signer } from '@mobile-jpki/pkix/crypto'
import type { Store } from '@mobile-jpki/store'
import type { Kysely } from 'kysely'
import { entryIn, linked } from '../entry.ts'
import type { Journal } from '../journal.ts'
import type { JournalTables, Link } from '../tables.ts'
import { insertLinks, insertWaiting } from '../tables.ts'
import { checkpointFile, checkpointsOf, keepKey } from './checkpoint-file.ts'
import { agreeing, checkpointDue, copied } from './checkpoints.ts'

export interface Terms {
  /** Between a commit and its sealing, so that what commits meanwhile is sealed with it. */
  readonly delayMilliseconds: number
  /** Entries in one transaction of the sealer. */
  readonly batch: number
  /** A checkpoint is signed after so many entries, and after so long when there are new ones. */
  readonly checkpointEntries: number
  readonly checkpointMilliseconds: number
  /** How often it looks for what other processes left, and after a fault. */
  readonly idleMilliseconds: number
}

const usual: Terms = {
  delayMilliseconds: 100,
  batch: 256,
  checkpointEntries: 10_000,
  checkpointMilliseconds: 60_000,
  idleMilliseconds: 10_000,
}

export interface Sealing {
  readonly store: Pick<Store<JournalTables>, 'db'>
  readonly journal: Journal
  /** Whose journal it is; it stands in every checkpoint. */
  readonly name: string
  readonly signer: Signer
  /** For the checkpoints in a file and the public key that they verify under; at best on another disk than the database. */
  readonly directory: string
  readonly now?: () => Date
  readonly terms?: Partial<Terms>
  /** Told of what went wrong; it is tried again. */
  readonly fault?: (error: unknown) => void
}

export interface Sealer {
  /** All that is committed by now, and a checkpoint where one is due. */
  seal(): Promise<void>
  /** Seals what is there and signs for it. */
  close(): Promise<void>
}

/** Refuses to start over a database that knows less than the checkpoint file: it was cut, or is an old copy. */
export async function startSealer(sealing: Sealing): Promise<Sealer> {
  const { store, journal, name, signer, now = () => new Date(), fault = () => {} } = sealing
  const terms = { ...usual, ...sealing.terms }
  await keepKey(sealing.directory, signer.publicKey)
  const file = checkpointFile(checkpointsOf(sealing.directory), name)
  const { db } = store
  await agreeing(db, file, name)
  let refused: ReturnType<Journal['takeRefused']> = []
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  let isClosed = false
  /** The file, of what other processes signed, or this one before it was killed. */
  let mayBeBehind = true

  const work = async (isLast: boolean): Promise<void> => {
    refused = [...refused, ...journal.takeRefused()]
    if (refused.length > 0) await insertWaiting(db, refused)
    refused = []
    if (await isWaiting(db)) while ((await sealBatch(db, terms.batch)) === terms.batch);
    const due = { name, signer, now, terms: isLast ? { ...terms, checkpointEntries: 1 } : terms }
    if (!(await checkpointDue(db, due)) && !mayBeBehind) return
    await copied(db, file)
    mayBeBehind = false
  }
  /** One after the other within this process, too. */
  const seal = (isLast = false): Promise<void> => {
    running = running.catch(() => {}).then(() => work(isLast))
    return running
  }
  const soon = (milliseconds: number) => {
    if (timer !== undefined || isClosed) return
    timer = setTimeout(() => {
      timer = undefined
      seal().catch((error: unknown) => {
        fault(error)
        soon(terms.idleMilliseconds)
      })
    }, milliseconds)
    timer.unref()
  }
  journal.whenRecorded(() => soon(terms.delayMilliseconds))
  const idle = setInterval(() => {
    mayBeBehind = true
    soon(0)
  }, terms.idleMilliseconds)
  idle.unref()
  soon(0)
  return {
    seal: () => seal(),
    close: async () => {
      isClosed = true
      mayBeBehind = true
      clearInterval(idle)
      clearTimeout(timer)
      await seal(true)
    },
  }
}

/** Asked first, since a batch writes even when it is empty. */
const isWaiting = async (db: Kysely<JournalTables>): Promise<boolean> =>
  (await db.selectFrom('journal_waiting').select('id').limit(1).executeTakeFirst()) !== undefined

/** How many were sealed. In PostgreSQL not serializable: acts must never fail because of it, nor it because of them. */
export const sealBatch = (db: Kysely<JournalTables>, atMost: number): Promise<number> =>
  db
    .transaction()
    .setIsolationLevel('read committed')
    .execute(async (held) => {
      const head = await held
        .updateTable('journal_head')
        .set(({ ref }) => ({ position: ref('position') }))
        .returning(['position', 'hash'])
        .executeTakeFirstOrThrow()
      const first = held.selectFrom('journal_waiting').select('id').orderBy('id').limit(atMost)
      const taken = await held.deleteFrom('journal_waiting').where('id', 'in', first).returningAll().execute()
      if (taken.length === 0) return 0
      const entries = taken.sort((one, other) => (one.id < other.id ? -1 : 1))
      let { position, hash } = head
      const links = entries.map(({ text }): Link => {
        position += 1
        hash = linked(hash, position, text)
        return { ...entryIn(text), position, hash }
      })
      await insertLinks(held, links)
      await held.updateTable('journal_head').set({ position, hash }).execute()
      return taken.length
    })
