/** Acts and their entries: one transaction for both. */
import type { Store } from '@mobile-jpki/store'
import type { Kysely, Transaction } from 'kysely'
import { type Act, canonical, entryOf } from './entry.ts'
import { identifiers } from './identifier.ts'
import { insertWaiting, type JournalTables, type Waiting } from './tables.ts'

/** Notes an act; what was noted is written at the end of the transaction in which it was noted. */
export interface Recorder<Name extends string = string> {
  record(act: Act<Name>): void
}

export interface Journal {
  /** All of the work together with the entries of what it did, or nothing of either. As with `transaction`, it may run again. */
  atomically<Tables extends JournalTables, T>(
    store: Store<Tables>,
    work: (db: Transaction<Tables>, recorder: Recorder) => Promise<T>,
  ): Promise<T>
  /**
   * An attempt that was refused changes nothing, so there is no transaction to stand in: it waits in memory for the sealer. Those of one
   * caller that are refused alike meanwhile become one entry that counts them, so that nobody fills the journal by asking.
   */
  refused(attempt: Act): void
  /** What was refused since the last call. */
  takeRefused(): readonly Waiting[]
  /** `wake` is called when something waits to be sealed. */
  whenRecorded(wake: () => void): void
}

interface Stamp {
  readonly id: string
  readonly at: Date
}

/** The first of those that are alike, and how many there were. */
interface Refused extends Stamp {
  readonly attempt: Act
  times: number
}

export function journal({ now = () => new Date() }: { readonly now?: () => Date } = {}): Journal {
  const newId = identifiers(now)
  const stamped = (): Stamp => ({ id: newId(), at: now() })
  const waiting = ({ id, at }: Stamp, act: Act): Waiting => ({ id, text: canonical(entryOf(id, at, act)) })
  const refusals = new Map<string, Refused>()
  let wake = () => {}
  return {
    atomically: async (store, work) => {
      let isEmpty = true
      const outcome = await store.transaction(async (db) => {
        const entries: Waiting[] = []
        const worked = await work(db, { record: (act) => void entries.push(waiting(stamped(), act)) })
        isEmpty = entries.length === 0
        await insertWaiting(db as unknown as Kysely<JournalTables>, entries)
        return worked
      })
      if (!isEmpty) wake()
      return outcome
    },
    refused: (attempt) => {
      const alike = JSON.stringify([attempt.by.actor, attempt.act, attempt.outcome])
      const known = refusals.get(alike)
      if (known === undefined) refusals.set(alike, { ...stamped(), attempt, times: 1 })
      else known.times += 1
      wake()
    },
    takeRefused: () => {
      const entries = [...refusals.values()].map(({ attempt, times, ...stamp }) =>
        waiting(stamp, times === 1 ? attempt : { ...attempt, detail: { ...attempt.detail, times } }),
      )
      refusals.clear()
      return entries
    },
    whenRecorded: (listener) => {
      wake = listener
    },
  }
}

/** Keeps nothing: to measure what a journal costs. */
export const noJournal: Journal = {
  atomically: (store, work) => store.transaction((db) => work(db, { record: () => {} })),
  refused: () => {},
  takeRefused: () => [],
  whenRecorded: () => {},
}
