/** BER-TLV on the wire: tags of one to three octets, definite lengths. ISO/IEC 7816-4:2020 §6.3, X.690 §8.1. */
import { TlvError } from './codec.ts'

/** One data object as read; `value` is a view into the octets that were given. */
export interface Tlv {
  readonly tag: number
  readonly value: Uint8Array
}

/** Reads data objects one after the other until the octets end. Throws TlvError where they do not follow BER. */
export function* readTlvs(octets: Uint8Array): Generator<Tlv> {
  let at = 0
  while (at < octets.length) {
    const { tag, value, end } = readTlv(octets, at)
    yield { tag, value }
    at = end
  }
}

/** Reads the one data object that begins at `at`; `end` is where the next begins. */
export function readTlv(octets: Uint8Array, at = 0): Tlv & { readonly end: number } {
  const tag = readTag(octets, at)
  const length = readLength(octets, tag.end)
  const end = length.end + length.length
  if (end > octets.length) throw new TlvError(`${tagName(tag.tag)}: ${length.length} octets announced, value cut short`)
  return { tag: tag.tag, value: octets.subarray(length.end, end), end }
}

/** Writes one data object in the shortest form. */
export const writeTlv = (tag: number, value: Uint8Array): Uint8Array =>
  concat(writeTag(tag), writeLength(value.length), value)

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Equality of octets that are no secret: its time depends on them. */
export const sameOctets = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((octet, at) => octet === other[at])

/** A tag as people write it: `9F70`. */
export const tagName = (tag: number): string => {
  const hex = tag.toString(16).toUpperCase()
  return hex.length % 2 === 0 ? hex : `0${hex}`
}

/** ISO/IEC 7816-4 §6.3, table 7: b5–b1 all 1 announce further octets, the last of which has b8 = 0. */
function readTag(octets: Uint8Array, at: number): { tag: number; end: number } {
  const first = octetAt(octets, at)
  if (first === 0x00) throw new TlvError('00 is not a tag')
  if ((first & 0x1f) !== 0x1f) return { tag: first, end: at + 1 }
  const second = octetAt(octets, at + 1)
  if ((second & 0x7f) === 0) throw new TlvError(`${tagName((first << 8) | second)} is not a tag`)
  if (second < 0x80) return { tag: (first << 8) | second, end: at + 2 }
  const third = octetAt(octets, at + 2)
  if (third >= 0x80) throw new TlvError('tag longer than three octets')
  return { tag: (first << 16) | (second << 8) | third, end: at + 3 }
}

/** Refuses a tag that could not be read back, hence finds a mistyped declaration at once. */
export function writeTag(tag: number): Uint8Array {
  const octets =
    tag > 0xffff ? [tag >>> 16, (tag >>> 8) & 0xff, tag & 0xff] : tag > 0xff ? [tag >>> 8, tag & 0xff] : [tag]
  const written = Uint8Array.from(octets)
  if (!Number.isInteger(tag) || tag <= 0 || tag > 0xffffff) throw new TlvError(`${tag} is not a tag`)
  if (readTag(written, 0).end !== written.length) throw new TlvError(`${tagName(tag)} is not a tag`)
  return written
}

/** ISO/IEC 7816-4 §6.3, table 8. A longer form than needed is read, as BER allows, but never written. */
export function readLength(octets: Uint8Array, at: number): { length: number; end: number } {
  const first = octetAt(octets, at)
  if (first < 0x80) return { length: first, end: at + 1 }
  const count = first & 0x7f
  if (count === 0 || count > 3) throw new TlvError(`length form ${tagName(first)} is not supported`)
  let length = 0
  for (let next = at + 1; next <= at + count; next++) length = length * 256 + octetAt(octets, next)
  return { length, end: at + 1 + count }
}

export function writeLength(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length)
  if (length <= 0xff) return Uint8Array.of(0x81, length)
  if (length <= 0xffff) return Uint8Array.of(0x82, length >>> 8, length & 0xff)
  if (length <= 0xffffff) return Uint8Array.of(0x83, length >>> 16, (length >>> 8) & 0xff, length & 0xff)
  throw new TlvError(`${length} octets are too many for one data object`)
}

function octetAt(octets: Uint8Array, at: number): number {
  const octet = octets[at]
  if (octet === undefined) throw new TlvError('data object cut short')
  return octet
}
