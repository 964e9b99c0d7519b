/** What the JPKI system promises its operator (運用者): to look into the register, to issue from requests, to publish, to say how it is. */
import { endpoint, instant, octets } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'
import { FourItems, Municipality, OrderId, RevocationReason, SerialNumber } from '../names.ts'

const Authority = z.enum(['sign', 'auth'])
const Kind = z.enum(['sign', 'auth', 'phoneAuth'])
const State = z.enum(['reserved', 'pending', 'valid', 'held', 'revoked', 'expired'])
const Place = z.string().regex(/^(?:sign|auth)\/(?!00)(?:[0-9a-f]{2}){1,20}$/)

/** A certificate in the register. What it states of its holder is in the certificate alone. */
export const CertificateSummary = z.object({
  authority: Authority,
  serialNumber: SerialNumber,
  generation: z.int(),
  kind: Kind,
  state: State,
  /** Code of the municipality at issuance: the part of the revocation list. */
  partition: z.string().optional(),
  person: z.string(),
  keyIdentifier: z.string(),
  notBefore: instant(),
  notAfter: instant(),
  revocation: z.object({ at: instant(), reason: RevocationReason }).optional(),
  successor: SerialNumber.optional(),
})
export type CertificateSummary = z.output<typeof CertificateSummary>

const example = {
  authority: 'auth',
  serialNumber: '53c1f2a90b77de04',
  generation: 1,
  kind: 'auth',
  state: 'valid',
  partition: '13221',
  person: '0b6f8c1e5d2a47f39c80aa11bb22cc33',
  keyIdentifier: '8d1f4b0c6e2a9735d04c11aa22bb33cc44dd55ee',
  notBefore: '2026-04-01T03:00:00.000Z',
  notAfter: '2031-02-17T14:59:59.000Z',
} as const

export const findCertificates = endpoint({
  name: 'findCertificates',
  summary: 'Certificates by serial number, key, person, order or state, page by page',
  description:
    'Pages follow the key of the register: `next` of one is `after` of the following. A search by state or kind alone reads a bounded number of certificates for a page, so that a page may be short, or empty, while there is a `next`.',
  method: 'GET',
  path: '/certificates',
  callers: ['operator'],
  request: z.object({
    authority: Authority.optional(),
    serialNumber: SerialNumber.optional(),
    /** subjectKeyIdentifier, SHA-1 of the public key. */
    keyIdentifier: z
      .string()
      .regex(/^[0-9a-f]{40}$/)
      .optional(),
    person: z
      .string()
      .regex(/^[0-9a-f]{32}$/)
      .optional(),
    order: OrderId.optional(),
    state: State.optional(),
    kind: Kind.optional(),
    after: Place.optional(),
    atMost: z.coerce.number().int().min(1).max(1000).default(100),
  }),
  reply: z.object({ certificates: z.array(CertificateSummary), next: Place.optional() }),
  example: {
    request: { state: 'valid', kind: 'auth' },
    reply: { certificates: [example], next: 'auth/53c1f2a90b77de04' },
  },
})

export const describeCertificate = endpoint({
  name: 'describeCertificate',
  summary: 'One certificate in full: its octets, what is linked with it, its order, and what the journal says of it',
  method: 'GET',
  path: '/certificates/:authority/:serialNumber',
  callers: ['operator'],
  refusals: ['reference.not-found'],
  request: z.object({ authority: Authority, serialNumber: SerialNumber }),
  reply: z.object({
    certificate: CertificateSummary,
    der: octets(),
    /** All that the same person has or had, the youngest first. */
    linked: z.array(CertificateSummary),
    order: z
      .object({
        orderId: OrderId,
        iccid: z.string(),
        provenAt: instant().optional(),
        endedAt: instant().optional(),
      })
      .optional(),
    /** Lists that do not say the revocation yet. */
    history: z.array(
      z.object({
        at: instant(),
        actor: z.string(),
        request: z.string().optional(),
        act: z.string(),
        detail: z.string(),
      }),
    ),
  }),
})

/** A PKCS #10 request in DER, RFC 2986. */
const request = octets({ max: 16_384 })

const CardCertificates = z.object({
  signCertificate: octets().optional(),
  signCaCertificate: octets().optional(),
  authCertificate: octets(),
  authCaCertificate: octets(),
})

export const issueCertificates = endpoint({
  name: 'issueCertificates',
  summary: 'Certifies the keys of PKCS #10 requests for a person who is enrolled',
  description:
    'A request must be signed by its own key. Its subject and its wishes for extensions are not followed: the profile and the register say what stands in a certificate. A sign key alone renews the sign certificate. An auth key renews the card: what was in it is superseded, and the phone’s certificate with it.',
  method: 'POST',
  path: '/certificates',
  callers: ['operator'],
  idempotencyKey: true,
  refusals: [
    'certificate.expired',
    'certificate.on-hold',
    'certificate.revoked',
    'conditions.not-satisfied',
    'not-supported',
    'possession.invalid',
    'reference.not-found',
  ],
  request: z.object({
    /** Serial number of the auth certificate in the person's card. */
    card: SerialNumber,
    signRequest: request.optional(),
    authRequest: request.optional(),
    /** Those that the person's last sign certificate states if not said. */
    fourItems: FourItems.optional(),
  }),
  reply: CardCertificates,
  status: 201,
})

export const enrolByRequests = endpoint({
  name: 'enrolByRequests',
  summary: 'Enrols a person from the PKCS #10 requests of two keys; under 15 years from that of the auth key alone',
  method: 'POST',
  path: '/enrolments',
  callers: ['operator'],
  idempotencyKey: true,
  refusals: [
    'certificate.expired',
    'conditions.not-satisfied',
    'not-supported',
    'possession.invalid',
    'reference.not-found',
  ],
  request: z.object({
    fourItems: FourItems,
    municipality: Municipality,
    cardExpires: z.iso.date(),
    /** Serial number of the auth certificate that is replaced. */
    renews: SerialNumber.optional(),
    signRequest: request.optional(),
    authRequest: request,
  }),
  reply: CardCertificates,
  status: 201,
})

export const publishLists = endpoint({
  name: 'publishLists',
  summary: 'Publishes revocation lists: those that do not say yet what they should, or one anew',
  description: 'Without `authority` those that are due; with it another list of that CA, or of one municipality of it.',
  method: 'POST',
  path: '/lists',
  callers: ['operator'],
  refusals: ['reference.not-found', 'store.busy'],
  request: z.object({
    authority: Authority.optional(),
    /** The one that issues now if not said. */
    generation: z.int().min(1).optional(),
    partition: z
      .string()
      .regex(/^\d{5}$/)
      .optional(),
  }),
  reply: z.object({
    lists: z.array(
      z.object({
        authority: Authority,
        generation: z.int(),
        partition: z.string().optional(),
        number: z.int(),
        thisUpdate: instant(),
        url: z.url(),
      }),
    ),
  }),
})

const Check = z.object({ name: z.string(), isWell: z.boolean(), says: z.string() })

export const describeHealth = endpoint({
  name: 'describeHealth',
  summary: 'How the system is: database, CA keys, revocation lists, OCSP answers, journal',
  method: 'GET',
  path: '/health',
  callers: ['operator'],
  request: z.object({}),
  reply: z.object({ isWell: z.boolean(), checks: z.array(Check) }),
})
