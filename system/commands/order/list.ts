/** ./jpki order list: what waits, what failed, and whose it is. */
import { type ActorName, actors } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service/call'
import { findOrders, type OrderSummary, orderStates } from '@mobile-jpki/sp-tsm/contract'
import { z } from 'zod'
import { say, sayJson } from '../../ca/print.ts'
import { asOperator, reachOptions } from '../../ca/reach.ts'
import { command, value } from '../../command.ts'
import { helpDesk, orderTable } from '../../order/desk.ts'

const names = Object.keys(actors) as [ActorName, ...ActorName[]]
const actor = z.enum(names, { error: `write one of ${names.join(', ')}` }).optional()
const hours = { h: 3_600_000, d: 86_400_000 } as const
const age = z
  .string()
  .regex(/^\d{1,4}[hd]$/, 'write hours or days, as 36h or 14d')
  .transform((text) => Number.parseInt(text, 10) * hours[text.at(-1) as 'h' | 'd'])
  .optional()

export default command({
  summary: "list SP-TSM's orders by state, by whom they wait for, by whose failure it is, by carrier and age",
  description: 'Oldest first.',
  options: {
    state: value(
      'STATE',
      orderStates.join(', '),
      z.enum(orderStates, { error: `write one of ${orderStates.join(', ')}` }).optional(),
    ),
    'waits-for': value('ACTOR', 'whose turn it is', actor),
    whose: value('ACTOR', 'who is responsible for what failed', actor),
    carrier: value('NAME', 'as the application names it', z.string().min(1).max(32).optional()),
    older: value('AGE', 'than so many hours or days: 36h, 14d', age),
    limit: value('N', 'at most so many', z.coerce.number().int().min(1).max(100_000).default(50)),
    ...reachOptions,
  },
  run: async ({ state, 'waits-for': waitsFor, whose, carrier, older, limit, json, ...reach }) => {
    const sought = {
      ...(state !== undefined && { state }),
      ...(waitsFor !== undefined && { waitsFor }),
      ...(whose !== undefined && { whose }),
      ...(carrier !== undefined && { carrier }),
      ...(older !== undefined && { createdBefore: new Date(Date.now() - older) }),
    }
    const orders: OrderSummary[] = []
    let after: string | undefined
    const fetchAll = async (peer: Parameters<typeof call>[0]) => {
      do {
        const atMost = Math.min(limit - orders.length, 1000)
        const page = await call(peer, findOrders, { ...sought, atMost, ...(after !== undefined && { after }) })
        orders.push(...page.orders)
        after = page.next
      } while (after !== undefined && orders.length < limit)
    }
    await asOperator(reach, fetchAll, helpDesk)
    if (json) sayJson({ orders, more: after !== undefined })
    else if (orders.length === 0) say(['No order is like that.'])
    else say([...orderTable(orders), ...(after === undefined ? [] : ['', 'There may be more: --limit shows them.'])])
    return 0
  },
})
