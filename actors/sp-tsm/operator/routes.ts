/** The operator's routes: what waits, what failed and whose it is, and what the help desk can do about it. */
import { Refusal } from '@mobile-jpki/refusal'
import { type Route, serve } from '@mobile-jpki/service'
import { cancelOrder, describeOrder, findLifeTasks, findOrders, reissueCode, retryOrder } from '../contract.ts'
import { isFinal, type Order } from '../domain/order.ts'
import type { Place } from '../domain/orders.ts'
import type { World } from '../domain/world.ts'
import type { Lives } from '../life/lives.ts'
import { cancel } from './cancellation.ts'
import { reissue } from './reissue.ts'
import { summaryOf, taskTold, told } from './summary.ts'

/** `wake`: something may be due now. */
export function operatorRoutes(
  world: World & { readonly lives: Pick<Lives, 'openTasks'> },
  wake: () => void,
): readonly Route[] {
  const orderOf = async (orderId: string): Promise<Order> => {
    const order = await world.orders.find(orderId)
    if (order === undefined) throw new Refusal('reference.not-found', 'There is no such order.')
    return order
  }
  return [
    serve(findOrders, async ({ atMost, after, ...sought }) => {
      const orders = await world.archive.search(sought, atMost, after === undefined ? undefined : placeIn(after))
      const last = orders.length === atMost ? orders.at(-1) : undefined
      return { orders: orders.map(summaryOf), ...(last && { next: nameOf(last) }) }
    }),
    serve(describeOrder, async ({ orderId }) => {
      const order = await orderOf(orderId)
      const [history, mails] = await Promise.all([world.archive.historyOf(orderId), world.outbox.ofOrder(orderId)])
      return {
        order: summaryOf(order),
        history: history.map(({ at, event, from, to, by = 'sp-tsm', trouble }) => ({
          at,
          event,
          from,
          to,
          by,
          ...(trouble && { trouble: told(trouble) }),
        })),
        mails: [...mails],
      }
    }),
    serve(findLifeTasks, async ({ atMost, after, ...sought }) => {
      const from = after === undefined ? undefined : placeIn(after)
      const tasks = await world.lives.openTasks(sought, atMost, from && { askedAt: from.createdAt, id: from.id })
      const last = tasks.length === atMost ? tasks.at(-1) : undefined
      return { tasks: tasks.map(taskTold), ...(last && { next: nameOf({ createdAt: last.askedAt, id: last.id }) }) }
    }),
    serve(retryOrder, async ({ orderId }) => {
      const order = await world.orders.update(orderId, atOnce)
      await world.outbox.hurry(orderId, world.now())
      wake()
      return { order: summaryOf(order) }
    }),
    serve(cancelOrder, async ({ orderId, reason }) => {
      const order = await cancel(world, orderId, 'operator', reason)
      wake()
      return { order: summaryOf(order) }
    }),
    serve(reissueCode, async ({ orderId }) => {
      const order = await reissue(world, await orderOf(orderId))
      wake()
      return { order: summaryOf(order) }
    }),
  ]
}

/** What kept it back is forgotten, and with it when to try again. */
function atOnce(order: Order): Order {
  const { setback, ...rest } = order
  if (setback === undefined)
    throw new Refusal(
      'conditions.not-satisfied',
      isFinal(order.state)
        ? `The order is ${order.state}: there is nothing to retry.`
        : 'Nothing keeps the order back: it waits for its turn.',
    )
  return { ...rest, news: [{ event: 'retry', from: order.state, to: order.state, by: 'operator' }] }
}

const nameOf = ({ createdAt, id }: Place): string =>
  new TextEncoder().encode(`${createdAt.toISOString()} ${id}`).toBase64({ alphabet: 'base64url', omitPadding: true })

function placeIn(name: string): Place {
  try {
    const text = new TextDecoder().decode(Uint8Array.fromBase64(name, { alphabet: 'base64url' }))
    const [at = '', id = ''] = text.split(' ')
    const createdAt = new Date(at)
    if (!Number.isNaN(createdAt.getTime()) && id !== '') return { createdAt, id }
  } catch {
    // No base64: told below.
  }
  throw new Refusal('request.malformed', 'after: not what an earlier page answered.')
}
