/** How a login ends: one kind of yes, and every kind of no, as a value. docs/protocols/login.md. */
import type { LoginPurpose } from '@mobile-jpki/jpki'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { type BadCertificate, type KnownStatus, refusalOfVerdict } from '@mobile-jpki/verification/verdict'

export interface Holder {
  /** Lower-case hex; another one after each renewal. */
  readonly serialNumber: string
  /** The My Number card itself, or the phone. */
  readonly kind: 'card' | 'phone'
  readonly notAfter: Date
  /** DER. */
  readonly certificate: Uint8Array
}

export interface GoodHolder {
  readonly state: 'good'
  readonly holder: Holder
  /** Who said that the certificate is good, and when. */
  readonly status: KnownStatus
}

export interface Accepted extends GoodHolder {
  /** The same for all certificates of the person, in card and phone, before and after renewal, where linkage is asked; else the serial number. */
  readonly account: string
  readonly loginId: string
  readonly purpose: LoginPurpose
  readonly requester?: string
  /** What the person agreed to. */
  readonly text?: string
  /** What can be shown to a third party: these octets were signed by that certificate's key. */
  readonly proof: { readonly statement: Uint8Array; readonly signature: Uint8Array; readonly certificate: Uint8Array }
}

/** The linkage service did not say whose the certificate is. */
export interface AccountUnknown {
  readonly state: 'accountUnknown'
  readonly why: string
}

export type LoginRefused =
  | BadCertificate
  | AccountUnknown
  /** The signature is by another key, or over something else. */
  | { readonly state: 'badSignature' }
  /** The number chosen in the app is not the one on the page. */
  | { readonly state: 'wrongNumber' }
  | { readonly state: 'tooLate' }
  | { readonly state: 'answeredBefore' }
  | { readonly state: 'noSuchLogin' }

export type LoginVerdict = Accepted | LoginRefused

export type Outcome =
  | Accepted
  | { readonly state: 'waiting' }
  | { readonly state: 'tooLate' }
  | { readonly state: 'noSuchLogin' }
  | LoginRefused

const codes = {
  accountUnknown: 'peer.unreachable',
  badSignature: 'login.signature-invalid',
  wrongNumber: 'login.wrong-number',
  tooLate: 'login.expired',
  answeredBefore: 'request.replayed',
  noSuchLogin: 'reference.not-found',
} as const satisfies Record<Exclude<LoginRefused, BadCertificate>['state'], RefusalCode>

const sentences: { readonly [State in keyof typeof codes]?: string } = {
  answeredBefore: 'This login was answered already.',
  noSuchLogin: 'There is no such login.',
}

/** The same with a code, as it travels. */
export function refusalOfLogin(refused: LoginRefused): Refusal {
  switch (refused.state) {
    case 'accountUnknown':
      return new Refusal(codes.accountUnknown, refused.why, { whose: 'jpki-system' })
    case 'badSignature':
    case 'wrongNumber':
    case 'tooLate':
    case 'answeredBefore':
    case 'noSuchLogin':
      return new Refusal(codes[refused.state], sentences[refused.state])
    default:
      return refusalOfVerdict(refused)
  }
}

/** These say nothing about the person: the same answer may be judged again, and the login stays open. */
export const isPassing = ({ state }: LoginVerdict): boolean =>
  state === 'unknown' || state === 'stale' || state === 'accountUnknown'
