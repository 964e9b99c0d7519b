/**
 * Is this certificate one of the service's, for this use, and good at this moment? Path and policy (RFC 5280 §6), then status: OCSP first
 * (RFC 6960), and where nobody answers, the list (RFC 5280 §6.3). Nothing that could not be learnt counts as good.
 */
import type { ParsedCertificate } from '@mobile-jpki/pkix'
import type { KeptAnswers } from './answers.ts'
import type { RevocationLists } from './lists.ts'
import { judgePath, type PathRequest, type PathWorld, type Trusted } from './path.ts'
import { askResponder, type Occasion, type ResponderWorld } from './responder.ts'
import { type BadCertificate, type CertificateVerdict, refusalOfVerdict } from './verdict.ts'

export interface VerificationWorld extends PathWorld, ResponderWorld {
  /** Without lists OCSP alone is asked. */
  readonly lists?: RevocationLists
  /** Without these the responder is asked each time. */
  readonly answers?: KeptAnswers
}

export interface VerificationRequest extends PathRequest, Occasion {}

export async function judgeCertificate(
  world: VerificationWorld,
  request: VerificationRequest,
): Promise<CertificateVerdict> {
  const judged = await judgePath(world, request)
  return judged.state === 'trusted' ? judgeStatus(world, judged, request) : judged
}

/** Of a certificate whose path was judged. */
export async function judgeStatus(
  world: VerificationWorld,
  trusted: Trusted,
  occasion: Occasion = {},
): Promise<CertificateVerdict> {
  const { answers, now } = world
  const kept = answers?.find(trusted, now())
  const heard = kept ?? (await askResponder(world, trusted, occasion))
  if (heard.status === 'silent' || heard.status === 'stale') return fallBack(world, trusted, heard)
  // The responder knows what a list cannot tell: a certificate that was never in use is on no list.
  if (heard.status === 'unknown')
    return { state: 'unknown', why: 'The certification authority knows of no such certificate in use.' }
  if (kept === undefined) answers?.keep(trusted, heard)
  if (heard.status === 'revoked') return revoked(heard.reason, heard.revokedAt)
  const { thisUpdate, nextUpdate } = heard
  return good(trusted, { source: 'ocsp', thisUpdate, ...(nextUpdate !== undefined && { nextUpdate }) })
}

async function fallBack(
  { lists }: VerificationWorld,
  trusted: Trusted,
  { status, why }: { readonly status: 'silent' | 'stale'; readonly why: string },
): Promise<CertificateVerdict> {
  const answer = await lists?.lookUp(trusted.certificate, trusted.issuer)
  switch (answer?.state) {
    case 'listed':
      return revoked(answer.entry.reason, answer.entry.revocationDate)
    case 'notListed':
      return good(trusted, { source: 'crl', thisUpdate: answer.thisUpdate, nextUpdate: answer.nextUpdate })
    case 'stale':
      return { ...answer, why: `${why} ${answer.why}` }
    default:
      return {
        state: status === 'stale' ? 'stale' : 'unknown',
        why: answer === undefined ? why : `${why} ${answer.why}`,
      }
  }
}

const good = (
  { certificate, issuer }: Trusted,
  status: { source: 'ocsp' | 'crl'; thisUpdate: Date; nextUpdate?: Date },
) => ({ state: 'good', certificate, issuer, status }) as const

const revoked = (reason: Extract<BadCertificate, { state: 'revoked' }>['reason'], at: Date): BadCertificate =>
  reason === 'certificateHold' ? { state: 'onHold', at } : { state: 'revoked', reason, at }

/** Answers the certificate when it is good; every other outcome is a Refusal. */
export async function verifyCertificate(
  world: VerificationWorld,
  request: VerificationRequest,
): Promise<ParsedCertificate> {
  const verdict = await judgeCertificate(world, request)
  if (verdict.state !== 'good') throw refusalOfVerdict(verdict)
  return verdict.certificate
}
