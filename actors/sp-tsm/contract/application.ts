/** ② to ⑤: the signed form, the states of an order, and how an application stands. */
import { endpoint, octets, secret } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'

/** The signed form of ②, the content of the CMS SignedData (docs/protocols/application.md). */
export const ApplicationForm = z.strictObject({
  type: z.literal('mobile-jpki/application'),
  version: z.literal(1),
  id: z.uuid(),
  madeAt: z.iso.datetime(),
  carrier: z.string().min(1).max(32),
  msisdn: z.string().regex(/^0\d{9,10}$/),
  iccid: z.string().regex(/^\d{18,20}$/),
  device: z.object({
    model: z.string().min(1).max(64),
    os: z.string().min(1).max(64),
    /** The app's key on that phone, a P-256 point in base64; absent where the application is made elsewhere, at a PC. */
    key: z.base64().length(88).optional(),
  }),
  mail: z.email().max(254),
  /** Of the mail; Japanese if not said. */
  language: z.enum(['ja', 'en']).optional(),
  keyGeneration: z.enum(['central', 'on-card']),
  /** An earlier order of the same person: its certificate gives way when this one's is good (docs/protocols/life-events.md). */
  replaces: z.uuid().optional(),
  consent: z.object({ terms: z.literal(true), termsVersion: z.string() }),
})
export type ApplicationForm = z.infer<typeof ApplicationForm>

/** Order life cycle: docs/life-cycles.md. */
export const orderStates = [
  'applied',
  'verified',
  'certified',
  'codeSent',
  'authenticated',
  'domainReady',
  'appletInstalled',
  'delivered',
  'active',
  'refused',
  'expired',
  'cancelled',
  'failed',
] as const
export const OrderState = z.enum(orderStates)
export type OrderState = z.infer<typeof OrderState>

/** Too short a one is weak when it is chosen, and wrong when it is asked for. */
export const Password = secret(z.string().max(128))

export const applyForDownload = endpoint({
  name: 'applyForDownload',
  summary: '② to ⑤: the form as CMS SignedData in DER, and beside it the password that ⑬ will ask for',
  description:
    'The access code follows by mail. Without a password, that of the order which is to give way goes on: the form names it in `replaces`.',
  method: 'POST',
  path: '/applications',
  step: '②',
  replyStep: '⑤',
  from: 'user',
  callers: 'public',
  request: z.object({ application: octets({ max: 32_768 }), password: Password.optional() }),
  reply: z.object({ orderId: z.uuid(), state: OrderState }),
  status: 202,
})

/** What stands in an order's way, and whose it is. */
export const Trouble = z.object({ code: z.string(), detail: z.string(), whose: z.string().optional() })

export const getApplication = endpoint({
  name: 'getApplication',
  summary: 'How an application stands',
  method: 'GET',
  path: '/applications/:orderId',
  callers: 'public',
  request: z.object({ orderId: z.uuid() }),
  reply: z.object({ orderId: z.uuid(), state: OrderState, trouble: Trouble.optional() }),
})
