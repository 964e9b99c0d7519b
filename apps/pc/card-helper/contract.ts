/**
 * What the card helper does for one site: it has the person sign one of three forms with the card in the PC's reader. docs/protocols/application-from-a-pc.md.
 * The site asks and gets the signature; whatever the person sees, types and decides passes between the helper and its own page.
 */
import { endpoint, instant, octets, secret } from '@mobile-jpki/service/endpoint'
import { ApplicationForm, CancellationForm, LifeRequest } from '@mobile-jpki/sp-tsm/contract'
import { z } from 'zod'

const { device } = ApplicationForm.shape
/** The phone is lost for good. */
const [, , GiveUpForm] = LifeRequest.options

/** Nothing else is ever signed. When it was made, the helper writes itself. */
export const Signable = z.discriminatedUnion('type', [
  ApplicationForm.omit({ madeAt: true }).extend({
    device: z.strictObject(device.pick({ model: true, os: true }).shape),
  }),
  CancellationForm.omit({ madeAt: true }),
  GiveUpForm.omit({ madeAt: true }),
])
export type Signable = z.output<typeof Signable>

/** Life cycle of a request: docs/life-cycles.md. */
export const requestStates = ['open', 'signing', 'signed', 'declined'] as const
export const RequestState = z.enum(requestStates)
export type RequestState = z.infer<typeof RequestState>

const requestId = z.uuid()

export const describeHelper = endpoint({
  name: 'describeHelper',
  summary: 'Is the helper there?',
  method: 'GET',
  path: '/helper',
  callers: 'public',
  request: z.object({}),
  reply: z.object({ helper: z.literal('mobile-jpki/card-helper'), version: z.literal(1) }),
})

export const askForSignature = endpoint({
  name: 'askForSignature',
  summary: 'The site asks for a signature on a form',
  description: 'The person looks at it, and agrees or not, on the page of the helper that `consent` names.',
  method: 'POST',
  path: '/requests',
  callers: 'public',
  refusals: ['rate.exceeded'],
  request: z.object({ form: Signable }),
  reply: z.object({ requestId, consent: z.string() }),
  status: 201,
})

export const getSignature = endpoint({
  name: 'getSignature',
  summary: 'What became of it',
  description: '`signed` is CMS SignedData in DER. A request is forgotten after ten minutes.',
  method: 'GET',
  path: '/requests/:requestId',
  callers: 'public',
  refusals: ['reference.not-found'],
  request: z.object({ requestId }),
  reply: z.object({ state: RequestState, signed: octets().optional() }),
})

export const describeRequest = endpoint({
  name: 'describeRequest',
  summary: 'What the person is to agree to: for the helper’s own page',
  method: 'GET',
  path: '/requests/:requestId/consent',
  callers: 'public',
  refusals: ['reference.not-found'],
  request: z.object({ requestId }),
  reply: z.object({ site: z.url(), form: Signable, state: RequestState, expires: instant() }),
})

export const describeReaders = endpoint({
  name: 'describeReaders',
  summary: 'The card readers, and what is in them: for the helper’s own page',
  method: 'GET',
  path: '/readers',
  callers: 'public',
  refusals: ['reader.service-absent'],
  request: z.object({}),
  reply: z.object({
    readers: z.array(z.object({ name: z.string(), state: z.enum(['empty', 'card', 'mute']) })),
  }),
})

export const giveSignature = endpoint({
  name: 'giveSignature',
  summary: 'The person agrees, and the card in that reader signs: for the helper’s own page',
  method: 'POST',
  path: '/requests/:requestId/signature',
  callers: 'public',
  refusals: [
    'card.absent',
    'card.wrong-kind',
    'conditions.not-satisfied',
    'pin.blocked',
    'pin.malformed',
    'pin.wrong',
    'reader.absent',
    'reader.busy',
    'reader.service-absent',
    'reference.not-found',
  ],
  request: z.object({ requestId, reader: z.string().min(1).max(128), signPassword: secret(z.string().max(64)) }),
  reply: z.object({}),
})

export const declineSignature = endpoint({
  name: 'declineSignature',
  summary: 'The person does not agree: for the helper’s own page',
  method: 'POST',
  path: '/requests/:requestId/refusal',
  callers: 'public',
  refusals: ['conditions.not-satisfied', 'reference.not-found'],
  request: z.object({ requestId }),
  reply: z.object({}),
})
