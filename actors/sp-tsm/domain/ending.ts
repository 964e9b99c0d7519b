/** How an order ends before its certificate is in use: refused, failed or out of time, with the reason; and what is then thrown away. */
import { Refusal } from '@mobile-jpki/refusal'
import { ended, expiringStates, isFinal, isPassing, type Order, troubleOf } from './order.ts'
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

/** The JPKI system throws key and certificate away. Told twice, or of an order that it does not know, it is done as well. */
export async function discard(world: World, order: Order): Promise<Order> {
  await world.jpki.discardPhoneCertificate({ orderId: order.id }).catch((error: unknown) => {
    if (!(error instanceof Refusal) || isPassing(error)) throw error
  })
  return world.orders.update(order.id, ({ discardOwed: _, ...one }) => one)
}
