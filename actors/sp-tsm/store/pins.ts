/** PIN envelopes on their way. They are sealed before they come here, and are gone when they were collected. */
import type { Store } from '@mobile-jpki/store'
import type { PinRelay } from '../domain/orders.ts'
import type { Tables } from './tables.ts'

export const pinRelayIn = ({ db }: Store<Tables>): PinRelay => ({
  want: async (id, turn, { attestation, instanceAid }, until) => {
    const row = { turn, attestation, instance_aid: instanceAid, wanted_until: until.toISOString(), envelope: null }
    await db
      .insertInto('sp_pin')
      .values({ id, ...row })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute()
  },
  stay: async (id, turn, until) => {
    const { numUpdatedRows } = await db
      .updateTable('sp_pin')
      .set({ wanted_until: until.toISOString() })
      .where('id', '=', id)
      .where('turn', '=', turn)
      .executeTakeFirst()
    return numUpdatedRows === 1n
  },
  wanted: async (id, now) => {
    const row = await db
      .selectFrom('sp_pin')
      .select(['attestation', 'instance_aid'])
      .where('id', '=', id)
      .where('wanted_until', '>', now.toISOString())
      .where('envelope', 'is', null)
      .executeTakeFirst()
    return row && { attestation: row.attestation, instanceAid: row.instance_aid }
  },
  give: async (id, envelope, now) => {
    const { numUpdatedRows } = await db
      .updateTable('sp_pin')
      .set({ envelope })
      .where('id', '=', id)
      .where('wanted_until', '>', now.toISOString())
      .where('envelope', 'is', null)
      .executeTakeFirst()
    return numUpdatedRows === 1n
  },
  collect: async (id, turn) => {
    const row = await db
      .deleteFrom('sp_pin')
      .where('id', '=', id)
      .where('turn', '=', turn)
      .where('envelope', 'is not', null)
      .returning('envelope')
      .executeTakeFirst()
    return row?.envelope ?? undefined
  },
  forget: async (id, turn) => {
    await db.deleteFrom('sp_pin').where('id', '=', id).where('turn', '=', turn).execute()
  },
})
