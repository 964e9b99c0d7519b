/** Subjects in the database: the same text for SQLite and PostgreSQL. */
import type { Kysely } from 'kysely'
import type { Subjects } from '../domain/subject.ts'
import type { Tables } from './tables.ts'

export const subjectsIn = (db: Kysely<Tables>): Subjects => ({
  find: async (subject) => {
    const found = db.selectFrom('subject').select('account').where('subject', '=', subject)
    return (await found.executeTakeFirst())?.account
  },
  keep: async (subject, account) => {
    await db
      .insertInto('subject')
      .values({ subject, account })
      .onConflict((conflict) => conflict.column('subject').doNothing())
      .execute()
  },
})
