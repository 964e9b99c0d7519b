/** How an order ends before its certificate is in use: refused, failed, cancelled or out of time; and who is then to be told. */
import { type ActorName, Refusal } from '@mobile-jpki/refusal'
import {
  ended,
  expiringStates,
  isFinal,
  isPassing,
  type News,
  type Order,
  type Setback,
  type Trouble,
  troubleOf,
} from './order.ts'
import type { World } from './world.ts'

/** For so long an application that nobody could check is tried again; then the applicant makes a new one. */
export const longestCheck = 10 * 60_000

/** Answers the order, ended by that refusal. What may pass by itself, and what is no refusal, is thrown on. */
export async function endedBy(world: World, order: Order, error: unknown): Promise<Order> {
  if (!(error instanceof Refusal) || isFinal(order.state)) throw error
  if (isPassing(error) && !isOverdue(world, order)) throw error
  const event = order.state === 'applied' ? 'refuse' : 'fail'
  return world.orders.update(order.id, (one) => (one.state === order.state ? ended(one, event, troubleOf(error)) : one))
}

const isOverdue = ({ now }: World, { state, createdAt }: Order): boolean =>
  state === 'applied' && now().getTime() - createdAt.getTime() > longestCheck

export const isOutOfTime = ({ now }: World, { state, codeExpires }: Order): boolean =>
  expiringStates.includes(state) && codeExpires !== undefined && codeExpires <= now()

export const expire = (world: World, order: Order): Promise<Order> =>
  world.orders.update(order.id, (one) =>
    isOutOfTime(world, one) ? ended(one, 'expire', troubleOf(new Refusal('code.expired'))) : one,
  )

/** Cancelled by the applicant or for them. Said again, it is done once; a finished certificate is another matter. */
export function cancelled(order: Order, by: ActorName, detail: string): Order {
  if (order.state === 'cancelled') return order
  if (order.state === 'delivered' || order.state === 'active')
    throw new Refusal(
      'conditions.not-satisfied',
      'The certificate may be in use already: the person stops it or gives it up with the app, or the JPKI system revokes it.',
    )
  if (isFinal(order.state)) throw new Refusal('conditions.not-satisfied', `The application is ${order.state} already.`)
  return ended(order, 'cancel', { code: 'application.cancelled', detail }, by)
}

/** The JPKI system throws key and certificate away. Told twice, or of an order that it does not know, it is done as well. */
export async function discard(world: World, order: Order): Promise<Order> {
  await world.jpki.discardPhoneCertificate({ orderId: order.id }).catch(unlessFinal)
  return world.orders.update(order.id, ({ discardOwed: _, ...one }) => settled(one, 'discarded'))
}

/** The carrier clears what was made in the SIM, when it can reach it. */
export async function terminate(world: World, order: Order): Promise<Order> {
  await world.carriers.get(order.form.carrier)?.terminate(order.id).catch(unlessFinal)
  return world.orders.update(order.id, ({ terminateOwed: _, ...one }) => settled(one, 'terminated'))
}

function unlessFinal(error: unknown): void {
  if (!(error instanceof Refusal) || isPassing(error)) throw error
}

function settled({ setback: _, ...order }: Order, event: News['event']): Order {
  return { ...order, news: [...(order.news ?? []), { event, from: order.state, to: order.state }] }
}

/** What two processes may both have asked of the peers is owed again: whoever lost the order does not know what came of it. */
export const owingAgain = (order: Order): Order =>
  isFinal(order.state) && order.state !== 'active' && order.state !== 'refused'
    ? { ...order, discardOwed: true, terminateOwed: true }
    : order

/** It did not work, and may later: the order stays where it is. What comes again and again is told less and less often. */
export function setBack(order: Order, given: Trouble, next?: (count: number) => Date): Order {
  const trouble: Trouble = { whose: 'sp-tsm', ...given }
  const last = order.setback
  const count = (last?.count ?? 0) + 1
  const setback: Setback = { trouble, count, ...(next && { next: next(count) }) }
  const isNews =
    last === undefined ||
    last.trouble.code !== trouble.code ||
    last.trouble.detail !== trouble.detail ||
    (count & (count - 1)) === 0
  if (!isNews) return { ...order, setback }
  const news: News = { event: 'setback', from: order.state, to: order.state, trouble }
  return { ...order, setback, news: [...(order.news ?? []), news] }
}
