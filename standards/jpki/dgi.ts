/** The JPKI applet's data groupings (DGI), GPCS v2.3.1 §11.11 and GP Systems Scripting §4; their contents are ours, docs/protocols/personalization.md. */
import { concat, octets, optional, required, secret, type TypeOf, template } from '@mobile-jpki/tlv'
import { lengthValue } from './envelope.ts'
import { TerminalTrust } from './terminal/certificate.ts'

export const dgis = {
  configuration: 0x0e01,
  envelopeKey: 0x0e02,
  onCardKey: 0x0e03,
  issuerEnvelope: 0x0e10,
  pinEnvelope: 0x0e11,
  finish: 0x0e20,
  unlock: 0x0e30,
  wipe: 0x0e31,
} as const
export type DgiName = keyof typeof dgis

/** Those that answer with data; the others answer with a status word alone. */
export const answeringDgis: ReadonlySet<DgiName> = new Set(['envelopeKey', 'onCardKey', 'finish', 'wipe'])

const flag = octets(1)

/** DGI '0E01'. Each '01' for yes. */
export const AppletConfiguration = template({
  certificateNeedsPin: required(0x80, flag),
  pinLessAllowed: required(0x81, flag),
  contactlessAllowed: required(0x82, flag),
  /** Where PIN-less use is allowed, and nowhere else. */
  terminalTrust: optional(0xa3, TerminalTrust),
})
export type AppletConfiguration = TypeOf<typeof AppletConfiguration>

const half = secret(octets(128))

/** RSA private key of 2048 bits by the Chinese remainder theorem, ISO/IEC 7816-8 template '7F48'. */
export const RsaCrt = template({
  p: required(0x92, half),
  q: required(0x93, half),
  /** q⁻¹ mod p */
  qInverse: required(0x94, half),
  /** d mod (p − 1) */
  dP: required(0x95, half),
  /** d mod (q − 1) */
  dQ: required(0x96, half),
})
export type RsaCrt = TypeOf<typeof RsaCrt>

/** The content of the issuer envelope, DGI '0E10'. The private key is absent when the card made it. */
export const IssuerContent = template({
  privateKey: optional(0x7f48, RsaCrt),
  certificate: required(0x70, octets({ min: 256, max: 4096 })),
  caCertificate: required(0x71, octets({ min: 256, max: 4096 })),
})
export type IssuerContent = TypeOf<typeof IssuerContent>

/** The content of the PIN envelope, DGI '0E11' and '0E30': four ASCII digits. */
export const isPin = (text: string): boolean => /^\d{4}$/.test(text)

const possession = new TextEncoder().encode('mobile-jpki/possession/1')

/** What the new key signs on finish (DGI '0E20'), RSA PKCS #1 v1.5 with SHA-256: the proof of possession. */
export const possessionToSign = (orderId: string, certificateDigest: Uint8Array): Uint8Array =>
  concat(possession, lengthValue(new TextEncoder().encode(orderId)), certificateDigest)
