/** The carriers' private keys, sealed, in the database. */
import type { Kysely } from 'kysely'
import type { SigningKeyRecords } from '../domain/world.ts'
import type { Tables } from './schema.ts'

export const signingKeysIn = (database: Kysely<Tables>): SigningKeyRecords => {
  const find: SigningKeyRecords['find'] = async (name) => {
    const row = await database.selectFrom('signing_key').select('sealed').where('name', '=', name).executeTakeFirst()
    return row && new Uint8Array(row.sealed)
  }
  return {
    find,
    keep: async (name, sealed) => {
      const row = { name, sealed }
      await database
        .insertInto('signing_key')
        .values(row)
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute()
      return (await find(name)) ?? sealed
    },
  }
}
