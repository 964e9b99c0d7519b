/** OBJECT IDENTIFIER as dotted decimal. ITU-T X.690 §8.19. */

import { type DerCodec, tagged } from './codec.ts'
import { contentsOf, DerError, type Element } from './element.ts'

/** The identifiers of a program are few and met again and again; those of a stranger need not be kept. */
const remembered = 512
const octetsByText = new Map<string, Uint8Array>()
const known = new Map<number, { readonly octets: Uint8Array; readonly text: string }>()
const dotted = /^(?:[01]\.(?:\d|[123]\d)|2\.(?:0|[1-9]\d*))(?:\.(?:0|[1-9]\d*))*$/

function encodeArcs(text: string): Uint8Array {
  if (!dotted.test(text)) throw new DerError(`${text} is not an object identifier`)
  const [first, second, ...rest] = text.split('.').map(BigInt)
  const octets: number[] = []
  for (const arc of [(first as bigint) * 40n + (second as bigint), ...rest]) {
    const groups: number[] = []
    for (let left = arc; groups.length === 0 || left > 0n; left >>= 7n)
      groups.unshift(Number(left & 0x7fn) | (groups.length === 0 ? 0 : 0x80))
    octets.push(...groups)
  }
  return Uint8Array.from(octets)
}

function decodeArcs(contents: Uint8Array): string {
  if (contents.length === 0 || contents.length > 128) throw new DerError('OBJECT IDENTIFIER of this length')
  if ((contents.at(-1) as number) >= 0x80) throw new DerError('OBJECT IDENTIFIER ends within an arc')
  const arcs: bigint[] = []
  let arc = 0n
  let startsArc = true
  for (const octet of contents) {
    if (startsArc && octet === 0x80) throw new DerError('arc of an OBJECT IDENTIFIER is not minimal')
    arc = (arc << 7n) | BigInt(octet & 0x7f)
    startsArc = octet < 0x80
    if (startsArc) {
      arcs.push(arc)
      arc = 0n
    }
  }
  const [both, ...rest] = arcs as [bigint, ...bigint[]]
  const first = both < 80n ? both / 40n : 2n
  return [first, both - first * 40n, ...rest].join('.')
}

/** FNV-1a: of few identifiers, hardly two have the same. */
function hashOf({ octets, contents, end }: Element): number {
  let hash = 0x811c9dc5
  for (let at = contents; at < end; at++) hash = Math.imul(hash ^ (octets[at] as number), 0x01000193)
  return hash
}

function isSame(known: Uint8Array, { octets, contents, end }: Element): boolean {
  if (known.length !== end - contents) return false
  for (let i = 0; i < known.length; i++) if (known[i] !== octets[contents + i]) return false
  return true
}

export const objectIdentifier: DerCodec<string> = tagged(
  0x06,
  (element) => {
    const hash = hashOf(element)
    const found = known.get(hash)
    if (found !== undefined && isSame(found.octets, element)) return found.text
    const text = decodeArcs(contentsOf(element))
    if (found === undefined && known.size < remembered) known.set(hash, { octets: contentsOf(element).slice(), text })
    return text
  },
  (value, out) => {
    let octets = octetsByText.get(value)
    if (octets === undefined) {
      octets = encodeArcs(value)
      if (octetsByText.size < remembered) octetsByText.set(value, octets)
    }
    out.prepend(octets)
  },
)
