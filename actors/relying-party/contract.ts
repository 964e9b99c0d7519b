/** What a relying party (サービス提供者) asks of the person's app when it wants a login over the net. */
import { endpoint, octets, secret } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'

const LoginId = z.uuid()

export const beginLogin = endpoint({
  name: 'beginLogin',
  summary:
    'From the page in the browser: a login is wanted; `ticket` stays in that page, and only it may ask how the login ended',
  method: 'POST',
  path: '/logins',
  callers: 'public',
  request: z.object({}),
  reply: z.object({
    loginId: LoginId,
    ticket: secret(z.uuid()),
    /** Where the app is opened with this login: on a phone an app link, here the phone's screen. */
    appLink: z.url(),
    expiresAt: z.iso.datetime(),
  }),
  status: 201,
})

export const getLogin = endpoint({
  name: 'getLogin',
  summary: 'From the app: who asks, and the nonce to sign (standards/jpki `loginToSign`)',
  method: 'GET',
  path: '/logins/:loginId',
  callers: 'public',
  request: z.object({ loginId: LoginId }),
  reply: z.object({ origin: z.url(), name: z.string(), nonce: octets(), expiresAt: z.iso.datetime() }),
})

export const answerLogin = endpoint({
  name: 'answerLogin',
  summary: 'From the app: certificate and signature',
  method: 'POST',
  path: '/logins/:loginId/answer',
  callers: 'public',
  request: z.object({ loginId: LoginId, certificate: octets(), signature: octets() }),
  reply: z.object({ serialNumber: z.string() }),
})

export const getOutcome = endpoint({
  name: 'getOutcome',
  summary: 'From the page in the browser, which asks again until it is decided',
  method: 'POST',
  path: '/logins/:loginId/outcome',
  callers: 'public',
  request: z.object({ loginId: LoginId, ticket: secret(z.uuid()) }),
  reply: z.object({
    state: z.enum(['waiting', 'accepted', 'refused', 'expired']),
    serialNumber: z.string().optional(),
    refusal: z.object({ code: z.string(), detail: z.string() }).optional(),
  }),
})
