/** What happens to a certificate after the download: signed requests, stops, visits of the agent. docs/protocols/life-events.md. */
import { endpoint, instant, octets, secret } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'
import { Password, Trouble } from './application.ts'
import { DeviceProof } from './device.ts'

const Iccid = z.string().regex(/^\d{18,20}$/)
const Msisdn = z.string().regex(/^0\d{9,10}$/)
const OrderId = z.uuid()

const common = {
  version: z.literal(1),
  id: z.uuid(),
  madeAt: z.iso.datetime(),
  /** The order of the certificate that is meant; the signer's present one, where it is not said. */
  orderId: OrderId.optional(),
} as const

/** The content of a signed request: CMS SignedData as in ②, by the My Number card's sign key. */
export const LifeRequest = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('mobile-jpki/pin-reset'), ...common, iccid: Iccid }),
  z.strictObject({ type: z.literal('mobile-jpki/resume'), ...common, iccid: Iccid }),
  z.strictObject({ type: z.literal('mobile-jpki/give-up'), ...common }),
  z.strictObject({ type: z.literal('mobile-jpki/dispose'), ...common }),
  z.strictObject({
    type: z.literal('mobile-jpki/rebind'),
    ...common,
    iccid: Iccid,
    device: z.object({
      model: z.string().min(1).max(64),
      os: z.string().min(1).max(64),
      /** Public key of the app in that phone: a P-256 point, base64. */
      key: z.base64().length(88),
    }),
  }),
])
export type LifeRequest = z.infer<typeof LifeRequest>

/** What may happen to an order that is active. Signed requests ask for the first five of them. */
export const lifeEvents = [
  'pinReset',
  'resume',
  'giveUp',
  'dispose',
  'rebind',
  'stop',
  'replaced',
  'cardStopped',
  'cardEnded',
  'lineSuspended',
  'lineResumed',
  'lineEnded',
  'numberChanged',
  'simRenewed',
  'simLost',
  'simFound',
  'simDisposed',
  'deviceChanged',
] as const
export const LifeEvent = z.enum(lifeEvents)
export type LifeEvent = z.infer<typeof LifeEvent>

/** Life cycle of a task: docs/life-cycles.md. */
export const taskStates = ['asked', 'atJpki', 'atSim', 'atCarrier', 'done', 'refused', 'overtaken'] as const
export const TaskState = z.enum(taskStates)
export type TaskState = z.infer<typeof TaskState>

/** Life cycle of what was downloaded: docs/life-cycles.md. */
export const lifeStates = ['inUse', 'stopped', 'ended'] as const
export const LifeState = z.enum(lifeStates)
export type LifeState = z.infer<typeof LifeState>

const Bearer = z.enum(['agent', 'scp80', 'scp81'])
const Task = z.object({ taskId: z.uuid(), orderId: OrderId, event: LifeEvent, state: TaskState })

export const askForLifeEvent = endpoint({
  name: 'askForLifeEvent',
  summary: 'A signed request about a certificate in use: PIN reset, resume, give up, dispose, bind to another phone',
  description:
    'CMS SignedData in DER. With `session` the phone’s agent visits, because something is to be done in the SIM.',
  method: 'POST',
  path: '/life-events',
  callers: 'public',
  request: z.object({ request: octets({ max: 32_768 }) }),
  reply: Task.extend({ session: secret(z.uuid()).optional() }),
  status: 202,
})

export const getLifeEvent = endpoint({
  name: 'getLifeEvent',
  summary: 'How far it is',
  description: '`pinWanted` as in getDownload.',
  method: 'POST',
  path: '/life-events/progress',
  callers: 'public',
  request: z.object({ session: secret(z.uuid()) }),
  reply: Task.extend({
    /** Who brings it into the SIM: the phone’s agent, or SP-TSM by itself. */
    bearer: Bearer,
    pinWanted: z.object({ attestation: octets(), instanceAid: octets() }).optional(),
    /** The SIM's proof of deletion: an attestation over the order's id, which the app verifies for itself. */
    proof: octets().optional(),
    trouble: Trouble.optional(),
  }),
})

export const giveNewPinEnvelope = endpoint({
  name: 'giveNewPinEnvelope',
  summary: 'The new PIN, sealed by the app for the applet (DGI ’0E30’)',
  method: 'POST',
  path: '/life-events/pin-envelope',
  callers: 'public',
  request: z.object({ session: secret(z.uuid()), envelope: octets({ max: 256 }) }),
  reply: z.object({}),
})

export const visitForSim = endpoint({
  name: 'visitForSim',
  summary: 'A phone asks whether anything waits for the SIM that is in it',
  description:
    'The session opens commands that only that SIM can read and answer: whoever names an ICCID that is not in the phone gains nothing.',
  method: 'POST',
  path: '/life-events/visits',
  callers: 'public',
  request: z.object({ iccid: Iccid }),
  reply: z.object({ session: secret(z.uuid()).optional() }),
})

export const stopPhone = endpoint({
  name: 'stopPhone',
  summary: 'The phone is lost: the certificate goes on hold at once',
  description: 'From any browser, with the number of the line and the password of the application.',
  method: 'POST',
  path: '/stops',
  callers: 'public',
  refusals: ['password.wrong', 'code.locked', 'certificate.revoked'],
  request: z.object({ msisdn: Msisdn, password: Password }),
  reply: Task,
  status: 202,
})

export const describeLife = endpoint({
  name: 'describeLife',
  summary: 'How the certificate of an order stands, and what happened to it',
  method: 'GET',
  path: '/orders/:orderId/life',
  callers: 'public',
  request: z.object({ orderId: OrderId }),
  reply: z.object({
    orderId: OrderId,
    state: LifeState,
    serialNumber: z.string(),
    notAfter: instant(),
    iccid: Iccid,
    /** False while the phone is another than the one that the person named last. */
    bound: z.boolean(),
    /** The events that keep it stopped, or the one that ended it. */
    because: z.array(z.union([LifeEvent, z.literal('expired')])),
    tasks: z.array(Task.extend({ askedAt: instant(), trouble: Trouble.optional() })),
  }),
})

export const checkBinding = endpoint({
  name: 'checkBinding',
  summary: 'At next use: is the SIM still in the phone that the person named?',
  description:
    'The app’s key signs for the purpose `use`. A phone that is not the bound one is bound by a signed request.',
  method: 'POST',
  path: '/bindings',
  callers: 'public',
  refusals: ['device.not-the-bound-one', 'reference.not-found', 'request.expired', 'request.replayed'],
  request: z.object({ iccid: Iccid, device: DeviceProof }),
  reply: z.object({ orderId: OrderId }),
})

export const recordLifeEvent = endpoint({
  name: 'recordLifeEvent',
  summary: 'The help desk stops a phone, or ends its certificate, for a person that it knows',
  method: 'POST',
  path: '/orders/:orderId/life-events',
  callers: ['operator'],
  refusals: ['reference.not-found', 'certificate.revoked', 'conditions.not-satisfied'],
  request: z.object({ orderId: OrderId, event: z.enum(['stop', 'giveUp', 'dispose']) }),
  reply: Task,
  status: 202,
})
