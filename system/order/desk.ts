/** The help desk of SP-TSM, as ./jpki order … speaks to it, and what it prints. */
import type { OrderSummary } from '@mobile-jpki/sp-tsm/contract'
import { say, sayJson, timeOf } from '../ca/print.ts'
import type { Desk } from '../ca/reach.ts'
import { columns } from '../width.ts'

export const helpDesk: Desk = { actor: 'sp-tsm', at: (places) => places.spTsm }

/** What is in the way, in one line: whose it is, and which refusal. */
const hindranceOf = ({ trouble, setback, isLocked }: OrderSummary): string => {
  const what = trouble ?? setback
  if (what !== undefined)
    return `${what.whose ?? '?'}: ${what.code}${setback === undefined ? '' : ` (${setback.count}×)`}`
  return isLocked ? 'user: code.locked' : ''
}

export const orderTable = (orders: readonly OrderSummary[]): readonly string[] =>
  columns([
    ['ORDER', 'STATE', 'CARRIER', 'SINCE', 'WAITS FOR', 'WHOSE: WHAT'],
    ...orders.map((order) => [
      order.orderId,
      order.state,
      order.carrier,
      timeOf(order.createdAt),
      order.waitsFor ?? '',
      hindranceOf(order),
    ]),
  ])

export function orderLines(order: OrderSummary): readonly string[] {
  const { trouble, setback } = order
  return columns([
    ['order', order.orderId],
    ['state', order.state],
    ['since', timeOf(order.createdAt)],
    ['SIM', `${order.iccid} of ${order.carrier}, line ${order.msisdn}`],
    ['mail', order.mail],
    ['key made', order.keyGeneration],
    ...(order.codeExpires === undefined || order.state === 'active'
      ? []
      : [['code until', `${timeOf(order.codeExpires)}${order.isLocked ? ', locked' : ''}`]]),
    ...(order.waitsFor === undefined ? [] : [['waits for', order.waitsFor]]),
    ...(order.owed.length === 0 ? [] : [['owed word', order.owed.join(', ')]]),
    ...(order.replacedBy === undefined ? [] : [['replaced by', order.replacedBy]]),
    ...(trouble === undefined ? [] : told('ended by', trouble)),
    ...(setback === undefined ? [] : told(`set back ${setback.count}×`, setback)),
    ...(setback?.next === undefined ? [] : [['tried again', timeOf(setback.next)]]),
  ])
}

const told = (
  name: string,
  { code, detail, whose, whatToDo }: NonNullable<OrderSummary['trouble']>,
): readonly (readonly string[])[] => [
  [name, `${code}: ${detail}`],
  ['whose', whose ?? 'not known'],
  ['what to do', whatToDo],
]

/** What became of an order that was acted on. */
export function tell(order: OrderSummary, json: boolean): void {
  if (json) sayJson({ order })
  else say(orderLines(order))
}
