/** What a validity node opens of the register: status, lists, generations and responders, and no person. */
import { openStore, type Store } from '@mobile-jpki/store'
import type { Kysely } from 'kysely'
import type { ValidityRegister } from '../../domain/world.ts'
import { generationsIn } from '../generations.ts'
import { listsIn } from '../lists.ts'
import { statusesIn } from '../statuses.ts'
import type { Tables } from '../tables.ts'
import { respondersIn } from './responders.ts'
import { storedStatusesIn } from './stored-answers.ts'

const portsIn = (db: Kysely<Tables>) => ({
  generations: generationsIn(db),
  statuses: statusesIn(db),
  lists: listsIn(db),
  responders: respondersIn(db),
})

export const validityRegisterIn = (store: Store<Tables>): ValidityRegister => ({
  ...portsIn(store.db),
  stored: storedStatusesIn(store),
  keep: (answers) => store.transaction((db) => statusesIn(db).keep(answers)),
})

/** The tables are the CA's to make and to change. */
export const openValidityStore = (url: string): Promise<Store<Tables>> =>
  openStore<Tables>({ url, name: 'jpki-system' })
