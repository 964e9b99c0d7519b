/** Orders in SQL, the same text for SQLite and PostgreSQL. What an order brings with it goes into the same transaction. */
import { Refusal } from '@mobile-jpki/refusal'
import type { Store } from '@mobile-jpki/store'
import type { Transaction } from 'kysely'
import type { News, Order } from '../domain/order.ts'
import { isDownloading } from '../domain/order.ts'
import { type Lease, LeaseLost, type Orders } from '../domain/orders.ts'
import { writeLetters } from './letters.ts'
import { orderColumns, selectedFrom, toOrder, toRow } from './rows.ts'
import type { Seals } from './seals/seals.ts'
import type { OrderRow, Tables } from './tables.ts'

const openStates = (['codeSent', 'authenticated', 'domainReady', 'appletInstalled', 'delivered'] as const).filter(
  (state) => state === 'codeSent' || isDownloading(state),
)

export const ordersIn = (store: Store<Tables>, now: () => Date, seals: Seals): Orders => ({
  add: (order) =>
    store.transaction(async (db) => {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('sp_order')
        .values(await toRow(seals, order))
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirst()
      const isNew = numInsertedOrUpdatedRows === 1n
      if (isNew) await writeBeside(db, order, now())
      return isNew
    }),
  find: async (id) => one(seals, await selectedFrom(store.db).where('id', '=', id).executeTakeFirst()),
  findByAccessCode: async (mac) =>
    one(seals, await selectedFrom(store.db).where('access_code', '=', mac).executeTakeFirst()),
  findBySession: async (mac) => one(seals, await selectedFrom(store.db).where('session', '=', mac).executeTakeFirst()),
  findOpenForSim: async (iccid) =>
    one(
      seals,
      await selectedFrom(store.db)
        .where('iccid', '=', iccid)
        .where('state', 'in', openStates)
        .orderBy('created_at', 'desc')
        .limit(1)
        .executeTakeFirst(),
    ),
  update: (id, change, lease) => store.transaction((db) => changeIn(db, seals, { id, change, at: now(), lease })),
})

const one = async (seals: Seals, row: OrderRow | undefined): Promise<Order | undefined> => row && toOrder(seals, row)

export interface Change {
  readonly id: string
  readonly change: (order: Order) => Order
  readonly at: Date
  readonly lease?: Lease | undefined
}

/** Inside a transaction; see `Orders.update`. */
export async function changeIn(
  db: Transaction<Tables>,
  seals: Seals,
  { id, change, at, lease }: Change,
): Promise<Order> {
  const row = await db
    .selectFrom('sp_order')
    .select([...orderColumns, 'lease_token'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (row === undefined) throw new Refusal('reference.not-found')
  if (lease !== undefined && row.lease_token !== lease.token) throw new LeaseLost(`order ${id} was taken by another`)
  const { news, letters, ...changed } = change(await toOrder(seals, row))
  await db
    .updateTable('sp_order')
    .set(await toRow(seals, changed))
    .where('id', '=', id)
    .execute()
  await writeBeside(db, { ...changed, ...(news && { news }), ...(letters && { letters }) }, at)
  return changed
}

async function writeBeside(db: Transaction<Tables>, order: Order, at: Date): Promise<void> {
  if (order.news !== undefined && order.news.length > 0) await writeNews(db, order.id, order.news, at)
  if (order.letters !== undefined) await writeLetters(db, order.id, order.letters, at)
}

async function writeNews(db: Transaction<Tables>, orderId: string, news: readonly News[], at: Date): Promise<void> {
  const last = await db
    .selectFrom('sp_order_event')
    .select('number')
    .where('order_id', '=', orderId)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  const first = (last?.number ?? 0) + 1
  await db
    .insertInto('sp_order_event')
    .values(
      news.map(({ event, from, to, by, trouble }, index) => ({
        order_id: orderId,
        number: first + index,
        at: at.toISOString(),
        event,
        from_state: from,
        to_state: to,
        by_actor: by ?? null,
        code: trouble?.code ?? null,
        whose: trouble?.whose ?? null,
        detail: trouble?.detail ?? null,
      })),
    )
    .execute()
}
