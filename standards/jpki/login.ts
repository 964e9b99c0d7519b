/** The statement that a login signs: bound to the origin that asked and to its nonce, so that no other site can use it. docs/protocols/login.md. */
import { concat } from '@mobile-jpki/tlv'

const label = new TextEncoder().encode('mobile-jpki/login/1')

export interface LoginStatement {
  /** Serialized origin (RFC 6454 §6.2), e.g. `https://shop.example`. */
  readonly origin: string
  readonly loginId: string
  /** 32 octets of the relying party's own. */
  readonly nonce: Uint8Array
}

const long = (octets: Uint8Array): Uint8Array => {
  if (octets.length > 0xffff) throw new RangeError(`${octets.length} octets are too many for a length of two octets`)
  return concat(Uint8Array.of(octets.length >> 8, octets.length & 0xff), octets)
}

/** A lone surrogate would be written as U+FFFD, and another text with it. */
const utf8 = (text: string): Uint8Array => {
  if (!text.isWellFormed()) throw new RangeError('the text is not well-formed Unicode')
  return new TextEncoder().encode(text)
}

/** The octets whose SHA-256 goes into COMPUTE DIGITAL SIGNATURE. */
export const loginToSign = (statement: LoginStatement): Uint8Array =>
  concat(label, long(utf8(statement.origin)), long(utf8(statement.loginId)), long(statement.nonce))
