/**
 * The statement that a login or a confirmation signs: bound to the origin that asked, to its nonce, and to all that the person was shown, so that
 * no other site can use it and nobody can say that something else was agreed to. docs/protocols/login.md.
 */
import { concat } from '@mobile-jpki/tlv'
import { longValue, utf8 } from './long-value.ts'

/** The digit is the version: whoever adds a part changes it. */
const label = new TextEncoder().encode('mobile-jpki/login/2')

/** What the signature is for: to be let in, or to agree to `text`. */
export const loginPurposes = ['login', 'confirm'] as const
export type LoginPurpose = (typeof loginPurposes)[number]

export interface LoginStatement {
  /** Serialized origin (RFC 6454 §6.2), e.g. `https://shop.example`. */
  readonly origin: string
  readonly loginId: string
  /** 32 octets of the relying party's own. */
  readonly nonce: Uint8Array
  readonly purpose: LoginPurpose
  /** For whom the site asks, when it is not for itself; never empty. */
  readonly requester?: string | undefined
  /** What the person agrees to, as it was shown; never empty. */
  readonly text?: string | undefined
  /** The matching number that the person chose in the app: two digits. */
  readonly number: string
}

/** The octets whose SHA-256 goes into COMPUTE DIGITAL SIGNATURE. */
export const loginToSign = ({
  origin,
  loginId,
  nonce,
  purpose,
  requester,
  text,
  number,
}: LoginStatement): Uint8Array => {
  if (requester === '' || text === '') throw new RangeError('requester and text are not said, or not empty')
  const parts = [
    utf8(origin),
    utf8(loginId),
    nonce,
    utf8(purpose),
    utf8(requester ?? ''),
    utf8(text ?? ''),
    utf8(number),
  ]
  return concat(label, ...parts.map(longValue))
}

const shownText = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\u2028\u2029]+$/u

/** One line that a screen shows as it is: no controls, nothing that turns the direction of writing or hides. */
export const isShownLine = (text: string): boolean => shownText.test(text) && text.trim() === text

/** The same in several lines, some of them empty, none of them indented. */
export const isShownText = (text: string): boolean =>
  text !== '' && text.trim() === text && text.split('\n').every((line) => line === '' || isShownLine(line))
