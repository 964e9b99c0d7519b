/** What tells how the register is: short questions that indexes answer, counted only so far. */
import type { Kysely } from 'kysely'
import type { Vitals } from '../../operator/health.ts'
import { dateOf, toSecondsOf } from '../codes.ts'
import type { Tables } from '../tables.ts'

export const vitalsIn = (db: Kysely<Tables>): Vitals => ({
  answersDue: async (at, atMost) => {
    const due = await db
      .selectFrom('certificate_status')
      .select('answer_due')
      .where('answer_due', '<=', toSecondsOf(at))
      .orderBy('answer_due')
      .limit(atMost)
      .execute()
    // Zero stands for a status that never had an answer.
    const oldest = due.find(({ answer_due }) => answer_due !== 0)?.answer_due
    return { count: due.length, ...(oldest != null && { oldest: dateOf(oldest) }) }
  },
  entriesWaiting: async (atMost) => {
    const waiting = await db.selectFrom('journal_waiting').select('id').orderBy('id').limit(atMost).execute()
    const [first] = waiting
    return { count: waiting.length, ...(first && { oldest: timeIn(first.id) }) }
  },
  lastCheckpoint: async () => {
    const row = await db
      .selectFrom('journal_checkpoint')
      .select(['number', 'at'])
      .orderBy('number', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row && { number: row.number, at: new Date(row.at) }
  },
})

/** The first 48 bits of a UUID of version 7 are milliseconds, RFC 9562 §5.7. */
const timeIn = (id: string): Date => new Date(Number.parseInt(id.replace('-', '').slice(0, 12), 16))
