/** How often something was asked, in windows of time, counted for all processes. */
import type { Store } from '@mobile-jpki/store'
import type { Rates } from '../domain/orders.ts'
import type { Tables } from './tables.ts'

export const ratesIn = ({ db }: Store<Tables>): Rates => ({
  count: async (what, window) => {
    const { count } = await db
      .insertInto('sp_rate')
      .values({ what, since: window.toISOString(), count: 1 })
      .onConflict((conflict) =>
        conflict.columns(['what', 'since']).doUpdateSet((is) => ({ count: is('sp_rate.count', '+', 1) })),
      )
      .returning('count')
      .executeTakeFirstOrThrow()
    return count
  },
  forgetBefore: async (window) => {
    await db.deleteFrom('sp_rate').where('since', '<', window.toISOString()).execute()
  },
})
