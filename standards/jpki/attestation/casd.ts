/**
 * What the SIM's controlling authority security domain vouches for: that a key was made inside this SIM.
 * GPCS Amendment A §3 (CASD) and GPCS Amendment F Table 6-12 (card-verifiable certificate, tag '7F21').
 */
import { bcd, type Codec, octets, required, TlvError, type TypeOf, template, tlv } from '@mobile-jpki/tlv'
import { verifyP256 } from '../p256.ts'
import { type AttestedContext, type AttestedPurpose, casdAttestationToSign } from './statement.ts'

/** YYYYMMDD in four octets of BCD. */
export const cardDate: Codec<string> = {
  encode: (text) => bcd(4).encode(eightDigits(text)),
  decode: (bytes) => eightDigits(bcd(4).decode(bytes)),
}
const eightDigits = (text: string): string => {
  if (!/^\d{8}$/.test(text)) throw new TlvError('a date has eight digits')
  return text
}

export const CardPublicKey = template({
  /** Uncompressed point 04‖x‖y. */
  point: required(0xb0, octets(65)),
  /** Key parameter reference, '00' = P-256. GPCS Amendment E Table 4-3. */
  parameters: required(0xf0, octets(1)),
})

/** The day in UTC, as cards compare it. */
export const cardDateOf = (at: Date): string => at.toISOString().slice(0, 10).replaceAll('-', '')

const statement = {
  serialNumber: required(0x93, octets({ min: 1, max: 16 })),
  caIdentifier: required(0x42, octets({ min: 1, max: 16 })),
  /** The SIM: its ICCID, ten octets. */
  subject: required(0x5f20, octets(10)),
  /** '82' digital signature verification. */
  keyUsage: required(0x95, octets(1)),
  effectiveDate: required(0x5f25, cardDate),
  expirationDate: required(0x5f24, cardDate),
  publicKey: required(0x7f49, CardPublicKey),
}
const Statement = template(statement)
export type CasdStatement = TypeOf<typeof Statement>

export const CasdCertificate = tlv(0x7f21, template({ ...statement, signature: required(0x5f37, octets(64)) }))
export type CasdCertificate = TypeOf<typeof CasdCertificate>

export const casdKeyUsage = Uint8Array.of(0x82)
export const p256Reference = Uint8Array.of(0x00)

/** The octets that the controlling authority signs: every data object before the signature, as encoded. */
export const casdStatementToSign = (fields: CasdStatement): Uint8Array => Statement.encode(fields)

/** Answer to DGI '0E02', '0E03' and '0E31': a key of this applet, the CASD's signature over it, and the CASD's certificate. */
export const CasdAttestation = tlv(
  0x71,
  template({
    /** Empty where a deletion is attested. */
    publicKey: required(0x86, octets({ max: 300 })),
    signature: required(0x9e, octets(64)),
    certificate: required(0x73, octets({ min: 100, max: 400 })),
  }),
)
export type CasdAttestation = TypeOf<typeof CasdAttestation>

export type CasdFlaw = 'format' | 'authority' | 'validity' | 'subject' | 'usage' | 'signature'

const certificateIn = (octets: Uint8Array): CasdCertificate | undefined => {
  try {
    return CasdCertificate.decode(octets)
  } catch (error) {
    if (error instanceof TlvError) return undefined
    throw error
  }
}

/** Whom and what a checker believes. */
export interface CasdTrust {
  /** Points of controlling authorities. */
  readonly authorities: readonly Uint8Array[]
  /** SHA-256 of the load file data block of every applet that was ever given out. */
  readonly applets: readonly Uint8Array[]
}

/** Checks the chain controlling authority → CASD → genuine applet's key; undefined means that it holds at that moment. */
export async function flawOfCasdAttestation(
  attestation: CasdAttestation,
  purpose: AttestedPurpose,
  context: AttestedContext,
  { authorities, applets }: CasdTrust,
  at: Date,
): Promise<CasdFlaw | undefined> {
  const certificate = certificateIn(attestation.certificate)
  if (certificate === undefined) return 'format'
  const { signature, ...fields } = certificate
  const signed = casdStatementToSign(fields)
  const anchored = await Promise.all(authorities.map((point) => verifyP256(point, signed, signature)))
  if (!anchored.includes(true)) return 'authority'
  const today = cardDateOf(at)
  if (today < fields.effectiveDate || today > fields.expirationDate) return 'validity'
  if (fields.subject.toHex() !== context.iccid.toHex()) return 'subject'
  if (fields.keyUsage.toHex() !== casdKeyUsage.toHex() || fields.publicKey.parameters[0] !== 0) return 'usage'
  const { publicKey } = attestation
  const genuine = applets.map((applet) => {
    const covered = casdAttestationToSign(purpose, publicKey, context, applet)
    return verifyP256(fields.publicKey.point, covered, attestation.signature)
  })
  return (await Promise.all(genuine)).includes(true) ? undefined : 'signature'
}
