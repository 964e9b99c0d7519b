/** Certificate. RFC 5280 §4.1. */

import {
  bitString,
  bits,
  DerError,
  explicit,
  implicit,
  integerOctets,
  opaque,
  optional,
  raw,
  sequence,
  smallInteger,
  type TypeOf,
  time,
  withDefault,
} from '@mobile-jpki/der'
import { AlgorithmIdentifier, SubjectPublicKeyInfo, sameAlgorithm } from './algorithm.ts'
import {
  checkExtensions,
  type Extension,
  Extensions,
  type ExtensionType,
  type ExtensionValue,
  findExtension,
  readExtensions,
} from './extensions.ts'
import { Name } from './name.ts'

export const Validity = sequence({ notBefore: time, notAfter: time })

export const TbsCertificate = sequence({
  version: withDefault(explicit(0, smallInteger), 0),
  serialNumber: integerOctets,
  signature: AlgorithmIdentifier,
  issuer: raw(Name),
  validity: Validity,
  subject: raw(Name),
  subjectPublicKeyInfo: raw(SubjectPublicKeyInfo),
  issuerUniqueID: optional(implicit(1, bits)),
  subjectUniqueID: optional(implicit(2, bits)),
  extensions: optional(explicit(3, Extensions)),
})
export type TbsCertificate = TypeOf<typeof TbsCertificate>

export const Certificate = sequence({
  tbsCertificate: raw(TbsCertificate),
  signatureAlgorithm: AlgorithmIdentifier,
  signatureValue: bitString,
})
export type Certificate = TypeOf<typeof Certificate>

/**
 * Serial numbers are positive and have at most 20 octets (§4.1.2.2). Their one text form
 * everywhere is lower-case hex of the magnitude, whole octets, without leading zero octets.
 */
export function serialNumberOf(contents: Uint8Array): string {
  const first = contents[0] as number
  const magnitude = first === 0 ? contents.subarray(1) : contents
  if (first >= 0x80 || magnitude.length === 0 || magnitude.length > 20)
    throw new DerError('serial number is not a positive integer of at most 20 octets', 'serialNumber')
  return magnitude.toHex()
}

/** The INTEGER contents of a serial number given as hex. */
export function serialNumberOctets(serialNumber: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2}){1,20}$/.test(serialNumber) || serialNumber.startsWith('00'))
    throw new DerError('serial number is not in its canonical hex form', 'serialNumber')
  return Uint8Array.fromHex(Number.parseInt(serialNumber.slice(0, 2), 16) >= 0x80 ? `00${serialNumber}` : serialNumber)
}

/** A certificate opened for use. Octets are views of `der`; those in the values of extensions are shared with other certificates, and never written to. */
export interface ParsedCertificate {
  readonly der: Uint8Array
  /** 1, 2 or 3, as people count. */
  readonly version: number
  /** What the issuer signed. */
  readonly tbs: Uint8Array
  readonly signatureAlgorithm: AlgorithmIdentifier
  readonly signature: Uint8Array
  /** Canonical lower-case hex. */
  readonly serialNumber: string
  readonly issuer: Name
  readonly issuerOctets: Uint8Array
  readonly subject: Name
  readonly subjectOctets: Uint8Array
  readonly notBefore: Date
  readonly notAfter: Date
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  readonly publicKeyAlgorithm: AlgorithmIdentifier
  /** The BIT STRING within it, over which key identifiers and OCSP key hashes are made. */
  readonly publicKeyBits: Uint8Array
  /** §4.1.2.8: nobody writes them any more. */
  readonly hasUniqueIdentifiers: boolean
  /** In the issuer's order. */
  readonly extensions: readonly Extension[]
  extension<T>(type: ExtensionType<T>): ExtensionValue<T> | undefined
}

export function parseCertificate(der: Uint8Array): ParsedCertificate {
  const { tbsCertificate, signatureAlgorithm, signatureValue } = Certificate.decode(der)
  const { version, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo, extensions, ...unique } =
    tbsCertificate.value
  if (!sameAlgorithm(signature, signatureAlgorithm))
    throw new DerError('the two signature algorithms differ', 'signatureAlgorithm')
  if (version > 2 || version < 0) throw new DerError('is not 1, 2 or 3', 'version')
  if (extensions !== undefined && version !== 2) throw new DerError('only version 3 has extensions', 'version')
  const all = extensions ?? []
  const read = readExtensions(all)
  return {
    der,
    version: version + 1,
    tbs: tbsCertificate.octets,
    signatureAlgorithm,
    signature: signatureValue,
    serialNumber: serialNumberOf(serialNumber),
    issuer: issuer.value,
    issuerOctets: issuer.octets,
    subject: subject.value,
    subjectOctets: subject.octets,
    ...validity,
    publicKey: subjectPublicKeyInfo.octets,
    publicKeyAlgorithm: subjectPublicKeyInfo.value.algorithm,
    publicKeyBits: subjectPublicKeyInfo.value.subjectPublicKey,
    hasUniqueIdentifiers: unique.issuerUniqueID !== undefined || unique.subjectUniqueID !== undefined,
    extensions: all,
    extension: <T>(type: ExtensionType<T>) =>
      (read.get(type) as ExtensionValue<T> | undefined) ?? findExtension(all, type),
  }
}

/** What the issuer decides about a certificate; version 3 goes without saying. */
export interface CertificateFields {
  /** Canonical lower-case hex. */
  readonly serialNumber: string
  readonly issuer: Name
  readonly subject: Name
  readonly notBefore: Date
  readonly notAfter: Date
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  /** Written in this order. */
  readonly extensions: readonly Extension[]
}

/** As we write it: the subject's key stands as it was given. */
const TbsToWrite = sequence({
  version: explicit(0, smallInteger),
  serialNumber: integerOctets,
  signature: AlgorithmIdentifier,
  issuer: Name,
  validity: Validity,
  subject: Name,
  subjectPublicKeyInfo: opaque(0x30),
  extensions: optional(explicit(3, Extensions)),
})

export const tbsCertificateOf = (fields: CertificateFields, signature: AlgorithmIdentifier): Uint8Array =>
  TbsToWrite.encode({
    version: 2,
    serialNumber: serialNumberOctets(fields.serialNumber),
    signature,
    issuer: fields.issuer,
    validity: { notBefore: fields.notBefore, notAfter: fields.notAfter },
    subject: fields.subject,
    subjectPublicKeyInfo: fields.publicKey,
    ...(fields.extensions.length > 0 && { extensions: checkExtensions(fields.extensions) }),
  })

/** SEQUENCE { signed part, algorithm, signature }: the frame of certificates and CRLs alike. §4.1.1, §5.1.1. */
export const Signed = sequence({
  signed: opaque(0x30),
  signatureAlgorithm: AlgorithmIdentifier,
  signatureValue: bitString,
})
