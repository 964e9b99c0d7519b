/** What there is to say of a certificate: one kind of yes, and every kind of no. RFC 5280 §6, RFC 6960 §2.2. */
import type { CrlReason, ParsedCertificate } from '@mobile-jpki/pkix'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'

/** Who said that it is good, and for how long that holds. */
export interface KnownStatus {
  readonly source: 'ocsp' | 'crl'
  readonly thisUpdate: Date
  readonly nextUpdate?: Date
}

export interface GoodCertificate {
  readonly state: 'good'
  readonly certificate: ParsedCertificate
  readonly issuer: ParsedCertificate
  readonly status: KnownStatus
}

export type BadCertificate =
  | { readonly state: 'revoked'; readonly reason: CrlReason; readonly at: Date }
  | { readonly state: 'onHold'; readonly at: Date }
  | { readonly state: 'expired'; readonly at: Date }
  | { readonly state: 'notYetValid'; readonly from: Date }
  /** It does not lead to a CA that is trusted. */
  | { readonly state: 'untrusted'; readonly why: string }
  /** It was issued for another use. */
  | { readonly state: 'wrongUse'; readonly why: string }
  | { readonly state: 'malformed'; readonly why: string }
  /** The CA knows of no such certificate in use, or nobody could be asked. */
  | { readonly state: 'unknown'; readonly why: string }
  /** What could be learnt is past its time: it said so of `thisUpdate`, and no longer says so. */
  | { readonly state: 'stale'; readonly why: string; readonly thisUpdate?: Date; readonly nextUpdate?: Date }

export type CertificateVerdict = GoodCertificate | BadCertificate

const codes = {
  revoked: 'certificate.revoked',
  onHold: 'certificate.on-hold',
  expired: 'certificate.expired',
  notYetValid: 'certificate.expired',
  untrusted: 'certificate.untrusted',
  wrongUse: 'certificate.wrong-policy',
  malformed: 'request.malformed',
  unknown: 'certificate.status-unknown',
  stale: 'certificate.status-stale',
} as const satisfies Record<BadCertificate['state'], RefusalCode>

/** The same as a refusal, where a refusal is asked for. */
export function refusalOfVerdict(bad: BadCertificate): Refusal {
  const code = codes[bad.state]
  const detail = sentenceOf(bad)
  return bad.state === 'unknown' || bad.state === 'stale'
    ? new Refusal(code, detail, { whose: 'jpki-system' })
    : new Refusal(code, detail)
}

function sentenceOf(bad: BadCertificate): string {
  switch (bad.state) {
    case 'revoked':
      return `The certificate was revoked (${bad.reason}, ${bad.at.toISOString()}).`
    case 'onHold':
      return `The certificate is on hold since ${bad.at.toISOString()}.`
    case 'expired':
      return `The certificate has expired (${bad.at.toISOString()}).`
    case 'notYetValid':
      return `The certificate is not valid before ${bad.from.toISOString()}.`
    case 'malformed':
      return `certificate: ${bad.why}`
    default:
      return bad.why
  }
}
