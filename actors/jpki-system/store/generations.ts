/** CA generations and the lists that they published. */
import type { Kysely } from 'kysely'
import type { Generations } from '../domain/world.ts'
import type { Tables } from './tables.ts'

export const generationsIn = (db: Kysely<Tables>): Generations => ({
  all: () =>
    db
      .selectFrom('ca_generation')
      .select(['name', 'generation', 'certificate'])
      .orderBy('name')
      .orderBy('generation')
      .execute(),
  add: async ({ name, generation, certificate }) => {
    await db
      .insertInto('ca_generation')
      .values({ name, generation, certificate, revocations: 0 })
      .onConflict((conflict) => conflict.columns(['name', 'generation']).doNothing())
      .execute()
  },
  revocations: async (name, generation) => {
    const { revocations } = await db
      .selectFrom('ca_generation')
      .select('revocations')
      .where('name', '=', name)
      .where('generation', '=', generation)
      .executeTakeFirstOrThrow()
    return revocations
  },
  crl: async (name, generation) => {
    const row = await db
      .selectFrom('crl')
      .select(['number', 'revocations', 'this_update', 'der'])
      .where('name', '=', name)
      .where('generation', '=', generation)
      .executeTakeFirst()
    return (
      row && { number: row.number, revocations: row.revocations, thisUpdate: new Date(row.this_update), der: row.der }
    )
  },
  publish: async (name, generation, { number, revocations, thisUpdate, der }) => {
    const list = { number, revocations, this_update: thisUpdate.toISOString(), der }
    if (number === 1) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('crl')
        .values({ name, generation, ...list })
        .onConflict((conflict) => conflict.columns(['name', 'generation']).doNothing())
        .executeTakeFirst()
      return numInsertedOrUpdatedRows === 1n
    }
    const { numUpdatedRows } = await db
      .updateTable('crl')
      .set(list)
      .where('name', '=', name)
      .where('generation', '=', generation)
      .where('number', '=', number - 1)
      .executeTakeFirst()
    return numUpdatedRows === 1n
  },
})
