/**
 * Is this certificate one of the service's, for this use, and good at this moment? What SP-TSM asks of a sign certificate (③)
 * and a relying party of an auth certificate: path (RFC 5280 §6), policy, and status by OCSP (RFC 6960), with a refusal for each no.
 */
import { DerError } from '@mobile-jpki/der'
import {
  accessMethods,
  authorityInfoAccess,
  type KeyUsage,
  type ParsedCertificate,
  PathError,
  type PathRefusal,
  parseCertificate,
  validatePath,
} from '@mobile-jpki/pkix'
import {
  OcspError,
  ocspRequest,
  type VerifiedStatus,
  verifyOcspResponse,
  verifySignature,
} from '@mobile-jpki/pkix/crypto'
import { type ActorName, Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import type { Step, Trace } from '@mobile-jpki/trace'

export interface VerificationWorld {
  /** CA certificates of every generation. */
  readonly anchors: readonly ParsedCertificate[]
  readonly now: () => Date
  readonly random: (length: number) => Uint8Array
  /** Sends an OCSP request (RFC 6960 Appendix A.1) and answers the response. */
  readonly askOcsp: (url: string, request: Uint8Array) => Promise<Uint8Array>
  readonly trace: Trace
  readonly actor: ActorName
}

export interface VerificationRequest {
  /** DER as it was handed in. */
  readonly certificate: Uint8Array
  readonly policies: readonly string[]
  readonly keyUsage: readonly KeyUsage[]
  readonly step?: Step
  readonly order?: string
}

/** Answers the certificate when it is good; every other outcome is a Refusal. */
export async function verifyCertificate(
  world: VerificationWorld,
  request: VerificationRequest,
): Promise<ParsedCertificate> {
  const certificate = parsed(request.certificate)
  const issuer = await issuerOf(world, certificate, request)
  refuseUnlessGood(await statusOf(world, certificate, issuer, request))
  return certificate
}

function parsed(der: Uint8Array): ParsedCertificate {
  try {
    return parseCertificate(der)
  } catch (error) {
    if (error instanceof DerError)
      throw new Refusal('request.malformed', `certificate: ${error.message}`, { cause: error })
    throw error
  }
}

const pathCodes = {
  'not-yet-valid': 'certificate.expired',
  expired: 'certificate.expired',
  'no-issuer': 'certificate.untrusted',
  'bad-signature': 'certificate.untrusted',
  'not-a-ca': 'certificate.untrusted',
  'path-too-long': 'certificate.untrusted',
  'key-usage': 'certificate.wrong-policy',
  'extended-key-usage': 'certificate.wrong-policy',
  policy: 'certificate.wrong-policy',
  'unknown-critical-extension': 'certificate.untrusted',
} as const satisfies Record<PathRefusal, RefusalCode>

async function issuerOf(
  { anchors, now }: VerificationWorld,
  certificate: ParsedCertificate,
  { policies, keyUsage }: VerificationRequest,
): Promise<ParsedCertificate> {
  try {
    const path = await validatePath(certificate, { anchors, at: now(), verifySignature, policies, keyUsage })
    return path[1] ?? certificate
  } catch (error) {
    if (error instanceof PathError) throw new Refusal(pathCodes[error.code], error.message, { cause: error })
    throw error
  }
}

async function statusOf(
  { now, random, askOcsp, trace, actor }: VerificationWorld,
  certificate: ParsedCertificate,
  issuer: ParsedCertificate,
  { step, order }: VerificationRequest,
): Promise<VerifiedStatus> {
  const { serialNumber } = certificate
  const nonce = random(32)
  const request = ocspRequest(issuer, serialNumber, nonce)
  const at = now()
  const start = performance.now()
  const record = (octets: number, decoded: unknown, refusal?: RefusalCode) =>
    trace.record({
      at,
      step,
      order,
      from: actor,
      to: 'jpki-system',
      what: 'OCSP',
      octets: request.length + octets,
      raw: request,
      decoded,
      milliseconds: performance.now() - start,
      ok: refusal === undefined,
      refusal,
    })
  try {
    const response = await askOcsp(ocspUrlOf(certificate), request)
    const status = await verifyOcspResponse(response, { issuer, serialNumber, at: now(), nonce, tolerance: 60_000 })
    record(response.length, { serialNumber, status: status.status })
    return status
  } catch (error) {
    record(0, { serialNumber }, 'certificate.status-unknown')
    const detail =
      error instanceof OcspError || error instanceof Refusal ? error.message : 'The OCSP responder does not answer.'
    throw new Refusal('certificate.status-unknown', detail, { whose: 'jpki-system', cause: error })
  }
}

function ocspUrlOf(certificate: ParsedCertificate): string {
  for (const { accessMethod, accessLocation } of certificate.extension(authorityInfoAccess)?.value ?? [])
    if (accessMethod === accessMethods.ocsp && accessLocation.kind === 'uniformResourceIdentifier')
      return accessLocation.value
  throw new Refusal('certificate.status-unknown', 'The certificate names no OCSP responder.')
}

function refuseUnlessGood(status: VerifiedStatus): void {
  if (status.status === 'good') return
  if (status.status === 'unknown')
    throw new Refusal('certificate.status-unknown', 'The certification authority knows of no such certificate in use.')
  const when = `${status.reason}, ${status.revokedAt.toISOString()}`
  if (status.reason === 'certificateHold')
    throw new Refusal('certificate.on-hold', `The certificate is on hold since then (${when}).`)
  throw new Refusal('certificate.revoked', `The certificate was revoked (${when}).`)
}

/** OCSP over HTTP, RFC 6960 Appendix A.1. The header tells the responder that the exchange is traced here already. */
export async function askOcspByHttp(url: string, request: Uint8Array): Promise<Uint8Array> {
  const reply = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/ocsp-request',
      accept: 'application/ocsp-response',
      'jpki-recorded-by': 'verification',
    },
    body: new Uint8Array(request),
    signal: AbortSignal.timeout(10_000),
  })
  if (!reply.ok)
    throw new Refusal('peer.failed', `The OCSP responder answered with status ${reply.status}.`, {
      whose: 'jpki-system',
    })
  return reply.body === null ? new Uint8Array() : bounded(reply.body)
}

/** A response with its certificates has some thousand octets. */
const longestResponse = 65_536

async function bounded(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > longestResponse)
      throw new Refusal('peer.failed', 'The OCSP response is too long.', { whose: 'jpki-system' })
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}
