/** One structure made into another: octets changed, cut, doubled, moved, taken from elsewhere; lengths that lie; nesting without an end. */
import type { Chance } from '../sim/fuzz/chance.ts'

export interface Mutant {
  readonly octets: Uint8Array
  /** How many octets are not those of the original. */
  readonly changed: number
}

const largest = 1 << 16
const interesting = [
  0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x17, 0x18, 0x30, 0x31, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xa0,
  0xa3, 0xff,
]

type Mutation = (octets: Uint8Array, chance: Chance, other: Uint8Array) => Mutant

const joined = (...parts: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
/** A place and a length from there, mostly short. */
const span = ({ length }: Uint8Array, chance: Chance): readonly [from: number, to: number] => {
  const from = chance.below(length)
  const most = Math.min(length - from, chance.happens(0.8) ? 32 : length)
  return [from, from + chance.below(most + 1)]
}
const replacing = (octets: Uint8Array, from: number, to: number, by: Uint8Array): Mutant => ({
  octets: joined(octets.subarray(0, from), by, octets.subarray(to)),
  changed: Math.max(to - from, by.length),
})
/** The same, with the lengths of all that lies around made right again, so that readers come deeper. */
function mending(octets: Uint8Array, from: number, to: number, by: Uint8Array): Mutant {
  let [start, end, inner] = [from, to, by]
  for (const one of elements(octets).toReversed()) {
    if (one.contents > start || one.to < end || (one.from === start && one.to === end)) continue
    inner = element(one.tag, joined(octets.subarray(one.contents, start), inner, octets.subarray(end, one.to)))
    start = one.from
    end = one.to
  }
  return {
    octets: joined(octets.subarray(0, start), inner, octets.subarray(end)),
    changed: Math.max(to - from, by.length),
  }
}
const spot = (octets: Uint8Array, at: number, value: number): Mutant => ({
  octets: octets.with(Math.min(at, octets.length - 1), value & 0xff),
  changed: 1,
})

interface Element {
  readonly tag: number
  readonly from: number
  readonly contents: number
  readonly to: number
}

/** What can be read as elements, those within OCTET STRINGs included; the whole, where nothing can. The outer ones come first. */
function elements(octets: Uint8Array): readonly Element[] {
  const found: Element[] = []
  const walk = (start: number, end: number, depth: number): void => {
    for (let at = start; at < end && found.length < 512; ) {
      const one = elementAt(octets, at, end)
      if (one === undefined) return
      found.push(one)
      const isWrapped = one.tag === 0x04 && elementAt(octets, one.contents, one.to)?.to === one.to
      if (((one.tag & 0x20) !== 0 || isWrapped) && depth < 16) walk(one.contents, one.to, depth + 1)
      at = one.to
    }
  }
  walk(0, octets.length, 0)
  return found.length > 0 ? found : [{ tag: octets[0] ?? 0, from: 0, contents: 0, to: octets.length }]
}

function elementAt(octets: Uint8Array, from: number, end: number): Element | undefined {
  const tag = octets[from]
  const first = octets[from + 1]
  if (tag === undefined || first === undefined) return undefined
  const count = first < 0x80 ? 0 : first & 0x7f
  if (count > 3) return undefined
  let length = first < 0x80 ? first : 0
  for (let i = 0; i < count; i++) length = length * 256 + (octets[from + 2 + i] ?? 0)
  const contents = from + 2 + count
  return contents + length > end ? undefined : { tag, from, contents, to: contents + length }
}

/** An element made anew around contents, with its right length. */
function element(tag: number, contents: Uint8Array): Uint8Array {
  const { length } = contents
  const header =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, (length >> 8) & 0xff, length & 0xff]
  return joined(Uint8Array.from(header), contents)
}

const mutations: readonly Mutation[] = [
  (octets, chance) => {
    const at = chance.below(octets.length)
    return spot(octets, at, (octets[at] as number) ^ (1 << chance.below(8)))
  },
  (octets, chance) => spot(octets, chance.below(octets.length), chance.pick(interesting)),
  (octets, chance) => mending(octets, ...span(octets, chance), new Uint8Array()),
  (octets, chance) => {
    const [from, to] = span(octets, chance)
    return replacing(octets, from, to, chance.octets(to - from))
  },
  (octets, chance) => {
    const at = chance.below(octets.length)
    return replacing(octets, at, at, chance.octets(chance.below(32)))
  },
  (octets, chance) => {
    const [from, to] = span(octets, chance)
    return replacing(octets, from, from, octets.subarray(from, to))
  },
  (octets, chance) => replacing(octets, chance.below(octets.length), octets.length, new Uint8Array()),
  // From another kind of structure, into this one.
  (octets, chance, other) => replacing(octets, ...span(octets, chance), other.subarray(...span(other, chance))),
  // A length or a tag.
  (octets, chance) => {
    const { from } = chance.pick(elements(octets))
    return spot(octets, from + chance.below(3), chance.happens(0.5) ? chance.pick(interesting) : chance.below(256))
  },
  // An element gone, doubled, or another in its place.
  (octets, chance) => {
    const { from, to } = chance.pick(elements(octets))
    return mending(octets, from, to, new Uint8Array())
  },
  (octets, chance) => {
    const { from, to } = chance.pick(elements(octets))
    return mending(octets, from, from, octets.subarray(from, to))
  },
  (octets, chance, other) => {
    const [{ from, to }, taken] = [chance.pick(elements(octets)), chance.pick(elements(other))]
    return mending(octets, from, to, other.subarray(taken.from, taken.to))
  },
  // Other contents, the same under another tag, or none.
  (octets, chance) => {
    const { tag, from, contents, to } = chance.pick(elements(octets))
    return mending(octets, from, to, element(tag, chance.octets(chance.below(Math.min(64, 2 * (to - contents) + 2)))))
  },
  (octets, chance) => {
    const { from, contents, to } = chance.pick(elements(octets))
    const kept = chance.happens(0.3) ? new Uint8Array() : octets.subarray(chance.happens(0.5) ? contents : from, to)
    return mending(octets, from, to, element(chance.pick(interesting), kept))
  },
  // One bit of a value.
  (octets, chance) => {
    const { contents, to } = chance.pick(elements(octets).slice(-64))
    const at = contents + chance.below(Math.max(to - contents, 1))
    return spot(octets, at, (octets[at] ?? 0) ^ (1 << chance.below(8)))
  },
  // Deep.
  (octets, chance) => {
    const { from, to } = chance.pick(elements(octets))
    let inner = octets.subarray(from, to)
    for (let depth = chance.below(200); depth > 0; depth--) inner = element(chance.pick([0x30, 0x31, 0xa0]), inner)
    return mending(octets, from, to, inner)
  },
  // Long: one element very many times.
  (octets, chance) => {
    const { from, to } = chance.pick(elements(octets))
    const one = octets.subarray(from, to)
    const times = Math.min(chance.below(chance.happens(0.9) ? 8 : 2000), Math.floor(largest / Math.max(one.length, 1)))
    return mending(octets, from, to, joined(...Array.from({ length: times }, () => one)))
  },
]

export function mutate(original: Uint8Array, chance: Chance, others: readonly Uint8Array[]): Mutant {
  let octets = original
  let changed = 0
  for (let times = 1 + chance.below(3); times > 0 && octets.length > 8; times--) {
    const next = chance.pick(mutations)(octets, chance, chance.pick(others))
    octets = next.octets.subarray(0, largest)
    changed += next.changed
  }
  return { octets, changed }
}
