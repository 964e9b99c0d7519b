/** Who works on which order. What is due is taken by one statement, from an index that holds nothing else. */
import type { Store } from '@mobile-jpki/store'
import type { Expression, ExpressionBuilder, SqlBool } from 'kysely'
import type { Leased, Leases, LeaseTime } from '../domain/orders.ts'
import { orderColumns, toOrder } from './rows.ts'
import type { Seals } from './seals/seals.ts'
import type { OrderRow, Tables } from './tables.ts'

/** Nobody holds it. */
const isFree =
  (now: Date) =>
  (is: ExpressionBuilder<Tables, 'sp_order'>): Expression<SqlBool> =>
    is.or([is('lease_until', 'is', null), is('lease_until', '<=', now.toISOString())])

const taken =
  ({ owner, until }: LeaseTime) =>
  (is: ExpressionBuilder<Tables, 'sp_order'>) => ({
    lease_owner: owner,
    lease_until: until.toISOString(),
    lease_token: is('lease_token', '+', 1),
  })

export const leasesIn = ({ db, dialect }: Store<Tables>, seals: Seals): Leases => ({
  takeDue: async (time, atMost) => {
    const now = time.now.toISOString()
    const due = db.with('due', (one) =>
      one
        .selectFrom('sp_order')
        .select('id')
        .where('due_at', '<=', now)
        .where(isFree(time.now))
        .orderBy('due_at')
        .limit(atMost)
        .$if(dialect === 'postgres', (query) => query.forUpdate().skipLocked()),
    )
    const rows = await due
      .updateTable('sp_order')
      .set(taken(time))
      .where('id', 'in', ({ selectFrom }) => selectFrom('due').select('id'))
      .returning([...orderColumns, 'lease_token'])
      .execute()
    return seals.sound(rows, (row) => leased(seals, row as unknown as LeasedRow, time.owner))
  },
  take: async (orderId, time, force) => {
    const row = await db
      .updateTable('sp_order')
      .set(taken(time))
      .where('id', '=', orderId)
      .$if(force === undefined, (query) => query.where(isFree(time.now)))
      .returning([...orderColumns, 'lease_token'])
      .executeTakeFirst()
    return row && leased(seals, row as unknown as LeasedRow, time.owner)
  },
  renew: async ({ orderId, token }, until) => {
    const { numUpdatedRows } = await db
      .updateTable('sp_order')
      .set({ lease_until: until.toISOString() })
      .where('id', '=', orderId)
      .where('lease_token', '=', token)
      .executeTakeFirst()
    return numUpdatedRows === 1n
  },
  release: async ({ orderId, token }) => {
    await db
      .updateTable('sp_order')
      .set({ lease_until: null, lease_owner: null })
      .where('id', '=', orderId)
      .where('lease_token', '=', token)
      .execute()
  },
})

type LeasedRow = OrderRow & { readonly lease_token: number }

async function leased(seals: Seals, { lease_token: token, ...row }: LeasedRow, owner: string): Promise<Leased> {
  const order = await toOrder(seals, row)
  return { order, lease: { orderId: order.id, owner, token } }
}
