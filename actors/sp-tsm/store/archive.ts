/** Orders as the operator looks for them: a page is read from an index, from behind the last one on. Nothing is done on what a page says. */
import type { Store } from '@mobile-jpki/store'
import type { Archive } from '../domain/orders.ts'
import { orderOf, selectedFrom } from './rows.ts'
import type { Tables } from './tables.ts'

export const archiveIn = ({ db }: Store<Tables>): Archive => ({
  search: async ({ state, waitsFor, whose, carrier, createdBefore }, atMost, after) => {
    let query = selectedFrom(db).orderBy('created_at').orderBy('id').limit(atMost)
    if (state !== undefined) query = query.where('state', '=', state)
    if (waitsFor !== undefined) query = query.where('waits_for', '=', waitsFor)
    if (whose !== undefined) query = query.where('whose', '=', whose)
    if (carrier !== undefined) query = query.where('carrier', '=', carrier)
    if (createdBefore !== undefined) query = query.where('created_at', '<', createdBefore.toISOString())
    if (after !== undefined) {
      const at = after.createdAt.toISOString()
      query = query.where((is) =>
        is.and([is('created_at', '>=', at), is.or([is('created_at', '>', at), is('id', '>', after.id)])]),
      )
    }
    return (await query.execute()).map(orderOf)
  },
  historyOf: async (orderId) => {
    const rows = await db
      .selectFrom('sp_order_event')
      .select(['at', 'event', 'from_state', 'to_state', 'by_actor', 'code', 'whose', 'detail'])
      .where('order_id', '=', orderId)
      .orderBy('number')
      .execute()
    return rows.map(({ at, event, from_state, to_state, by_actor, code, whose, detail }) => ({
      at: new Date(at),
      event,
      from: from_state,
      to: to_state,
      ...(by_actor !== null && { by: by_actor }),
      ...(code !== null && { trouble: { code, detail: detail ?? '', ...(whose !== null && { whose }) } }),
    }))
  },
})
