/** CA generations. */
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
      .values({ name, generation, certificate })
      .onConflict((conflict) => conflict.columns(['name', 'generation']).doNothing())
      .execute()
  },
})
