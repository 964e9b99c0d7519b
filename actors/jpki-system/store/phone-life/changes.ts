/** What SP-TSM has yet to hear of. */
import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { PhoneChanges } from '../../phone-life/changes.ts'
import type { Tables } from '../tables.ts'

export const phoneChangesIn = (db: Kysely<Tables>): PhoneChanges => ({
  add: async (orderId, at) => {
    await db
      .insertInto('phone_change')
      .values({ id: randomUUID(), order_id: orderId, changed_at: at.toISOString() })
      .execute()
  },
  unconfirmed: async (atMost) => {
    const rows = await db
      .selectFrom('phone_change')
      .select(['id', 'order_id'])
      .orderBy('changed_at')
      .orderBy('id')
      .limit(atMost)
      .execute()
    return rows.map(({ id, order_id: orderId }) => ({ id, orderId }))
  },
  confirm: async (ids) => {
    await db
      .deleteFrom('phone_change')
      .where('id', 'in', [...ids])
      .execute()
  },
})
