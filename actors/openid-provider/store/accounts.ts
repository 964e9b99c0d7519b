/** Accounts in the database: the same text for SQLite and PostgreSQL. */
import type { Kysely } from 'kysely'
import type { Accounts } from '../domain/account.ts'
import type { Tables } from './tables.ts'

export const accountsIn = (db: Kysely<Tables>): Accounts => ({
  ofCertificate: async (serialNumber) => {
    const certificates = db.selectFrom('certificate').select('account')
    return (await certificates.where('serial_number', '=', serialNumber).executeTakeFirst())?.account
  },
  rememberCertificate: async (serialNumber, account) => {
    await db
      .insertInto('certificate')
      .values({ serial_number: serialNumber, account })
      .onConflict((conflict) => conflict.column('serial_number').doNothing())
      .execute()
  },
  ofSubject: async (subject) => {
    const subjects = db.selectFrom('subject').select('account')
    return (await subjects.where('subject', '=', subject).executeTakeFirst())?.account
  },
  rememberSubject: async (subject, account) => {
    await db
      .insertInto('subject')
      .values({ subject, account })
      .onConflict((conflict) => conflict.column('subject').doNothing())
      .execute()
  },
})
