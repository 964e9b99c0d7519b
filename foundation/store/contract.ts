/** The contract of a store, as a test: one suite that SQLite and PostgreSQL must both pass. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { needs } from '../../test/needs.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { type Migration, openStore, type Store } from './index.ts'

/** Opens a new, empty store; a place opened before, by its name, is opened again with what it holds. */
export type Open = <Tables>(migrations: readonly Migration[] | undefined, place?: string) => Promise<Store<Tables>>

export function contractOf(name: string, suite: (open: Open) => void): void {
  describe(`${name}, on SQLite`, () => {
    let directory = ''
    const stores: Store<never>[] = []
    before(async () => {
      directory = await mkdtemp(join(tmpdir(), 'jpki-store-'))
    })
    after(async () => {
      await Promise.all(stores.map((store) => store.close()))
      await rm(directory, { recursive: true })
    })
    suite(opening(stores, (place) => `sqlite:${join(directory, place)}.db`))
  })

  describe(`${name}, on PostgreSQL`, { skip: skipped() }, () => {
    let cluster: Cluster | undefined
    let url = process.env['DATABASE_URL'] ?? ''
    const stores: Store<never>[] = []
    before(async () => {
      if (url !== '') return
      cluster = await startCluster()
      url = cluster.url
    })
    after(async () => {
      await Promise.all(stores.map((store) => store.close()))
      await cluster?.stop()
    })
    suite(opening(stores, () => url))
  })
}

const skipped = (): string | false => (process.env['DATABASE_URL'] === undefined ? needs('postgresql') : false)

const opening =
  (stores: Store<never>[], urlOf: (place: string) => string): Open =>
  async <Tables>(migrations: readonly Migration[] | undefined, place = `test-${randomUUID()}`) => {
    const store = await openStore<Tables>({ url: urlOf(place), name: place, ...(migrations && { migrations }) })
    stores.push(store as unknown as Store<never>)
    return store
  }
