/** Key pairs made ahead (⑦), each of which is taken once: its row goes in the transaction in which an order gets it. */
import { type Kysely, sql } from 'kysely'
import type { KeyStock } from '../domain/world.ts'
import type { Tables } from './tables.ts'

export const keyStockIn = (db: Kysely<Tables>): KeyStock => ({
  size: async () => {
    const { count } = await db
      .selectFrom('key_stock')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    return Number(count)
  },
  add: async ({ id, publicKey, sealedPrivateKey }) => {
    await db
      .insertInto('key_stock')
      .values({ id, public_key: publicKey, sealed_private_key: sealedPrivateKey })
      .execute()
  },
  take: async (near) => {
    /** The first from there on; behind the last one comes the first of all. */
    const one = sql<string>`(
      select id from (select id from key_stock where id >= ${near} order by id limit 1) as next
      union all
      select id from (select id from key_stock order by id limit 1) as first
      limit 1)`
    const row = await db
      .deleteFrom('key_stock')
      .where('id', '=', one)
      .returning(['id', 'public_key', 'sealed_private_key'])
      .executeTakeFirst()
    return row && { id: row.id, publicKey: row.public_key, sealedPrivateKey: row.sealed_private_key }
  },
})
