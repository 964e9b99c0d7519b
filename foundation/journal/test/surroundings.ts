/** A journal for tests: a store, entries of many kinds, a key, a folder for checkpoints, a clock that can be set. */
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { keySigner } from '@mobile-jpki/pkix/crypto'
import type { Store } from '@mobile-jpki/store'
import type { Act } from '../entry.ts'
import { checkpointsOf, type Journal, journal, startSealer } from '../index.ts'
import type { Sealer, Terms } from '../sealing/sealer.ts'
import { name, type Tables } from './tables.ts'

export { migrations, name, type Tables } from './tables.ts'

const newKey = () => keySigner(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
export const signer = newKey()
export const stranger = newKey()

export const act = (changed: Partial<Act> = {}): Act => ({
  by: { actor: 'sp-tsm', request: randomUUID() },
  act: 'thing.made',
  subject: `thing/${randomUUID()}`,
  detail: { reason: 'superseded', generation: 1 },
  ...changed,
})

export interface Surroundings {
  readonly store: Store<Tables>
  readonly journal: Journal
  readonly directory: string
  readonly checkpoints: string
  readonly faults: readonly unknown[]
  at(instant: Date): void
  now(): Date
  /** One act in a transaction of its own. */
  done(act?: Act): Promise<void>
  sealer(terms?: Partial<Terms>): Promise<Sealer>
  lines(): Promise<readonly string[]>
  close(): Promise<void>
}

/** Seals when it is told to, and not by itself. */
export const byHand: Partial<Terms> = { delayMilliseconds: 1e9, idleMilliseconds: 1e9 }

export async function surroundings(store: Store<Tables>): Promise<Surroundings> {
  const directory = await mkdtemp(join(tmpdir(), 'jpki-journal-'))
  let clock = new Date('2026-04-01T03:00:00.000Z')
  const now = () => clock
  const faults: unknown[] = []
  const acts = journal({ now })
  const fault = (error: unknown) => faults.push(error)
  return {
    store,
    journal: acts,
    directory,
    checkpoints: checkpointsOf(directory),
    faults,
    now,
    at: (instant) => {
      clock = instant
    },
    done: (one = act()) => acts.atomically(store, async (_db, { record }) => record(one)),
    sealer: async (terms = byHand) => {
      const sealer = await startSealer({ store, journal: acts, name, signer, directory, now, terms, fault })
      // It looks once by itself at its start; timers end in their order.
      await setTimeout(5)
      await sealer.seal()
      return sealer
    },
    lines: async () => (await readFile(checkpointsOf(directory), 'utf8')).split('\n').filter((line) => line !== ''),
    close: () => rm(directory, { recursive: true }),
  }
}
