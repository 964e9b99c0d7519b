/** The register (台帳) of the JPKI system in a database. */
import { openStore, type Store } from '@mobile-jpki/store'
import type { Kysely } from 'kysely'
import type { Register } from '../domain/world.ts'
import { certificatesIn } from './certificates.ts'
import { generationsIn } from './generations.ts'
import { personsIn, phoneOrdersIn } from './phone-orders.ts'
import { migrations, type Tables } from './tables.ts'

export { migrations, type Tables } from './tables.ts'

const portsIn = (db: Kysely<Tables>) => ({
  generations: generationsIn(db),
  certificates: certificatesIn(db),
  persons: personsIn(db),
  orders: phoneOrdersIn(db),
})

/** Inside a transaction, `atomically` is that same transaction. */
const registerWithin = (db: Kysely<Tables>): Register => {
  const register: Register = { ...portsIn(db), atomically: (work) => work(register) }
  return register
}

export const registerIn = ({ db, transaction }: Store<Tables>): Register => ({
  ...portsIn(db),
  atomically: (work) => transaction((held) => work(registerWithin(held))),
})

export const openRegister = (url: string): Promise<Store<Tables>> =>
  openStore<Tables>({ url, name: 'jpki-system', migrations })
