/**
 * The TSM proxy agent's wire: GlobalPlatform SERAM (Secure Element Remote Application Management) in the shape of its
 * handshake and polling loop, as JSON over HTTPS. The phone is the client, a TSM the server; the session id was given out of band.
 */
import { endpoint, octets, secret } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'

/** Whoever knows it speaks for the SIM's agent: a bearer, never printed. */
const SessionId = secret(z.uuid())

/** What the agent is to do next. */
export const Order = z.discriminatedUnion('order', [
  /** Send these C-APDUs one after the other on one logical channel; stop behind the first that is not answered by 9000, 61xx, 62xx, 63xx. */
  z.object({
    order: z.literal('run'),
    batch: z.number().int(),
    step: z.enum(['⑮', '⑱']),
    commands: z.array(octets()).min(1),
    /** The name of each command, for whoever watches: under the secure channel the octets no longer tell it. */
    what: z.array(z.string()),
  }),
  /** Ask again after so many milliseconds. */
  z.object({ order: z.literal('wait'), milliseconds: z.number().int().min(0) }),
  /** Report to another TSM first, then come back here with a handshake. */
  z.object({ order: z.literal('visit'), url: z.url(), sessionId: SessionId }),
  /** Done, or given up. */
  z.object({
    order: z.literal('stop'),
    trouble: z.object({ code: z.string(), detail: z.string() }).optional(),
  }),
])
export type Order = z.output<typeof Order>

export const handshake = endpoint({
  name: 'handshake',
  summary:
    'The agent introduces itself after every start and every break: the card was reset, the TSM begins its present stage again',
  method: 'POST',
  path: '/gp/seram/handshake',
  callers: 'public',
  request: z.object({
    sessionId: SessionId,
    secureElements: z.array(z.object({ seType: z.literal('UICC'), seId: z.string().regex(/^\d{18,20}$/) })).min(1),
    versions: z.array(z.literal('2.0')),
  }),
  /** `next` is the first order: where a TSM has one, it need not be asked for. */
  reply: z.object({ version: z.literal('2.0'), seId: z.string(), next: Order.optional() }),
})

export const remoteManagement = endpoint({
  name: 'remoteManagement',
  summary: 'The loop: the answers to the last batch, and in return the next order',
  description:
    'A repeated report of a batch gets the same order again. Refused with `conditions.not-satisfied` while no conversation is under way (the TSM was restarted, or the agent was silent for long): a handshake begins it again.',
  method: 'POST',
  path: '/gp/seram/remoteManagement',
  callers: 'public',
  request: z.object({
    sessionId: SessionId,
    report: z
      .object({ batch: z.number().int(), responses: z.array(octets({ min: 2 })), cardAbsent: z.boolean().optional() })
      .optional(),
  }),
  reply: z.object({ next: Order }),
})
