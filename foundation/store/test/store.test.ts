/** A store keeps its promises on both databases. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { contractOf } from '../contract.ts'
import { type Migration, openStore } from '../index.ts'

interface Tables {
  coin: { id: string; count: number; sealed: Uint8Array | null }
}

const migrations: readonly Migration[] = [
  {
    name: 'coins',
    up: async (db, { octets }) => {
      await db.schema
        .createTable('coin')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('count', 'bigint', (column) => column.notNull())
        .addColumn('sealed', octets)
        .execute()
    },
  },
]
const renaming: Migration = {
  name: 'coins are numbered',
  up: async (db) => {
    await db.schema.createIndex('coin_by_count').on('coin').column('count').execute()
  },
}

contractOf('a store', (open) => {
  it('answers numbers as numbers and octets as octets', async () => {
    const { db } = await open<Tables>(migrations)
    await db
      .insertInto('coin')
      .values({ id: 'a', count: 2 ** 40, sealed: Uint8Array.of(0, 255) })
      .execute()
    const row = await db.selectFrom('coin').select(['count', 'sealed']).executeTakeFirstOrThrow()
    assert.equal(row.count, 2 ** 40)
    assert.deepEqual(row.sealed, Uint8Array.of(0, 255))
  })

  it('keeps what was committed when it is opened again, and applies only what is new', async () => {
    const place = `test-${randomUUID()}`
    const first = await open<Tables>(migrations, place)
    await first.db.insertInto('coin').values({ id: 'a', count: 1, sealed: null }).execute()
    const again = await open<Tables>([...migrations, renaming], place)
    assert.deepEqual(await again.db.selectFrom('coin').select('id').execute(), [{ id: 'a' }])
  })

  it('refuses a store that was migrated by another program', async () => {
    const place = `test-${randomUUID()}`
    await open<Tables>([...migrations, renaming], place)
    await assert.rejects(open<Tables>(migrations, place), /migration 1/)
  })

  it('makes nothing where the tables are kept by another process', async () => {
    const place = `test-${randomUUID()}`
    const early = await open<Tables>(undefined, place)
    await assert.rejects(early.db.selectFrom('coin').select('id').execute())
    await open<Tables>(migrations, place)
    assert.deepEqual(await early.db.selectFrom('coin').select('id').execute(), [])
  })

  it('looks up one row by other values each time, and sees what is committed alone', async () => {
    const { db, transaction, lookup } = await open<Tables>(migrations)
    const coinOf = lookup(db.selectFrom('coin').select(['count', 'sealed']).where('id', '=', '').compile())
    assert.equal(await coinOf('a'), undefined)
    await transaction(async (held) => {
      await held
        .insertInto('coin')
        .values({ id: 'a', count: 7, sealed: Uint8Array.of(1) })
        .execute()
      assert.equal(await coinOf('a'), undefined)
    })
    const coin = await coinOf('a')
    assert.deepEqual([coin?.count, coin?.sealed], [7, Uint8Array.of(1)])
    assert.equal(await coinOf('b'), undefined)
    for (let count = 8; count < 60; count++) {
      await db.updateTable('coin').set({ count }).where('id', '=', 'a').execute()
      assert.equal((await coinOf('a'))?.count, count, 'committed in the same turn of the event loop')
    }
  })

  it('sees in the next turn of the event loop what another process committed', async () => {
    const place = `test-${randomUUID()}`
    const [one, other] = [await open<Tables>(migrations, place), await open<Tables>(undefined, place)]
    const coinOf = other.lookup(other.db.selectFrom('coin').select('count').where('id', '=', '').compile())
    assert.equal(await coinOf('a'), undefined)
    for (let asked = 0; asked < 600; asked++) assert.equal(await coinOf('b'), undefined)
    for (let count = 0; count < 20; count++) {
      await one.db.deleteFrom('coin').execute()
      await one.db.insertInto('coin').values({ id: 'a', count, sealed: null }).execute()
      await setImmediate()
      assert.equal((await coinOf('a'))?.count, count)
    }
  })

  it('takes all of a transaction or nothing', async () => {
    const { db, transaction } = await open<Tables>(migrations)
    const failing = transaction(async (held) => {
      await held.insertInto('coin').values({ id: 'a', count: 1, sealed: null }).execute()
      throw new Error('in the middle')
    })
    await assert.rejects(failing, /in the middle/)
    assert.deepEqual(await db.selectFrom('coin').select('id').execute(), [])
  })

  it('applies no part of a migration that fails', async () => {
    const place = `test-${randomUUID()}`
    const failing: Migration = { name: 'failing', up: () => Promise.reject(new Error('no')) }
    await assert.rejects(open<Tables>([...migrations, failing], place))
    await open<Tables>(migrations, place)
  })

  it('loses no update when many transactions read and write the same row at once', async () => {
    const { db, transaction } = await open<Tables>(migrations)
    await db.insertInto('coin').values({ id: 'a', count: 0, sealed: null }).execute()
    const add = () =>
      transaction(async (held) => {
        const { count } = await held.selectFrom('coin').select('count').where('id', '=', 'a').executeTakeFirstOrThrow()
        await held
          .updateTable('coin')
          .set({ count: count + 1 })
          .where('id', '=', 'a')
          .execute()
      })
    await Promise.all(Array.from({ length: 8 }, add))
    assert.deepEqual(await db.selectFrom('coin').select('count').execute(), [{ count: 8 }])
  })

  it('tells how many rows a change touched', async () => {
    const { db } = await open<Tables>(migrations)
    await db.insertInto('coin').values({ id: 'a', count: 0, sealed: null }).execute()
    const changed = await db.updateTable('coin').set({ count: 1 }).where('id', '=', 'b').executeTakeFirst()
    assert.equal(changed.numUpdatedRows, 0n)
  })
})

describe('opening a store', () => {
  const open = (url: string) => openStore({ url, name: 'test', migrations: [] })

  it('says when nobody answers, and keeps the password to itself', async () => {
    const { code, message } = await open('postgres://me:geheim@127.0.0.1:1/x').catch((error) => error)
    assert.equal(code, 'peer.unreachable')
    assert.match(message, /127\.0\.0\.1:1 \(ECONNREFUSED\)/)
    assert.doesNotMatch(message, /geheim/)
  })

  it('knows two kinds of store', () => assert.rejects(open('mysql://x'), { code: 'not-supported' }))
})
