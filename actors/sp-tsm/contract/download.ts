/** ⑬ and what follows it: the download as the person's app sees it. */
import { endpoint, octets, secret } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'
import { OrderState, Password, Trouble } from './application.ts'
import { DeviceProof } from './device.ts'

/** How the SIM is reached: by the phone's agent, which the app has to start, or over the air without it. */
const Bearer = z.enum(['agent', 'scp80', 'scp81'])

export const authenticate = endpoint({
  name: 'authenticate',
  summary: '⑬: access code and password, both needed; SIM and phone must be those that the application named',
  description: 'An application without a phone’s key is bound to the first phone that comes with all the rest.',
  method: 'POST',
  path: '/downloads',
  step: '⑬',
  callers: 'public',
  request: z.object({
    accessCode: secret(z.string().max(40)),
    password: Password,
    iccid: z.string().regex(/^\d{18,20}$/),
    device: DeviceProof,
  }),
  reply: z.object({
    orderId: z.uuid(),
    /** Bearer of this download, kept by the app; the agent reports under it as its SERAM session. */
    session: secret(z.uuid()),
    bearer: Bearer,
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
    bearer: Bearer,
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
