/** Key pairs made ahead (⑦), each of which is taken once: its row goes in the transaction in which an order gets it. */
import type { Kysely } from 'kysely'
import type { KeyStock } from '../domain/world.ts'
import type { Tables } from './tables.ts'

export const keyStockIn = (db: Kysely<Tables>): KeyStock => {
  const first = (from?: string) =>
    db
      .selectFrom('key_stock')
      .select('id')
      .$if(from !== undefined, (query) => query.where('id', '>=', from as string))
      .orderBy('id')
      .limit(1)
      .executeTakeFirst()
  return {
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
      const found = (await first(near)) ?? (await first())
      if (found === undefined) return undefined
      const row = await db
        .deleteFrom('key_stock')
        .where('id', '=', found.id)
        .returning(['id', 'public_key', 'sealed_private_key'])
        .executeTakeFirst()
      return row && { id: row.id, publicKey: row.public_key, sealedPrivateKey: row.sealed_private_key }
    },
  }
}
