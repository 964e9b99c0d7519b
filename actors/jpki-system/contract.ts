/** What the JPKI system promises its peers: sign-certificate services by OCSP and CRL (RFC 6960, RFC 5280), phone certificates by these endpoints. */
import { endpoint, instant, octets } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'

/** Serial number as standards/pkix prints it: lower-case hexadecimal of the magnitude, whole octets, no leading zero octet. */
export const SerialNumber = z.string().regex(/^(?!00)(?:[0-9a-f]{2}){1,20}$/)
export const OrderId = z.uuid()
export const Iccid = z.string().regex(/^\d{18,20}$/)

/** RFC 5280 §5.3.1, those that JPKI uses (its CPS). */
export const RevocationReason = z.enum([
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
])
export type RevocationReason = z.infer<typeof RevocationReason>

/** ⑥–⑨: key pair and certificate for the phone, linked to the user's sign certificate. Asked again for an order, it answers the same. */
export const requestPhoneCertificate = endpoint({
  name: 'requestPhoneCertificate',
  method: 'POST',
  path: '/phone-certificates',
  step: '⑥',
  replyStep: '⑨',
  callers: ['sp-tsm'],
  request: z.object({ orderId: OrderId, signCertificate: SerialNumber, iccid: Iccid }),
  reply: z.object({ serialNumber: SerialNumber, notAfter: z.iso.datetime() }),
  status: 201,
})

/** ⑯ ⑰: certificate and private key, sealed for the applet that `attestation` speaks for (standards/jpki `Attestation`). */
export const collectPhoneCertificate = endpoint({
  name: 'collectPhoneCertificate',
  method: 'POST',
  path: '/phone-certificates/:orderId/deliveries',
  step: '⑯',
  replyStep: '⑰',
  callers: ['sp-tsm'],
  request: z.object({ orderId: OrderId, iccid: Iccid, instanceAid: octets(), attestation: octets() }),
  reply: z.object({ issuerEnvelope: octets() }),
})

/** After ⑱: the applet's signature with the new key. The private key's copy is destroyed, the certificate becomes good, older phones' are revoked. */
export const provePossession = endpoint({
  name: 'provePossession',
  method: 'POST',
  path: '/phone-certificates/:orderId/possession',
  step: '⑱',
  callers: ['sp-tsm'],
  request: z.object({ orderId: OrderId, signature: octets() }),
  reply: z.object({ serialNumber: SerialNumber, certificate: octets() }),
})

/** An order that ended before delivery: its key and certificate are thrown away (reason `unspecified`). */
export const discardPhoneCertificate = endpoint({
  name: 'discardPhoneCertificate',
  method: 'DELETE',
  path: '/phone-certificates/:orderId',
  callers: ['sp-tsm'],
  request: z.object({ orderId: OrderId }),
  reply: z.object({}),
})

/** One certificate goes, and with a card's auth certificate the phone's. `certificateHold` stops it at once and is never released. */
export const revokeCertificate = endpoint({
  name: 'revokeCertificate',
  method: 'POST',
  path: '/revocations',
  callers: ['sp-tsm', 'municipality'],
  request: z.object({ authority: z.enum(['sign', 'auth']), serialNumber: SerialNumber, reason: RevocationReason }),
  reply: z.object({ serialNumber: SerialNumber, revokedAt: z.iso.datetime() }),
  status: 201,
})

/** 氏名, 住所, 生年月日, 性別: the four recorded items (基本4情報). */
export const FourItems = z.object({
  name: z.string().min(1).max(100),
  address: z.string().min(1).max(200),
  birthDate: z.iso.date(),
  gender: z.enum(['male', 'female', 'other']),
})
export type FourItems = z.infer<typeof FourItems>

const Municipality = z.object({
  code: z.string().regex(/^\d{5}$/),
  prefecture: z.string().min(1).max(50),
  city: z.string().min(1).max(50),
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

/**
 * The municipal counter (市区町村窓口) enrols a person whose card made its two key pairs itself; a person under 15 has an auth key alone. Asked
 * again with the same keys, it answers the same; with the same auth key and a new sign key it certifies that one.
 */
export const enrolPerson = endpoint({
  name: 'enrolPerson',
  method: 'POST',
  path: '/persons',
  callers: ['municipality'],
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

/** 異動: moved house, changed name, or an item was corrected. `card` is the serial number of the auth certificate in the person's card. */
export const changeFourItems = endpoint({
  name: 'changeFourItems',
  method: 'POST',
  path: '/persons/:card/items',
  callers: ['municipality'],
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

/** 死亡, 国外転出 of the person; 一時停止, 紛失, 返納 of the card. What becomes of each certificate is in domain/cascade.ts; said again, it is done once. */
export const reportEvent = endpoint({
  name: 'reportEvent',
  method: 'POST',
  path: '/persons/:card/events',
  callers: ['municipality'],
  request: z.object({
    card: SerialNumber,
    event: z.enum(['died', 'emigrated', 'cardStopped', 'cardLost', 'cardReturned']),
  }),
  reply: Standing,
})

export const describePerson = endpoint({
  name: 'describePerson',
  method: 'GET',
  path: '/persons/:card',
  callers: ['municipality', 'operator'],
  request: z.object({ card: SerialNumber }),
  reply: Standing,
})

const LinkedCertificates = z.object({ card: SerialNumber.optional(), phone: SerialNumber.optional() })

/** 証明書紐付け情報: from a sign certificate to the valid auth certificates of the same person, in the card and in the phone. */
export const findLinkedCertificates = endpoint({
  name: 'findLinkedCertificates',
  method: 'GET',
  path: '/linkage/:signCertificate',
  callers: ['relying-party', 'operator'],
  request: z.object({ signCertificate: SerialNumber }),
  reply: LinkedCertificates,
})

/** From the card's auth certificate to the phone's, and from the phone's to the card's; each only while it is valid. */
export const findLinkedAuthCertificates = endpoint({
  name: 'findLinkedAuthCertificates',
  method: 'GET',
  path: '/linkage/auth/:authCertificate',
  callers: ['relying-party', 'operator'],
  request: z.object({ authCertificate: SerialNumber }),
  reply: LinkedCertificates,
})

/** 新旧シリアル番号の紐付け: the certificate that stands today where that one stood; itself, when nothing came after it. */
export const findSuccessor = endpoint({
  name: 'findSuccessor',
  method: 'GET',
  path: '/successors/:authority/:serialNumber',
  callers: ['relying-party', 'operator'],
  request: z.object({ authority: z.enum(['sign', 'auth']), serialNumber: SerialNumber }),
  reply: z.object({ serialNumber: SerialNumber }),
})

/** 最新の基本4情報: did one of the four items change since this sign certificate was issued? The new ones are the person's to tell. */
export const askWhetherItemsChanged = endpoint({
  name: 'askWhetherItemsChanged',
  method: 'GET',
  path: '/four-items/:signCertificate',
  callers: ['relying-party', 'operator'],
  request: z.object({ signCertificate: SerialNumber }),
  reply: z.object({ changed: z.boolean() }),
})

/** What anyone needs who verifies: CA certificates and where their status is served. */
export const describeTrust = endpoint({
  name: 'describeTrust',
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
