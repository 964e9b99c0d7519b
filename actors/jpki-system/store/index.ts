/** The register (台帳) of the JPKI system in a database. */
import { type Journal, journal as newJournal, type Recorder } from '@mobile-jpki/journal'
import { openStore, type Store } from '@mobile-jpki/store'
import type { Kysely } from 'kysely'
import type { ActName } from '../domain/acts.ts'
import type { Held, Register } from '../domain/world.ts'
import { certificatesIn } from './certificates.ts'
import { generationsIn } from './generations.ts'
import { personsIn } from './persons.ts'
import { phoneOrdersIn } from './phone-orders.ts'
import { migrations, type Tables } from './tables.ts'

export { migrations, type Tables } from './tables.ts'

const portsIn = (db: Kysely<Tables>) => ({
  generations: generationsIn(db),
  certificates: certificatesIn(db),
  persons: personsIn(db),
  orders: phoneOrdersIn(db),
})

/** Inside a transaction, `atomically` is that same transaction. */
const registerWithin = (db: Kysely<Tables>, journal: Recorder<ActName>): Held => {
  const held: Held = { ...portsIn(db), journal, atomically: (work) => work(held) }
  return held
}

export const registerIn = (store: Store<Tables>, journal: Journal = newJournal()): Register => ({
  ...portsIn(store.db),
  atomically: (work) => journal.atomically(store, (db, recorder) => work(registerWithin(db, recorder))),
})

export const openRegister = (url: string): Promise<Store<Tables>> =>
  openStore<Tables>({ url, name: 'jpki-system', migrations })
