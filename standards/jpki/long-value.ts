/** Parts of a signed statement that may be long: two octets of length, then the value. docs/protocols/login.md, docs/protocols/access-code.md. */
import { concat } from '@mobile-jpki/tlv'

export const longValue = (octets: Uint8Array): Uint8Array => {
  if (octets.length > 0xffff) throw new RangeError(`${octets.length} octets are too many for a length of two octets`)
  return concat(Uint8Array.of(octets.length >> 8, octets.length & 0xff), octets)
}

/** A lone surrogate would be written as U+FFFD, and another text with it. */
export const utf8 = (text: string): Uint8Array => {
  if (!text.isWellFormed()) throw new RangeError('the text is not well-formed Unicode')
  return new TextEncoder().encode(text)
}
