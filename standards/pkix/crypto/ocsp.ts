/** Answering and verifying OCSP. RFC 6960 §2.6, §3.2, §4.2.2; RFC 9654. */

import { equalOctets } from '@mobile-jpki/der'
import { algorithms, type DigestAlgorithm, digestAlgorithmOf, SubjectPublicKeyInfo } from '../algorithm.ts'
import { type ParsedCertificate, parseCertificate } from '../certificate.ts'
import type { CrlReason } from '../crl/list.ts'
import { extension, extKeyUsage, keyPurposes, ocspNoCheck } from '../extensions.ts'
import { sameName } from '../name.ts'
import {
  archiveCutoff,
  type CertID,
  certIdOf,
  isIssuedBy,
  type OcspIssuer,
  type OcspResponseStatus,
  ocspNonce,
  ocspRequestOf,
  ocspResponseOf,
  type ParsedOcspRequest,
  type ParsedOcspResponse,
  parseOcspResponse,
  ResponseData,
  sameCertId,
} from '../ocsp.ts'
import { PathError, validatePath } from '../path.ts'
import { type Signer, sha1, sha256, verifySignature } from './signer.ts'

const hash = (algorithm: DigestAlgorithm, octets: Uint8Array) => (algorithm === 'sha1' ? sha1(octets) : sha256(octets))

export const certId = (issuer: OcspIssuer, serialNumber: string, algorithm?: DigestAlgorithm): CertID =>
  certIdOf(issuer, serialNumber, hash, algorithm)

/** Does this request item concern a certificate of that issuer? */
export const concerns = (id: CertID, issuer: OcspIssuer): boolean => isIssuedBy(id, issuer, hash)

export const ocspRequest = (issuer: OcspIssuer, serialNumber: string, nonce?: Uint8Array): Uint8Array =>
  ocspRequestOf([certId(issuer, serialNumber)], nonce)

export type CertificateStatus =
  | { readonly status: 'good' }
  | { readonly status: 'revoked'; readonly revokedAt: Date; readonly reason: CrlReason }
  | { readonly status: 'unknown' }

export interface OcspAnswer {
  readonly request: ParsedOcspRequest
  /** One for each item asked, in order; `archiveCutoff` where the certificate has expired. */
  readonly statuses: readonly (CertificateStatus & { readonly archiveCutoff?: Date })[]
  readonly producedAt: Date
  readonly thisUpdate: Date
  readonly nextUpdate?: Date
  /** Certificate of a delegated responder, DER; absent when the CA itself answers. */
  readonly responderCertificate?: Uint8Array
}

export async function signOcspResponse(answer: OcspAnswer, signer: Signer): Promise<Uint8Array> {
  const { request, statuses, producedAt, thisUpdate, nextUpdate, responderCertificate } = answer
  if (statuses.length !== request.asked.length) throw new RangeError('as many statuses as were asked')
  const value: ResponseData = {
    version: 0,
    responderID: { kind: 'byKey', value: sha1(SubjectPublicKeyInfo.decode(signer.publicKey).subjectPublicKey) },
    producedAt,
    responses: request.asked.map(({ octets, certId }, index) => {
      const status = statuses[index] as OcspAnswer['statuses'][number]
      return {
        certID: { value: certId, octets },
        certStatus: certStatusOf(status),
        thisUpdate,
        ...(nextUpdate !== undefined && { nextUpdate }),
        ...(status.archiveCutoff && { singleExtensions: [extension(archiveCutoff, status.archiveCutoff)] }),
      }
    }),
    ...(request.nonce !== undefined && { responseExtensions: [extension(ocspNonce, request.nonce)] }),
  }
  const octets = ResponseData.encode(value)
  return ocspResponseOf({
    tbsResponseData: { value, octets },
    signatureAlgorithm: algorithms[signer.algorithm],
    signature: await signer.sign(octets),
    ...(responderCertificate !== undefined && { certs: [responderCertificate] }),
  })
}

function certStatusOf(status: CertificateStatus): ResponseData['responses'][number]['certStatus'] {
  if (status.status !== 'revoked') return { kind: status.status, value: null }
  const { revokedAt, reason } = status
  return {
    kind: 'revoked',
    value: { revocationTime: revokedAt, ...(reason !== 'unspecified' && { revocationReason: reason }) },
  }
}

export const ocspRefusals = {
  'not-successful': 'The responder gave no status.',
  'not-asked': 'The response is about another certificate.',
  responder: 'The responder is neither the issuer nor delegated by it.',
  signature: 'The signature of the response is wrong.',
  'not-fresh': 'The status is not of this time.',
  nonce: 'The response does not carry the nonce of the request.',
} as const
export type OcspRefusal = keyof typeof ocspRefusals

export class OcspError extends Error {
  override readonly name = 'OcspError'
  readonly code: OcspRefusal

  constructor(code: OcspRefusal, detail = '') {
    super(detail === '' ? ocspRefusals[code] : `${ocspRefusals[code]} (${detail})`)
    this.code = code
  }
}

export interface OcspExpectation {
  readonly issuer: ParsedCertificate
  readonly serialNumber: string
  readonly at: Date
  /** The nonce that was sent; a response without it, or with another, is refused. */
  readonly nonce?: Uint8Array
  /** Clocks differ: so many milliseconds are allowed on both sides. */
  readonly tolerance?: number
  /** Oldest acceptable `thisUpdate` where the response has no `nextUpdate`, in milliseconds. */
  readonly oldest?: number
}

export type VerifiedStatus = CertificateStatus & {
  readonly producedAt: Date
  readonly thisUpdate: Date
  readonly nextUpdate?: Date
}

/** Answers the status by RFC 6960 §3.2, or throws an `OcspError`; of bad octets, a `DerError`. */
export async function verifyOcspResponse(der: Uint8Array, expected: OcspExpectation): Promise<VerifiedStatus> {
  const response = parseOcspResponse(der)
  if (typeof response === 'string') throw new OcspError('not-successful', response satisfies OcspResponseStatus)
  const single = response.responses.find(({ certID: { value } }) =>
    sameCertId(value, certId(expected.issuer, expected.serialNumber, algorithmOf(value))),
  )
  if (single === undefined) throw new OcspError('not-asked')
  const responder = await authorizedResponder(response, expected)
  const { signatureAlgorithm: algorithm, tbs: octets, signature } = response
  if (!(await verifySignature({ algorithm, publicKey: responder.publicKey, octets, signature })))
    throw new OcspError('signature')
  checkNonce(response, expected.nonce)
  const { thisUpdate, nextUpdate, certStatus } = single
  checkFresh(thisUpdate, nextUpdate, expected)
  const times = { producedAt: response.producedAt, thisUpdate, ...(nextUpdate !== undefined && { nextUpdate }) }
  if (certStatus.kind !== 'revoked') return { status: certStatus.kind, ...times }
  const { revocationTime, revocationReason = 'unspecified' } = certStatus.value
  return { status: 'revoked', revokedAt: revocationTime, reason: revocationReason, ...times }
}

const algorithmOf = ({ hashAlgorithm }: CertID): DigestAlgorithm => digestAlgorithmOf(hashAlgorithm) ?? 'sha1'

/** §4.2.2.2: the CA that issued the certificate, or one to whom that very CA gave id-kp-OCSPSigning. */
async function authorizedResponder(
  { responderID, certificates }: ParsedOcspResponse,
  { issuer, at }: OcspExpectation,
): Promise<ParsedCertificate> {
  const isResponder = ({ subject, publicKeyBits }: ParsedCertificate) =>
    responderID.kind === 'byName'
      ? sameName(responderID.value, subject)
      : equalOctets(responderID.value, sha1(publicKeyBits))
  if (isResponder(issuer)) return issuer
  const delegated = certificates.map(parseCertificate).find(isResponder)
  if (delegated === undefined) throw new OcspError('responder', 'its certificate is not there')
  if (delegated.extension(extKeyUsage)?.value.includes(keyPurposes.ocspSigning) !== true)
    throw new OcspError('responder', 'its certificate is not one for OCSP signing')
  // §4.2.2.2.1: without this mark its own revocation would have to be asked for.
  if (delegated.extension(ocspNoCheck) === undefined) throw new OcspError('responder', 'ocsp-nocheck is missing')
  try {
    await validatePath(delegated, { anchors: [issuer], at, verifySignature, keyUsage: ['digitalSignature'] })
  } catch (error) {
    if (error instanceof PathError) throw new OcspError('responder', error.message)
    throw error
  }
  return delegated
}

function checkNonce(response: ParsedOcspResponse, sent: Uint8Array | undefined): void {
  if (sent === undefined) return
  if (response.nonce === undefined || !equalOctets(response.nonce, sent)) throw new OcspError('nonce')
}

const hour = 3_600_000

/** §3.2 (5), (6). */
function checkFresh(thisUpdate: Date, nextUpdate: Date | undefined, expected: OcspExpectation): void {
  const { tolerance = 0, oldest = hour } = expected
  const at = expected.at.getTime()
  if (thisUpdate.getTime() > at + tolerance) throw new OcspError('not-fresh', `from ${thisUpdate.toISOString()} only`)
  const last = nextUpdate?.getTime() ?? thisUpdate.getTime() + oldest
  if (last < at - tolerance) throw new OcspError('not-fresh', `until ${new Date(last).toISOString()} only`)
}
