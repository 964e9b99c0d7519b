/** Character string types. ITU-T X.690 §8.23, X.680 §41. */

import { type DerCodec, tagged } from './codec.ts'
import { contentsOf, DerError, type Element } from './element.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text of contents that are all ASCII, as most are; a decoder takes longer than that to be called. */
function asciiOf({ octets, contents, end }: Element): string | undefined {
  let text = ''
  for (let at = contents; at < end; at++) {
    const octet = octets[at] as number
    if (octet > 0x7f) return undefined
    text += String.fromCharCode(octet)
  }
  return text
}

export const utf8String: DerCodec<string> = tagged(
  0x0c,
  (element) => {
    const text = asciiOf(element)
    if (text !== undefined) return text
    try {
      return utf8.decode(contentsOf(element))
    } catch {
      throw new DerError('UTF8String is not UTF-8')
    }
  },
  (value, out) => {
    if (!value.isWellFormed()) throw new DerError('UTF8String cannot hold a lone surrogate')
    out.prependText(value)
  },
)

const restricted = (name: string, tag: number, allowed: RegExp): DerCodec<string> => {
  const check = (value: string | undefined): string => {
    if (value !== undefined && allowed.test(value)) return value
    throw new DerError(`${name} with a character it cannot hold`)
  }
  return tagged(
    tag,
    (element) => check(asciiOf(element)),
    (value, out) => out.prependText(check(value)),
  )
}

export const isPrintable = (value: string): boolean => /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value)
export const printableString: DerCodec<string> = restricted('PrintableString', 0x13, /^[A-Za-z0-9 '()+,\-./:=?]*$/)
export const numericString: DerCodec<string> = restricted('NumericString', 0x12, /^[0-9 ]*$/)
// biome-ignore lint/suspicious/noControlCharactersInRegex: IA5 is all of ASCII, control characters included
export const ia5String: DerCodec<string> = restricted('IA5String', 0x16, /^[\x00-\x7f]*$/)
export const visibleString: DerCodec<string> = restricted('VisibleString', 0x1a, /^[\x20-\x7e]*$/)
