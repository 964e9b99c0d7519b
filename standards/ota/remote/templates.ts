/** Templates whose length is definite or indefinite. ETSI TS 102 226 §5.2.1; X.690 §8.1.3.6, §8.1.5. */
import { concat, readTlv, readTlvs, type Tlv, TlvError, writeLength } from '@mobile-jpki/tlv'

/** An indefinite length lets the sender begin before it knows the end: two octets 00 stand there. */
export type Length = 'definite' | 'indefinite'
export type TemplateTags = Readonly<Record<Length, number>>

const endOfContents = Uint8Array.of(0x00, 0x00)

export function writeTemplate(tags: TemplateTags, length: Length, objects: readonly Uint8Array[]): Uint8Array {
  const contents = concat(...objects)
  return length === 'definite'
    ? concat(Uint8Array.of(tags.definite), writeLength(contents.length), contents)
    : concat(Uint8Array.of(tags.indefinite, 0x80), contents, endOfContents)
}

/** The data objects inside; nothing may follow the template. */
export function readObjects(tags: TemplateTags, octets: Uint8Array): { length: Length; objects: readonly Tlv[] } {
  if (octets[0] === tags.definite) {
    const { value, end } = readTlv(octets)
    if (end !== octets.length) throw new TlvError('more after the template')
    return { length: 'definite', objects: [...readTlvs(value)] }
  }
  if (octets[0] !== tags.indefinite || octets[1] !== 0x80) throw new TlvError('not the template that is expected')
  const end = octets.length - 2
  if (end < 2 || octets[end] !== 0 || octets[end + 1] !== 0) throw new TlvError('the end of the template is missing')
  return { length: 'indefinite', objects: [...readTlvs(octets.subarray(2, end))] }
}
