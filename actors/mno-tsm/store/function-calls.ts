/** Function calls that were executed, in the database. */
import type { Kysely } from 'kysely'
import type { FunctionCalls } from '../domain/function-call.ts'
import type { Tables } from './schema.ts'

export const functionCallsIn = (database: Kysely<Tables>): FunctionCalls => ({
  find: async (caller, id) => {
    const row = await database
      .selectFrom('function_call')
      .select(['fingerprint', 'answer', 'kept_until'])
      .where('caller', '=', caller)
      .where('id', '=', id)
      .executeTakeFirst()
    return (
      row && {
        caller,
        id,
        fingerprint: row.fingerprint,
        answer: new Uint8Array(row.answer),
        keptUntil: new Date(row.kept_until),
      }
    )
  },
  keep: async ({ caller, id, fingerprint, answer, keptUntil }) => {
    await database
      .insertInto('function_call')
      .values({ caller, id, fingerprint, answer, kept_until: keptUntil.toISOString() })
      .execute()
  },
  forget: async (now, atMost) => {
    const old = await database
      .selectFrom('function_call')
      .select(['caller', 'id'])
      .where('kept_until', '<=', now.toISOString())
      .orderBy('kept_until')
      .limit(atMost)
      .execute()
    for (const { caller, id } of old)
      await database.deleteFrom('function_call').where('caller', '=', caller).where('id', '=', id).execute()
  },
})
