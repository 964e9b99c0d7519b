/** Answers of acts that were asked for under an Idempotency-Key. */
import type { Kysely } from 'kysely'
import type { KeptAnswers } from '../domain/settle.ts'
import { toSecondsOf } from './codes.ts'
import type { Tables } from './tables.ts'

export const answersIn = (db: Kysely<Tables>): KeptAnswers => ({
  find: (caller, key, at) =>
    db
      .selectFrom('kept_answer')
      .select(['caller', 'key', 'fingerprint', 'text'])
      .where('caller', '=', caller)
      .where('key', '=', key)
      .where('kept_until', '>', toSecondsOf(at))
      .executeTakeFirst(),
  keep: async ({ caller, key, fingerprint, text }, at, until) => {
    await db
      .deleteFrom('kept_answer')
      .where('caller', '=', caller)
      .where('key', '=', key)
      .where('kept_until', '<=', toSecondsOf(at))
      .execute()
    await db
      .insertInto('kept_answer')
      .values({ caller, key, fingerprint, text, kept_until: toSecondsOf(until) })
      .execute()
  },
  forget: async (at, atMost) => {
    const old = await db
      .selectFrom('kept_answer')
      .select(['caller', 'key'])
      .where('kept_until', '<=', toSecondsOf(at))
      .orderBy('kept_until')
      .limit(atMost)
      .execute()
    for (const { caller, key } of old)
      await db
        .deleteFrom('kept_answer')
        .where('caller', '=', caller)
        .where('key', '=', key)
        .where('kept_until', '<=', toSecondsOf(at))
        .execute()
    return old.length
  },
})
