/** The register (台帳) of the JPKI system in a database. */
import { type Journal, journal as newJournal, type Recorder } from '@mobile-jpki/journal'
import { openStore, type Store } from '@mobile-jpki/store'
import type { Kysely } from 'kysely'
import type { ActName } from '../domain/acts.ts'
import type { Held, Register } from '../domain/world.ts'
import { answersIn } from './answers.ts'
import { certificatesIn, type Presign } from './certificates.ts'
import { ceremoniesIn, generationsIn } from './generations.ts'
import { keyStockIn } from './key-stock.ts'
import { linkageIn } from './linkage.ts'
import { listsIn } from './lists.ts'
import { personsIn } from './persons.ts'
import { phoneChangesIn } from './phone-life/changes.ts'
import { phoneOrdersIn } from './phone-orders.ts'
import { statusesIn } from './statuses.ts'
import { migrations, type Tables } from './tables.ts'
import { terminalsIn } from './terminals/terminals.ts'
import { respondersIn } from './validity/responders.ts'

export type { Presign } from './certificates.ts'
export { migrations, type Tables } from './tables.ts'

const portsIn = (db: Kysely<Tables>, presign?: Presign) => ({
  generations: generationsIn(db),
  ceremonies: ceremoniesIn(db),
  certificates: certificatesIn(db, presign),
  statuses: statusesIn(db),
  lists: listsIn(db),
  responders: respondersIn(db),
  linkage: linkageIn(db),
  persons: personsIn(db),
  orders: phoneOrdersIn(db),
  phoneChanges: phoneChangesIn(db),
  keyStock: keyStockIn(db),
  terminals: terminalsIn(db),
  answers: answersIn(db),
})

/** Inside a transaction, `atomically` is that same transaction. */
const registerWithin = (db: Kysely<Tables>, journal: Recorder<ActName>, presign?: Presign): Held => {
  const held: Held = { ...portsIn(db, presign), journal, atomically: (work) => work(held) }
  return held
}

/** `presign` makes the OCSP answer for each status that changes; without it the answer waits for the refresher. */
export const registerIn = (store: Store<Tables>, journal: Journal = newJournal(), presign?: Presign): Register => ({
  ...portsIn(store.db, presign),
  atomically: (work) => journal.atomically(store, (db, recorder) => work(registerWithin(db, recorder, presign))),
})

export const openRegister = (url: string): Promise<Store<Tables>> =>
  openStore<Tables>({ url, name: 'jpki-system', migrations })
