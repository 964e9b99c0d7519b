/** What the JPKI system promises its peers: sign-certificate services by OCSP and CRL (RFC 6960, RFC 5280), phone certificates by these endpoints. */
import { endpoint, instant, octets } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'
import { FourItems, Municipality, RevocationReason, SerialNumber } from './names.ts'

export * from './names.ts'
export * from './operator/contract.ts'
export * from './phone-keys/contract.ts'
export * from './phone-life/contract.ts'
export * from './terminals/contract.ts'

export const revokeCertificate = endpoint({
  name: 'revokeCertificate',
  summary: 'One certificate goes, and with a card’s auth certificate the phone’s',
  description: '`certificateHold` stops it at once and is never released.',
  method: 'POST',
  path: '/revocations',
  callers: ['sp-tsm', 'municipality', 'operator'],
  idempotencyKey: true,
  refusals: [
    'certificate.already-revoked',
    'certificate.expired',
    'certificate.on-hold',
    'conditions.not-satisfied',
    'reference.not-found',
  ],
  request: z.object({ authority: z.enum(['sign', 'auth']), serialNumber: SerialNumber, reason: RevocationReason }),
  reply: z.object({ serialNumber: SerialNumber, revokedAt: z.iso.datetime() }),
  status: 201,
  example: {
    request: { authority: 'auth', serialNumber: '53c1f2a90b77de04', reason: 'keyCompromise' },
    reply: { serialNumber: '53c1f2a90b77de04', revokedAt: '2026-04-01T03:00:00.000Z' },
  },
})

/** Of each kind the certificate that nothing came after. */
const Standing = z.object({
  certificates: z.array(
    z.object({
      kind: z.enum(['sign', 'auth', 'phoneAuth']),
      serialNumber: SerialNumber,
      state: z.enum(['reserved', 'pending', 'valid', 'held', 'revoked', 'expired']),
      notAfter: instant(),
      reason: RevocationReason.optional(),
      revokedAt: instant().optional(),
    }),
  ),
})

export const enrolPerson = endpoint({
  name: 'enrolPerson',
  summary: 'The municipal counter (市区町村窓口) enrols a person whose card made its key pairs itself',
  description:
    'A person under 15 has an auth key alone. Asked again with the same keys, it answers the same; with the same auth key and a new sign key it certifies that one.',
  method: 'POST',
  path: '/persons',
  callers: ['municipality'],
  refusals: [
    'certificate.expired',
    'certificate.on-hold',
    'certificate.revoked',
    'conditions.not-satisfied',
    'not-supported',
    'reference.not-found',
  ],
  idempotencyKey: true,
  request: z.object({
    fourItems: FourItems,
    municipality: Municipality,
    cardExpires: z.iso.date(),
    /** Serial number of the auth certificate that the new one replaces (更新, 再交付), in another card or in the same: the person goes on. */
    renews: SerialNumber.optional(),
    signPublicKey: octets().optional(),
    authPublicKey: octets(),
  }),
  reply: z.object({
    signCertificate: octets().optional(),
    authCertificate: octets(),
    signCaCertificate: octets().optional(),
    authCaCertificate: octets(),
  }),
  status: 201,
})

export const changeFourItems = endpoint({
  name: 'changeFourItems',
  summary: '異動: moved house, changed name, or an item was corrected',
  description: '`card` is the serial number of the auth certificate in the person’s card.',
  method: 'POST',
  path: '/persons/:card/items',
  callers: ['municipality'],
  refusals: ['certificate.revoked', 'conditions.not-satisfied', 'not-supported', 'reference.not-found'],
  request: z.object({
    card: SerialNumber,
    fourItems: FourItems,
    municipality: Municipality,
    /** The card made a new sign key at once; else there is no sign certificate until `enrolPerson` asks for one. */
    signPublicKey: octets().optional(),
  }),
  reply: z.object({
    signCertificate: octets().optional(),
    signCaCertificate: octets().optional(),
    ...Standing.shape,
  }),
})

export const reportEvent = endpoint({
  name: 'reportEvent',
  summary: '死亡, 国外転出 of the person; 一時停止, 紛失, 返納 of the card',
  description: 'What becomes of each certificate is in domain/cascade.ts; said again, it is done once.',
  method: 'POST',
  path: '/persons/:card/events',
  callers: ['municipality'],
  refusals: ['reference.not-found'],
  request: z.object({
    card: SerialNumber,
    event: z.enum(['died', 'emigrated', 'cardStopped', 'cardLost', 'cardReturned']),
  }),
  reply: Standing,
})

export const describePerson = endpoint({
  name: 'describePerson',
  summary: 'The certificates of the person in whose card that auth certificate is',
  method: 'GET',
  path: '/persons/:card',
  callers: ['municipality', 'operator'],
  refusals: ['reference.not-found'],
  request: z.object({ card: SerialNumber }),
  reply: Standing,
})

const LinkedCertificates = z.object({ card: SerialNumber.optional(), phone: SerialNumber.optional() })

export const findLinkedCertificates = endpoint({
  name: 'findLinkedCertificates',
  summary:
    '証明書紐付け情報: from a sign certificate to the valid auth certificates of the same person, in the card and in the phone',
  method: 'GET',
  path: '/linkage/:signCertificate',
  callers: ['relying-party', 'operator'],
  refusals: ['reference.not-found'],
  request: z.object({ signCertificate: SerialNumber }),
  reply: LinkedCertificates,
})

export const findLinkedAuthCertificates = endpoint({
  name: 'findLinkedAuthCertificates',
  summary:
    'From the card’s auth certificate to the phone’s, and from the phone’s to the card’s; each only while it is valid',
  method: 'GET',
  path: '/linkage/auth/:authCertificate',
  callers: ['relying-party', 'openid-provider', 'operator'],
  refusals: ['reference.not-found'],
  request: z.object({ authCertificate: SerialNumber }),
  reply: LinkedCertificates,
})

export const findSuccessor = endpoint({
  name: 'findSuccessor',
  summary:
    '新旧シリアル番号の紐付け: the certificate that stands today where that one stood; itself, when nothing came after it',
  method: 'GET',
  path: '/successors/:authority/:serialNumber',
  callers: ['relying-party', 'openid-provider', 'operator'],
  refusals: ['reference.not-found'],
  request: z.object({ authority: z.enum(['sign', 'auth']), serialNumber: SerialNumber }),
  reply: z.object({ serialNumber: SerialNumber }),
})

export const findFirstCertificate = endpoint({
  name: 'findFirstCertificate',
  summary:
    '新旧シリアル番号の紐付け, back to the beginning: the first auth certificate of the person whose card’s or phone’s that one is',
  description:
    'A name for an account that stays through renewal, another phone and another card, and is the same whether the person uses card or phone.',
  method: 'GET',
  path: '/linkage/first/:authCertificate',
  callers: ['relying-party', 'openid-provider', 'operator'],
  refusals: ['reference.not-found'],
  request: z.object({ authCertificate: SerialNumber }),
  reply: z.object({ serialNumber: SerialNumber }),
})

export const askWhetherItemsChanged = endpoint({
  name: 'askWhetherItemsChanged',
  summary:
    '最新の基本4情報: did one of the four items change since this sign certificate was issued? The new ones are the person’s to tell',
  method: 'GET',
  path: '/four-items/:signCertificate',
  callers: ['relying-party', 'operator'],
  refusals: ['reference.not-found'],
  request: z.object({ signCertificate: SerialNumber }),
  reply: z.object({ changed: z.boolean() }),
})

export const certifyResponder = endpoint({
  name: 'certifyResponder',
  summary: 'A short-lived certificate to answer OCSP in the place of one CA key (RFC 6960 §4.2.2.2)',
  description: 'The request is PKCS #10, signed by the key that is certified: P-256, made and kept by the node.',
  method: 'POST',
  path: '/responders',
  callers: ['validity-node'],
  request: z.object({ authority: z.enum(['sign', 'auth']), generation: z.int().min(1), request: octets() }),
  reply: z.object({ responder: z.int().min(1), certificate: octets() }),
  status: 201,
})

export const describeTrust = endpoint({
  name: 'describeTrust',
  summary: 'What anyone needs who verifies: CA certificates and where their status is served',
  method: 'GET',
  path: '/trust',
  callers: 'public',
  request: z.object({}),
  reply: z.object({
    authorities: z.array(
      z.object({ name: z.enum(['sign', 'auth']), certificate: octets(), crl: z.url(), ocsp: z.url() }),
    ),
  }),
})
