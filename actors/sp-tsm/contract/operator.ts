/** The operator's view of the orders: what waits and for whom, what failed and whose it is. The help desk sees no secret. */
import { type ActorName, actors } from '@mobile-jpki/refusal'
import { endpoint, instant } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'
import { OrderState } from './application.ts'
import { LifeEvent, TaskState } from './life.ts'

const actorNames = Object.keys(actors) as [ActorName, ...ActorName[]]
const Actor = z.enum(actorNames)

/** A refusal as the help desk reads it: whose it is, and what to do. */
export const OrderTrouble = z.object({
  code: z.string(),
  detail: z.string(),
  whose: Actor.optional(),
  whatToDo: z.string(),
})

export const OrderSummary = z.object({
  orderId: z.uuid(),
  state: OrderState,
  carrier: z.string(),
  /** The last four digits of each, enough to ask the person on the telephone; of the address the first letter and the domain. */
  iccid: z.string(),
  msisdn: z.string(),
  mail: z.string(),
  keyGeneration: z.enum(['central', 'on-card']),
  createdAt: instant(),
  codeExpires: instant().optional(),
  isLocked: z.boolean(),
  waitsFor: Actor.optional(),
  /** Why it ended. */
  trouble: OrderTrouble.optional(),
  /** What keeps it back just now; `next` is when SP-TSM tries again by itself. */
  setback: OrderTrouble.extend({ count: z.number().int(), next: instant().optional() }).optional(),
  /** Who has to be told yet that it ended. */
  owed: z.array(z.enum(['jpki-system', 'mno-tsm'])),
  replacedBy: z.uuid().optional(),
})
export type OrderSummary = z.infer<typeof OrderSummary>

const operator = ['operator'] as const
const OrderId = z.object({ orderId: z.uuid() })

export const findOrders = endpoint({
  name: 'findOrders',
  summary: 'Orders by state, by whom they wait for, by whose failure it is, by carrier and by age, oldest first',
  description: '`next` leads to the following page; nothing is counted.',
  method: 'GET',
  path: '/orders',
  callers: operator,
  request: z.object({
    state: OrderState.optional(),
    waitsFor: Actor.optional(),
    whose: Actor.optional(),
    carrier: z.string().min(1).max(32).optional(),
    createdBefore: instant().optional(),
    atMost: z.coerce.number().int().min(1).max(1000).default(100),
    after: z.string().max(200).optional(),
  }),
  reply: z.object({ orders: z.array(OrderSummary), next: z.string().optional() }),
})

export const describeOrder = endpoint({
  name: 'describeOrder',
  summary: 'One order with its history and what became of its mail',
  method: 'GET',
  path: '/orders/:orderId',
  callers: operator,
  refusals: ['reference.not-found'],
  request: OrderId,
  reply: z.object({
    order: OrderSummary,
    history: z.array(
      z.object({
        at: instant(),
        event: z.string(),
        from: OrderState,
        to: OrderState,
        by: Actor,
        trouble: OrderTrouble.optional(),
      }),
    ),
    mails: z.array(
      z.object({
        kind: z.string(),
        writtenAt: instant(),
        sentAt: instant().optional(),
        refusedAt: instant().optional(),
        tries: z.number().int(),
      }),
    ),
  }),
})

export const LifeTaskSummary = z.object({
  taskId: z.uuid(),
  orderId: z.uuid(),
  event: LifeEvent,
  state: TaskState,
  askedAt: instant(),
  waitsFor: Actor.optional(),
  /** What keeps it back just now, after so many tries; `next` is when SP-TSM tries again by itself. */
  setback: OrderTrouble.extend({ count: z.number().int(), next: instant().optional() }).optional(),
})
export type LifeTaskSummary = z.infer<typeof LifeTaskSummary>

export const findLifeTasks = endpoint({
  name: 'findLifeTasks',
  summary: 'What is under way with certificates in use, the oldest first: a PIN reset, a stop, a deletion',
  description:
    'What is over is told by describeLife of its order. `next` leads to the following page; nothing is counted.',
  method: 'GET',
  path: '/life-tasks',
  callers: operator,
  request: z.object({
    state: TaskState.exclude(['done', 'refused', 'overtaken']).optional(),
    event: LifeEvent.optional(),
    atMost: z.coerce.number().int().min(1).max(1000).default(100),
    after: z.string().max(200).optional(),
  }),
  reply: z.object({ tasks: z.array(LifeTaskSummary), next: z.string().optional() }),
})

export const retryOrder = endpoint({
  name: 'retryOrder',
  summary: 'What keeps the order back is tried again at once',
  method: 'POST',
  path: '/orders/:orderId/retries',
  callers: operator,
  refusals: ['conditions.not-satisfied', 'reference.not-found'],
  request: OrderId,
  reply: z.object({ order: OrderSummary }),
})

export const cancelOrder = endpoint({
  name: 'cancelOrder',
  summary: 'The order ends; key and certificate are thrown away, and the carrier clears the SIM',
  description: 'Said again, it is done once. A finished certificate is stopped instead.',
  method: 'POST',
  path: '/orders/:orderId/cancellations',
  callers: operator,
  refusals: ['conditions.not-satisfied', 'reference.not-found'],
  request: OrderId.extend({ reason: z.string().min(1).max(200) }),
  reply: z.object({ order: OrderSummary }),
})

export const reissueCode = endpoint({
  name: 'reissueCode',
  summary: 'A new access code by mail in place of one that is locked, lost or expired; the old one counts for nothing',
  description:
    'Of an order that expired or failed, whose key is gone, the application is taken up again as another order. Nobody here sees the code.',
  method: 'POST',
  path: '/orders/:orderId/codes',
  callers: operator,
  refusals: ['conditions.not-satisfied', 'reference.not-found', 'request.expired'],
  request: OrderId,
  reply: z.object({ order: OrderSummary }),
  status: 202,
})
