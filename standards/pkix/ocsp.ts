/** Online Certificate Status Protocol. RFC 6960 §4; nonce by RFC 9654 (which replaces RFC 8954). */

import {
  bitString,
  choice,
  DerError,
  enumerated,
  equalOctets,
  explicit,
  generalizedTime,
  implicit,
  integerOctets,
  nullValue,
  objectIdentifier,
  octetString,
  opaque,
  optional,
  raw,
  sequence,
  sequenceOf,
  smallInteger,
  type TypeOf,
  withDefault,
} from '@mobile-jpki/der'
import { AlgorithmIdentifier, algorithms, type DigestAlgorithm, digestAlgorithmOf } from './algorithm.ts'
import { serialNumberOctets, serialNumberOf } from './certificate.ts'
import { CrlReason } from './crl/list.ts'
import {
  checkCritical,
  checkExtensions,
  type Extension,
  Extensions,
  type ExtensionType,
  extension,
  findExtension,
} from './extensions.ts'
import { GeneralName } from './general-name.ts'
import { Name } from './name.ts'

/** §4.1.1: a certificate named by its issuer's name and key, hashed, and its serial number. */
export const CertID = sequence({
  hashAlgorithm: AlgorithmIdentifier,
  issuerNameHash: octetString,
  issuerKeyHash: octetString,
  serialNumber: integerOctets,
})
export type CertID = TypeOf<typeof CertID>

export const Request = sequence({ reqCert: raw(CertID), singleRequestExtensions: optional(explicit(0, Extensions)) })
export const TbsRequest = sequence({
  version: withDefault(explicit(0, smallInteger), 0),
  requestorName: optional(explicit(1, GeneralName)),
  requestList: sequenceOf(Request, { min: 1 }),
  requestExtensions: optional(explicit(2, Extensions)),
})
export const OcspRequest = sequence({
  tbsRequest: TbsRequest,
  optionalSignature: optional(explicit(0, opaque(0x30))),
})

/** §4.2.1. */
export const RevokedInfo = sequence({
  revocationTime: generalizedTime,
  revocationReason: optional(explicit(0, CrlReason)),
})
export const CertStatus = choice({
  good: implicit(0, nullValue),
  revoked: implicit(1, RevokedInfo),
  unknown: implicit(2, nullValue),
})
export const SingleResponse = sequence({
  certID: raw(CertID),
  certStatus: CertStatus,
  thisUpdate: generalizedTime,
  nextUpdate: optional(explicit(0, generalizedTime)),
  singleExtensions: optional(explicit(1, Extensions)),
})
export type SingleResponse = TypeOf<typeof SingleResponse>
export const ResponderID = choice({ byName: explicit(1, Name), byKey: explicit(2, octetString) })
export type ResponderID = TypeOf<typeof ResponderID>
export const ResponseData = sequence({
  version: withDefault(explicit(0, smallInteger), 0),
  responderID: ResponderID,
  producedAt: generalizedTime,
  responses: sequenceOf(SingleResponse, { min: 1 }),
  responseExtensions: optional(explicit(1, Extensions)),
})
export type ResponseData = TypeOf<typeof ResponseData>
export const BasicOcspResponse = sequence({
  tbsResponseData: raw(ResponseData),
  signatureAlgorithm: AlgorithmIdentifier,
  signature: bitString,
  certs: optional(explicit(0, sequenceOf(opaque(0x30)))),
})
export const OcspResponseStatus = enumerated({
  successful: 0,
  malformedRequest: 1,
  internalError: 2,
  tryLater: 3,
  sigRequired: 5,
  unauthorized: 6,
})
export type OcspResponseStatus = TypeOf<typeof OcspResponseStatus>
export const OcspResponse = sequence({
  responseStatus: OcspResponseStatus,
  responseBytes: optional(explicit(0, sequence({ responseType: objectIdentifier, response: octetString }))),
})

/** id-pkix-ocsp-basic, §4.2.1. */
export const basicResponse = '1.3.6.1.5.5.7.48.1.1'

/** RFC 9654 §2.1: 1 to 128 octets; who asks sends 32. */
export const ocspNonce: ExtensionType<Uint8Array> = { id: '1.3.6.1.5.5.7.48.1.2', codec: octetString }
export const nonceLength = 32

/** §4.4.4: since when the status of expired certificates is kept. */
export const archiveCutoff: ExtensionType<Date> = { id: '1.3.6.1.5.5.7.48.1.6', codec: generalizedTime }

function nonceOf(extensions: readonly Extension[] | undefined): Uint8Array | undefined {
  const nonce = findExtension(checkExtensions(extensions ?? []), ocspNonce)?.value
  if (nonce !== undefined && (nonce.length < 1 || nonce.length > 128))
    throw new DerError('a nonce has 1 to 128 octets', 'nonce')
  return nonce
}

export type Hash = (algorithm: DigestAlgorithm, octets: Uint8Array) => Uint8Array

/** What names an issuer: its subject Name and the bits of its public key, as `parseCertificate` gives them. */
export interface OcspIssuer {
  readonly subjectOctets: Uint8Array
  readonly publicKeyBits: Uint8Array
}

/** Without NULL parameters some responders do not recognize SHA-1; with SHA-256 both forms are met. */
export const certIdOf = (
  issuer: OcspIssuer,
  serialNumber: string,
  hash: Hash,
  algorithm: DigestAlgorithm = 'sha1',
): CertID => ({
  hashAlgorithm: algorithms[algorithm],
  issuerNameHash: hash(algorithm, issuer.subjectOctets),
  issuerKeyHash: hash(algorithm, issuer.publicKeyBits),
  serialNumber: serialNumberOctets(serialNumber),
})

/** The same certificate, named with the same hash; how the parameters are written makes no difference. */
export const sameCertId = (a: CertID, b: CertID): boolean =>
  digestAlgorithmOf(a.hashAlgorithm) !== undefined &&
  digestAlgorithmOf(a.hashAlgorithm) === digestAlgorithmOf(b.hashAlgorithm) &&
  equalOctets(a.issuerNameHash, b.issuerNameHash) &&
  equalOctets(a.issuerKeyHash, b.issuerKeyHash) &&
  equalOctets(a.serialNumber, b.serialNumber)

/** Does the CertID name a certificate of this issuer? */
export function isIssuedBy(certId: CertID, issuer: OcspIssuer, hash: Hash): boolean {
  const algorithm = digestAlgorithmOf(certId.hashAlgorithm)
  return (
    algorithm !== undefined &&
    equalOctets(certId.issuerNameHash, hash(algorithm, issuer.subjectOctets)) &&
    equalOctets(certId.issuerKeyHash, hash(algorithm, issuer.publicKeyBits))
  )
}

export function ocspRequestOf(certIds: readonly CertID[], nonce?: Uint8Array): Uint8Array {
  return OcspRequest.encode({
    tbsRequest: {
      version: 0,
      requestList: certIds.map((value) => ({ reqCert: { value, octets: CertID.encode(value) } })),
      ...(nonce !== undefined && { requestExtensions: [extension(ocspNonce, nonce)] }),
    },
  })
}

export interface ParsedOcspRequest {
  readonly asked: readonly {
    /** To be answered in the very octets in which it was asked. */
    readonly octets: Uint8Array
    readonly certId: CertID
    readonly serialNumber: string
  }[]
  readonly nonce?: Uint8Array
}

export function parseOcspRequest(der: Uint8Array): ParsedOcspRequest {
  const { version, requestList, requestExtensions } = OcspRequest.decode(der).tbsRequest
  if (version !== 0) throw new DerError('is not 1', 'version')
  const nonce = nonceOf(requestExtensions)
  checkCritical(requestExtensions ?? [], [ocspNonce])
  return {
    asked: requestList.map(({ reqCert }) => ({
      octets: reqCert.octets,
      certId: reqCert.value,
      serialNumber: serialNumberOf(reqCert.value.serialNumber),
    })),
    ...(nonce !== undefined && { nonce }),
  }
}

/** An answer without a status of any certificate: `ocspErrorOf('malformedRequest')`. §2.3. */
export const ocspErrorOf = (responseStatus: Exclude<OcspResponseStatus, 'successful'>): Uint8Array =>
  OcspResponse.encode({ responseStatus })

export const ocspResponseOf = (basic: TypeOf<typeof BasicOcspResponse>): Uint8Array =>
  OcspResponse.encode({
    responseStatus: 'successful',
    responseBytes: { responseType: basicResponse, response: BasicOcspResponse.encode(basic) },
  })

/** A successful response opened for verification; nothing of it is verified yet. */
export interface ParsedOcspResponse {
  readonly tbs: Uint8Array
  readonly signatureAlgorithm: AlgorithmIdentifier
  readonly signature: Uint8Array
  readonly responderID: ResponderID
  readonly producedAt: Date
  readonly responses: readonly SingleResponse[]
  readonly certificates: readonly Uint8Array[]
  readonly nonce?: Uint8Array
}

export function parseOcspResponse(der: Uint8Array): ParsedOcspResponse | Exclude<OcspResponseStatus, 'successful'> {
  const { responseStatus, responseBytes } = OcspResponse.decode(der)
  if (responseStatus !== 'successful') return responseStatus
  if (responseBytes?.responseType !== basicResponse) throw new DerError('is not a basic response', 'responseBytes')
  const basic = BasicOcspResponse.decode(responseBytes.response)
  const { version, responderID, producedAt, responses, responseExtensions } = basic.tbsResponseData.value
  if (version !== 0) throw new DerError('is not 1', 'version')
  const nonce = nonceOf(responseExtensions)
  checkCritical(responseExtensions ?? [], [ocspNonce])
  for (const { singleExtensions } of responses) checkCritical(checkExtensions(singleExtensions ?? []), [])
  return {
    tbs: basic.tbsResponseData.octets,
    signatureAlgorithm: basic.signatureAlgorithm,
    signature: basic.signature,
    responderID,
    producedAt,
    responses,
    certificates: basic.certs ?? [],
    ...(nonce !== undefined && { nonce }),
  }
}
