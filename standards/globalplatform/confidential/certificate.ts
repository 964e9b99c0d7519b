/** Card-verifiable certificates of P-256 keys: CASD, and those it lets set up keys. GPCS Amendment A §3, Amendment F table 6-12. */
import { bcd, octets, required, type TypeOf, template, tlv } from '@mobile-jpki/tlv'

/** Data object '7F49': an uncompressed point, and '00' for P-256. */
export const CertifiedPoint = template({
  point: required(0xb0, octets(65)),
  parameters: required(0xf0, octets(1)),
})

const statement = {
  serialNumber: required(0x93, octets({ min: 1, max: 16 })),
  caIdentifier: required(0x42, octets({ min: 1, max: 16 })),
  subject: required(0x5f20, octets({ min: 1, max: 16 })),
  keyUsage: required(0x95, octets(1)),
  /** YYYYMMDD. */
  effectiveDate: required(0x5f25, bcd(4)),
  expirationDate: required(0x5f24, bcd(4)),
  publicKey: required(0x7f49, CertifiedPoint),
}
const Statement = template(statement)
export type CertificateStatement = TypeOf<typeof Statement>

export const CardCertificate = tlv(0x7f21, template({ ...statement, signature: required(0x5f37, octets(64)) }))
export type CardCertificate = TypeOf<typeof CardCertificate>

/** GPCS table 11-17: verification of signatures, agreement of keys. */
export const certifiedUsages = { verification: 0x82, keyAgreement: 0x80 } as const
export type CertifiedUsage = keyof typeof certifiedUsages

/** The octets under a certificate's signature: every data object before it, as encoded. */
export const certificateToSign = (fields: CertificateStatement): Uint8Array => Statement.encode(fields)

export type VerifyP256 = (point: Uint8Array, data: Uint8Array, signature: Uint8Array) => boolean

/** The point that a certificate of `authority` gives this use; undefined for any other certificate. */
export function certifiedPoint(
  certificate: Uint8Array,
  usage: CertifiedUsage,
  authority: Uint8Array,
  verify: VerifyP256,
): Uint8Array | undefined {
  const { signature, ...fields } = CardCertificate.decode(certificate)
  const { point, parameters } = fields.publicKey
  const fits = fields.keyUsage[0] === certifiedUsages[usage] && parameters[0] === 0x00
  return fits && verify(authority, certificateToSign(fields), signature) ? point : undefined
}
