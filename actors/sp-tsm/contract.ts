/** What SP-TSM (利用者証明機能ダウンロード管理) promises the person's app. Its agent side is GlobalPlatform SERAM (foundation/seram). */
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
  device: z.object({ model: z.string().min(1).max(64), os: z.string().min(1).max(64) }),
  mail: z.email().max(254),
  keyGeneration: z.enum(['central', 'on-card']),
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
  description: 'The access code follows by mail.',
  method: 'POST',
  path: '/applications',
  step: '②',
  replyStep: '⑤',
  from: 'user',
  callers: 'public',
  request: z.object({ application: octets({ max: 32_768 }), password: Password }),
  reply: z.object({ orderId: z.uuid(), state: OrderState }),
  status: 202,
})

const Trouble = z.object({ code: z.string(), detail: z.string(), whose: z.string().optional() })

export const getApplication = endpoint({
  name: 'getApplication',
  summary: 'How an application stands',
  method: 'GET',
  path: '/applications/:orderId',
  callers: 'public',
  request: z.object({ orderId: z.uuid() }),
  reply: z.object({ orderId: z.uuid(), state: OrderState, trouble: Trouble.optional() }),
})

export const authenticate = endpoint({
  name: 'authenticate',
  summary: '⑬: access code and password, both needed; the SIM in the phone must be the one that the application named',
  method: 'POST',
  path: '/downloads',
  step: '⑬',
  callers: 'public',
  request: z.object({
    accessCode: secret(z.string().max(40)),
    password: Password,
    iccid: z.string().regex(/^\d{18,20}$/),
  }),
  reply: z.object({
    orderId: z.uuid(),
    /** Bearer of this download, kept by the app; the agent reports under it as its SERAM session. */
    session: secret(z.uuid()),
  }),
  status: 201,
})

export const getDownload = endpoint({
  name: 'getDownload',
  summary: 'How far the download is',
  description:
    '`pinWanted` holds the applet’s attested envelope key (DGI ’0E02’) while the app’s PIN envelope is awaited.',
  method: 'POST',
  path: '/downloads/progress',
  callers: 'public',
  request: z.object({ session: secret(z.uuid()) }),
  reply: z.object({
    orderId: z.uuid(),
    state: OrderState,
    pinWanted: z.object({ attestation: octets(), instanceAid: octets() }).optional(),
    trouble: Trouble.optional(),
  }),
})

export const givePinEnvelope = endpoint({
  name: 'givePinEnvelope',
  summary: '⑱: the PIN, sealed by the app for the applet (envelope of purpose `pin`)',
  method: 'POST',
  path: '/downloads/pin-envelope',
  step: '⑱',
  callers: 'public',
  request: z.object({ session: secret(z.uuid()), envelope: octets({ max: 256 }) }),
  reply: z.object({}),
})
