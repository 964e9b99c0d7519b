/** SignedData with attached content and one signer. RFC 5652 §5, §11; RFC 5754. */

import {
  any,
  choice,
  DerError,
  equalOctets,
  explicit,
  implicit,
  integerOctets,
  objectIdentifier,
  octetString,
  opaque,
  optional,
  raw,
  sequence,
  setOf,
  smallInteger,
  type TypeOf,
  time,
} from '@mobile-jpki/der'
import { AlgorithmIdentifier, algorithms, digestAlgorithmOf, type SignatureAlgorithm } from './algorithm.ts'
import { type ParsedCertificate, parseCertificate, serialNumberOctets } from './certificate.ts'
import { subjectKeyIdentifier } from './extensions.ts'
import { Name } from './name.ts'

export const contentTypes = { data: '1.2.840.113549.1.7.1', signedData: '1.2.840.113549.1.7.2' } as const

export const Attribute = sequence({ attrType: objectIdentifier, attrValues: setOf(any, { min: 1 }) })
export type Attribute = TypeOf<typeof Attribute>
export const SignedAttributes = setOf(Attribute, { min: 1 })

export const IssuerAndSerialNumber = sequence({ issuer: raw(Name), serialNumber: integerOctets })
export const SignerIdentifier = choice({
  issuerAndSerialNumber: IssuerAndSerialNumber,
  subjectKeyIdentifier: implicit(0, octetString),
})

/** The attributes are kept raw: with the SET OF tag instead of [0] they are what was signed (§5.4). */
export const SignerInfo = sequence({
  version: smallInteger,
  sid: SignerIdentifier,
  digestAlgorithm: AlgorithmIdentifier,
  signedAttrs: optional(implicit(0, raw(SignedAttributes))),
  signatureAlgorithm: AlgorithmIdentifier,
  signature: octetString,
  unsignedAttrs: optional(implicit(1, SignedAttributes)),
})
export type SignerInfo = TypeOf<typeof SignerInfo>

export const SignedData = sequence({
  version: smallInteger,
  digestAlgorithms: setOf(AlgorithmIdentifier),
  encapContentInfo: sequence({ eContentType: objectIdentifier, eContent: optional(explicit(0, octetString)) }),
  certificates: optional(implicit(0, setOf(opaque(0x30)))),
  crls: optional(implicit(1, setOf(any))),
  signerInfos: setOf(SignerInfo),
})
export const ContentInfo = sequence({ contentType: objectIdentifier, content: explicit(0, SignedData) })

/** Attribute types, §11.1–11.3. */
const attributes = {
  contentType: { id: '1.2.840.113549.1.9.3', codec: objectIdentifier },
  messageDigest: { id: '1.2.840.113549.1.9.4', codec: octetString },
  signingTime: { id: '1.2.840.113549.1.9.5', codec: time },
} as const

export interface AttributesToSign {
  /** SHA-256 of the content. */
  readonly messageDigest: Uint8Array
  readonly signingTime?: Date
  readonly contentType?: string
}

/** The octets that the signer hashes (SHA-256) and signs; `assembleSignedData` wants them back unchanged. */
export function signedAttributesToSign({
  messageDigest,
  signingTime,
  contentType = contentTypes.data,
}: AttributesToSign): Uint8Array {
  if (messageDigest.length !== 32) throw new DerError('SHA-256 has 32 octets', 'messageDigest')
  const { contentType: type, messageDigest: digest, signingTime: at } = attributes
  return SignedAttributes.encode([
    { attrType: type.id, attrValues: [type.codec.encode(contentType)] },
    { attrType: digest.id, attrValues: [digest.codec.encode(messageDigest)] },
    ...(signingTime === undefined ? [] : [{ attrType: at.id, attrValues: [at.codec.encode(signingTime)] }]),
  ])
}

export interface SignedParts {
  readonly content: Uint8Array
  readonly contentType?: string
  /** From `signedAttributesToSign`. */
  readonly signedAttributes: Uint8Array
  readonly signature: Uint8Array
  readonly signatureAlgorithm?: SignatureAlgorithm
  /** The signer's certificate, DER. */
  readonly certificate: Uint8Array
  /** Further certificates that help to find a path. */
  readonly others?: readonly Uint8Array[]
}

export function assembleSignedData({
  content,
  contentType = contentTypes.data,
  signedAttributes,
  signature,
  signatureAlgorithm = 'sha256WithRSAEncryption',
  certificate,
  others = [],
}: SignedParts): Uint8Array {
  const { issuer, issuerOctets, serialNumber } = parseCertificate(certificate)
  return ContentInfo.encode({
    contentType: contentTypes.signedData,
    content: {
      // §5.1: version 1 goes with content of type id-data, 3 with any other.
      version: contentType === contentTypes.data ? 1 : 3,
      digestAlgorithms: [algorithms.sha256],
      encapContentInfo: { eContentType: contentType, eContent: content },
      certificates: [certificate, ...others],
      signerInfos: [
        {
          version: 1,
          sid: {
            kind: 'issuerAndSerialNumber',
            value: {
              issuer: { value: issuer, octets: issuerOctets },
              serialNumber: serialNumberOctets(serialNumber),
            },
          },
          digestAlgorithm: algorithms.sha256,
          signedAttrs: { value: SignedAttributes.decode(signedAttributes), octets: signedAttributes },
          signatureAlgorithm: algorithms[signatureAlgorithm],
          signature,
        },
      ],
    },
  })
}

/** A SignedData opened for verification; nothing of it is verified yet. */
export interface ParsedSignedData {
  readonly contentType: string
  readonly content: Uint8Array
  readonly certificates: readonly ParsedCertificate[]
  /** The embedded certificate that the signer is named by. */
  readonly signerCertificate: ParsedCertificate
  readonly signatureAlgorithm: AlgorithmIdentifier
  readonly signature: Uint8Array
  /** What was signed. */
  readonly signedAttributes: Uint8Array
  readonly messageDigest: Uint8Array
  readonly signedContentType: string
  readonly signingTime?: Date
}

/** Reads what `assembleSignedData` writes, and the like of other makers: attached, one signer, SHA-256, signed attributes. */
export function parseSignedData(der: Uint8Array): ParsedSignedData {
  const { contentType, content } = ContentInfo.decode(der)
  if (contentType !== contentTypes.signedData) throw new DerError('is not SignedData', 'contentType')
  const [signer, ...more] = content.signerInfos
  if (signer === undefined || more.length > 0) throw new DerError('not exactly one signer', 'signerInfos')
  const { eContentType, eContent } = content.encapContentInfo
  if (eContent === undefined) throw new DerError('content is not attached', 'encapContentInfo')
  if (digestAlgorithmOf(signer.digestAlgorithm) !== 'sha256') throw new DerError('is not SHA-256', 'digestAlgorithm')
  if (signer.signedAttrs === undefined) throw new DerError('is missing', 'signedAttrs')
  const certificates = (content.certificates ?? []).map(parseCertificate)
  const signerCertificate = certificates.find((one) => isNamed(signer, one))
  if (signerCertificate === undefined) throw new DerError("the signer's certificate is not embedded", 'certificates')
  const { value: attrs, octets } = signer.signedAttrs
  const signingTime = attributeOf(attrs, attributes.signingTime)
  return {
    contentType: eContentType,
    content: eContent,
    certificates,
    signerCertificate,
    signatureAlgorithm: signatureIdentifierOf(signer.signatureAlgorithm),
    signature: signer.signature,
    signedAttributes: asSetOf(octets),
    messageDigest: mandatory(attributeOf(attrs, attributes.messageDigest), 'messageDigest'),
    signedContentType: mandatory(attributeOf(attrs, attributes.contentType), 'contentType'),
    ...(signingTime !== undefined && { signingTime }),
  }
}

function isNamed({ sid }: SignerInfo, certificate: ParsedCertificate): boolean {
  if (sid.kind === 'issuerAndSerialNumber')
    return (
      equalOctets(sid.value.issuer.octets, certificate.issuerOctets) &&
      equalOctets(sid.value.serialNumber, serialNumberOctets(certificate.serialNumber))
    )
  const own = certificate.extension(subjectKeyIdentifier)?.value
  return own !== undefined && equalOctets(own, sid.value)
}

/** §5.3, RFC 5754 §3.2: a signer may name RSA by rsaEncryption alone; the digest algorithm completes it. */
const signatureIdentifierOf = (identifier: AlgorithmIdentifier): AlgorithmIdentifier =>
  identifier.algorithm === algorithms.rsaEncryption.algorithm ? algorithms.sha256WithRSAEncryption : identifier

function asSetOf(implicitlyTagged: Uint8Array): Uint8Array {
  const octets = implicitlyTagged.slice()
  octets[0] = 0x31
  return octets
}

/** §11: each of these attributes stands once, with one value. */
function attributeOf<T>(
  attrs: readonly Attribute[],
  { id, codec }: { readonly id: string; readonly codec: { decode(octets: Uint8Array): T } },
): T | undefined {
  const [found, ...again] = attrs.filter(({ attrType }) => attrType === id)
  if (found === undefined) return undefined
  const [value, ...more] = found.attrValues
  if (value === undefined || more.length > 0 || again.length > 0)
    throw new DerError('an attribute of one value has several', id)
  return codec.decode(value)
}

function mandatory<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new DerError('is missing', name)
  return value
}
