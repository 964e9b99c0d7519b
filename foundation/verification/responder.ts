/** What the OCSP responder named in the certificate says, or that it says nothing. RFC 6960. */
import { accessMethods, authorityInfoAccess, type ParsedCertificate } from '@mobile-jpki/pkix'
import { OcspError, ocspRequest, type VerifiedStatus, verifyOcspResponse } from '@mobile-jpki/pkix/crypto'
import { type ActorName, Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import type { Step, Trace } from '@mobile-jpki/trace'
import type { Trusted } from './path.ts'

export interface ResponderWorld {
  readonly now: () => Date
  readonly random: (length: number) => Uint8Array
  /** Sends an OCSP request (RFC 6960 Appendix A.1) and answers the response. */
  readonly askOcsp: (url: string, request: Uint8Array) => Promise<Uint8Array>
  readonly trace: Trace
  readonly actor: ActorName
}

export interface Occasion {
  readonly step?: Step
  readonly order?: string
}

export type Heard =
  | VerifiedStatus
  | { readonly status: 'silent'; readonly why: string }
  | { readonly status: 'stale'; readonly why: string }

/** Clocks differ by so much. */
const tolerance = 60_000

export async function askResponder(
  { now, random, askOcsp, trace, actor }: ResponderWorld,
  { certificate, issuer }: Trusted,
  { step, order }: Occasion,
): Promise<Heard> {
  const { serialNumber } = certificate
  const url = responderOf(certificate)
  if (url === undefined) return { status: 'silent', why: 'The certificate names no OCSP responder.' }
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
    const response = await askOcsp(url, request)
    const status = await verifyOcspResponse(response, { issuer, serialNumber, at: now(), nonce, tolerance })
    record(response.length, { serialNumber, status: status.status })
    return status
  } catch (error) {
    const stale = error instanceof OcspError && error.code === 'not-fresh'
    record(0, { serialNumber }, stale ? 'certificate.status-stale' : 'certificate.status-unknown')
    if (stale) return { status: 'stale', why: error.message }
    const told = error instanceof OcspError || error instanceof Refusal
    return { status: 'silent', why: told ? error.message : 'The OCSP responder does not answer.' }
  }
}

function responderOf(certificate: ParsedCertificate): string | undefined {
  for (const { accessMethod, accessLocation } of certificate.extension(authorityInfoAccess)?.value ?? [])
    if (accessMethod === accessMethods.ocsp && accessLocation.kind === 'uniformResourceIdentifier')
      return accessLocation.value
  return undefined
}
