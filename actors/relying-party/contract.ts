/** What a relying party (サービス提供者) asks of the person's app when it wants a login, or an agreement, over the net. */
import { isShownLine, isShownText, loginPurposes } from '@mobile-jpki/jpki'
import { endpoint, octets, secret } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'

const LoginId = z.uuid()

/** Two digits, on the page of the site; the person chooses the same in the app. */
const MatchingNumber = z.string().regex(/^[0-9]{2}$/)

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
    /** Where the app is opened with this login, as a link and as a QR code: on a phone an app link, here the phone's screen. */
    appLink: z.url(),
    /** Shown on the page. The app shows it among others, and the person chooses it there: whoever was sent somebody else's link does not know it. */
    number: MatchingNumber,
    expiresAt: z.iso.datetime(),
  }),
  status: 201,
})

export const getLogin = endpoint({
  name: 'getLogin',
  summary: 'From the app: who asks for what, and the nonce to sign (standards/jpki `loginToSign`)',
  method: 'GET',
  path: '/logins/:loginId',
  callers: 'public',
  refusals: ['login.expired', 'reference.not-found', 'request.replayed'],
  request: z.object({ loginId: LoginId }),
  reply: z.object({
    origin: z.url(),
    /** Of the site. */
    name: z.string().max(100).refine(isShownLine),
    nonce: octets({ min: 32, max: 32 }),
    purpose: z.enum(loginPurposes),
    /** For whom the site asks, when it is not for itself: the service behind an OpenID provider. */
    requester: z.string().max(100).refine(isShownLine).optional(),
    /** What the person agrees to, when the purpose is `confirm`; shown as it is, line by line. */
    text: z.string().max(1000).refine(isShownText).optional(),
    /** One of these stands on the page of the site; which one is not said. */
    numbers: z.array(MatchingNumber).length(3),
    expiresAt: z.iso.datetime(),
  }),
})

export const answerLogin = endpoint({
  name: 'answerLogin',
  summary: 'From the app: certificate, signature, and the number that the person chose',
  method: 'POST',
  path: '/logins/:loginId/answer',
  callers: 'public',
  refusals: [
    'certificate.expired',
    'certificate.on-hold',
    'certificate.revoked',
    'certificate.status-stale',
    'certificate.status-unknown',
    'certificate.untrusted',
    'certificate.wrong-policy',
    'login.expired',
    'login.signature-invalid',
    'login.wrong-number',
    'peer.unreachable',
    'reference.not-found',
    'request.replayed',
  ],
  request: z.object({ loginId: LoginId, number: MatchingNumber, certificate: octets(), signature: octets() }),
  reply: z.object({ serialNumber: z.string() }),
})

export const getOutcome = endpoint({
  name: 'getOutcome',
  summary: 'From the page in the browser, which asks again until it is decided',
  method: 'POST',
  path: '/logins/:loginId/outcome',
  callers: 'public',
  refusals: ['reference.not-found'],
  request: z.object({ loginId: LoginId, ticket: secret(z.uuid()) }),
  reply: z.object({
    state: z.enum(['waiting', 'accepted', 'refused', 'expired']),
    serialNumber: z.string().optional(),
    refusal: z.object({ code: z.string(), detail: z.string() }).optional(),
  }),
})
