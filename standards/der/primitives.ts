/** BOOLEAN, INTEGER, ENUMERATED, BIT STRING, OCTET STRING, NULL. ITU-T X.690 §8.2–8.8, §11.1–11.2. */

import { type DerCodec, mapped, tagged } from './codec.ts'
import { contentsOf, DerError, type Element } from './element.ts'

export const boolean: DerCodec<boolean> = tagged(
  0x01,
  ({ octets, contents, end }) => {
    const octet = octets[contents]
    if (end - contents !== 1) throw new DerError('BOOLEAN has one octet')
    if (octet !== 0x00 && octet !== 0xff) throw new DerError('BOOLEAN is 00 or FF')
    return octet === 0xff
  },
  (value, out) => out.prependOctet(value ? 0xff : 0x00),
)

function checkInteger(contents: Uint8Array): Uint8Array {
  const first = contents[0]
  const second = contents[1]
  if (first === undefined) throw new DerError('INTEGER is empty')
  if (second !== undefined && ((first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80)))
    throw new DerError('INTEGER is not minimal')
  return contents
}
const integerContents = (element: Element): Uint8Array => checkInteger(contentsOf(element))

/** INTEGER as its own contents octets, two's complement: the form in which serial numbers are compared. */
export const integerOctets: DerCodec<Uint8Array> = tagged(0x02, integerContents, (value, out) =>
  out.prepend(checkInteger(value)),
)

export function toTwosComplement(value: bigint): Uint8Array {
  let length = 1
  while (BigInt.asIntN(length * 8, value) !== value) length++
  return Uint8Array.fromHex(
    BigInt.asUintN(length * 8, value)
      .toString(16)
      .padStart(length * 2, '0'),
  )
}
export const fromTwosComplement = (octets: Uint8Array): bigint =>
  BigInt.asIntN(octets.length * 8, BigInt(`0x${octets.toHex()}`))

export const integer: DerCodec<bigint> = mapped(integerOctets, fromTwosComplement, toTwosComplement)

const numberOf = (octets: Uint8Array): number => {
  if (octets.length > 6) throw new DerError('INTEGER is too large here')
  return Number(fromTwosComplement(octets))
}
const octetsOfNumber = (value: number): Uint8Array => {
  if (!Number.isSafeInteger(value)) throw new DerError('not an integer')
  return toTwosComplement(BigInt(value))
}

/** INTEGER for versions, counts and other small numbers. */
export const smallInteger: DerCodec<number> = mapped(integerOctets, numberOf, octetsOfNumber)

/** INTEGER that is never negative, as its magnitude without a sign octet: modulus, exponent, r, s. */
export const magnitude: DerCodec<Uint8Array> = mapped(
  integerOctets,
  (octets) => {
    if ((octets[0] as number) >= 0x80) throw new DerError('INTEGER is negative')
    return octets.length > 1 && octets[0] === 0 ? octets.subarray(1) : octets
  },
  (value) => {
    let from = 0
    while (from < value.length - 1 && value[from] === 0) from++
    const significant = value.length === 0 ? Uint8Array.of(0) : value.subarray(from)
    if ((significant[0] as number) < 0x80) return significant
    const positive = new Uint8Array(significant.length + 1)
    positive.set(significant, 1)
    return positive
  },
)

/** ENUMERATED by name. */
export function enumerated<const N extends Readonly<Record<string, number>>>(names: N): DerCodec<keyof N & string> {
  const byNumber = new Map(Object.entries(names).map(([name, value]) => [value, name as keyof N & string]))
  return tagged<keyof N & string>(
    0x0a,
    (element) => {
      const value = numberOf(integerContents(element))
      const name = byNumber.get(value)
      if (name === undefined) throw new DerError(`${value} is not a value of this ENUMERATED`)
      return name
    },
    (name, out) => {
      const value = names[name]
      if (value === undefined) throw new DerError(`${name} is not a value of this ENUMERATED`)
      out.prepend(octetsOfNumber(value))
    },
  )
}

export interface Bits {
  readonly octets: Uint8Array
  readonly unusedBits: number
}

/** BIT STRING of any length; unused bits are zero (§11.2.1). */
export const bits: DerCodec<Bits> = tagged(
  0x03,
  (element) => {
    const contents = contentsOf(element)
    const unusedBits = contents[0]
    const octets = contents.subarray(1)
    if (unusedBits === undefined || unusedBits > 7 || (octets.length === 0 && unusedBits !== 0))
      throw new DerError('BIT STRING says a wrong number of unused bits')
    if (((octets.at(-1) ?? 0) & ((1 << unusedBits) - 1)) !== 0)
      throw new DerError('unused bits of a BIT STRING are not zero')
    return { octets, unusedBits }
  },
  ({ octets, unusedBits }, out) => {
    out.prepend(octets)
    out.prependOctet(unusedBits)
  },
)

/** BIT STRING of whole octets: keys and signatures. */
export const bitString: DerCodec<Uint8Array> = mapped(
  bits,
  ({ octets, unusedBits }) => {
    if (unusedBits !== 0) throw new DerError('BIT STRING of whole octets expected')
    return octets
  },
  (octets) => ({ octets, unusedBits: 0 }),
)

/** BIT STRING with a named bit list: the names of the bits that are set; trailing zero bits are left out (§11.2.2). */
export function namedBits<const N extends Readonly<Record<string, number>>>(
  names: N,
): DerCodec<readonly (keyof N & string)[]> {
  const inOrder = Object.entries(names).sort(([, a], [, b]) => a - b) as [keyof N & string, number][]
  const isSet = (octets: Uint8Array, bit: number) => (((octets[bit >> 3] ?? 0) << (bit & 7)) & 0x80) !== 0
  return mapped(
    bits,
    ({ octets, unusedBits }) => {
      const length = octets.length * 8 - unusedBits
      if (length > 0 && !isSet(octets, length - 1)) throw new DerError('named bits end with a zero bit')
      for (let bit = 0; bit < length; bit++)
        if (isSet(octets, bit) && !inOrder.some(([, known]) => known === bit))
          throw new DerError(`bit ${bit} has no name`)
      return inOrder.filter(([, bit]) => isSet(octets, bit)).map(([name]) => name)
    },
    (set) => {
      for (const name of set) if (names[name] === undefined) throw new DerError(`${name} is not one of these bits`)
      const chosen = inOrder.filter(([name]) => set.includes(name)).map(([, bit]) => bit)
      const last = chosen.at(-1)
      if (last === undefined) return { octets: new Uint8Array(0), unusedBits: 0 }
      const octets = new Uint8Array((last >> 3) + 1)
      for (const bit of chosen) octets[bit >> 3] = (octets[bit >> 3] as number) | (0x80 >> (bit & 7))
      return { octets, unusedBits: 7 - (last & 7) }
    },
  )
}

export const octetString: DerCodec<Uint8Array> = tagged(0x04, contentsOf, (value, out) => out.prepend(value))

export const nullValue: DerCodec<null> = tagged(
  0x05,
  (element) => {
    if (element.end !== element.contents) throw new DerError('NULL has no contents')
    return null
  },
  () => {},
)
