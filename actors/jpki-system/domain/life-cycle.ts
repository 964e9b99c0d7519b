/**
 * Life cycle of a certificate. A phone's certificate walks all of it; those in a My Number card begin as `valid`.
 *
 *   reserved ─issue─▶ pending ─prove─▶ valid ─hold─▶ held ─release─▶ valid
 *       └────────────revoke──┴───────────┴──revoke────┴──▶ revoked          pending, valid, held ─expire─▶ expired
 *
 * Only the hold that SP-TSM asked for is released, of a phone that was found again. A card's hold, and what goes with it, is not:
 * whoever finds the card again gets new certificates.
 */
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'

export const states = ['reserved', 'pending', 'valid', 'held', 'revoked', 'expired'] as const
export type CertificateState = (typeof states)[number]

export const events = ['issue', 'prove', 'hold', 'release', 'revoke', 'expire'] as const
export type CertificateEvent = (typeof events)[number]

export const transitions: Readonly<Record<CertificateState, Partial<Record<CertificateEvent, CertificateState>>>> = {
  /** An order is accepted; there is no certificate yet. */
  reserved: { issue: 'pending', revoke: 'revoked' },
  /** Issued, and its private key still here: not good for anybody until the applet proves that it has the key. */
  pending: { prove: 'valid', hold: 'held', revoke: 'revoked', expire: 'expired' },
  valid: { hold: 'held', revoke: 'revoked', expire: 'expired' },
  held: { release: 'valid', revoke: 'revoked', expire: 'expired' },
  revoked: {},
  expired: {},
}

const answers: Partial<Record<CertificateState, RefusalCode>> = {
  held: 'certificate.on-hold',
  revoked: 'certificate.already-revoked',
  expired: 'certificate.expired',
}

export function after(event: CertificateEvent, from: CertificateState): CertificateState {
  const to = transitions[from][event]
  if (to === undefined)
    throw new Refusal(
      answers[from] ?? 'conditions.not-satisfied',
      `${event} is not possible: the certificate is ${from}.`,
    )
  return to
}

export const isFinal = (state: CertificateState): boolean => Object.keys(transitions[state]).length === 0

/** A certificate that expired while nobody looked: expiry is read from the clock, never written. */
export const stateAt = (
  { state, notAfter }: { readonly state: CertificateState; readonly notAfter: Date },
  now: Date,
): CertificateState => (now > notAfter ? (transitions[state].expire ?? state) : state)
