/** The values that stand in data objects: octets, numbers, text, names, flags. ISO/IEC 7816-4:2020 §6.3. */
import { type Codec, TlvError } from './codec.ts'

/** A fixed number of octets, or the least and the most. */
export type Bounds = number | { readonly min?: number; readonly max?: number }

const within = (length: number, bounds: Bounds | undefined): boolean =>
  bounds === undefined ||
  (typeof bounds === 'number'
    ? length === bounds
    : length >= (bounds.min ?? 0) && length <= (bounds.max ?? Number.POSITIVE_INFINITY))

function checkLength(length: number, bounds: Bounds | undefined, what: string): void {
  if (within(length, bounds)) return
  const wanted = typeof bounds === 'number' ? `${bounds}` : `${bounds?.min ?? 0} to ${bounds?.max ?? 'any'}`
  throw new TlvError(`${what}: ${length} instead of ${wanted}`)
}

/** Octets as they are, within bounds. */
export const octets = (bounds?: Bounds): Codec<Uint8Array> => {
  const copy = (value: Uint8Array): Uint8Array => {
    checkLength(value.length, bounds, 'number of octets')
    return value.slice()
  }
  return { encode: copy, decode: copy }
}

/** An unsigned big-endian number: in exactly `length` octets, or in the fewest within the bounds. */
export function unsigned(length: Bounds): Codec<number> {
  const min = typeof length === 'number' ? length : (length.min ?? 1)
  const max = typeof length === 'number' ? length : (length.max ?? 6)
  return {
    encode: (value) => {
      if (!Number.isSafeInteger(value) || value < 0) throw new TlvError(`${value} is not an unsigned number`)
      const digits = value.toString(16)
      const width = Math.max(min, Math.ceil(digits.length / 2))
      if (width > max || width > 6) throw new TlvError(`${value} does not fit in ${max} octets`)
      return Uint8Array.fromHex(digits.padStart(width * 2, '0'))
    },
    decode: (value) => {
      checkLength(value.length, { min, max: Math.min(max, 6) }, 'number of octets')
      return value.reduce((sum, octet) => sum * 256 + octet, 0)
    },
  }
}

/** Any value of one octet: the codec of a parameter octet that stands for nothing but itself. */
export const byte: Codec<number> = {
  ...unsigned(1),
  show: (value) => value.toString(16).padStart(2, '0').toUpperCase(),
}

/** ISO/IEC 646 text without control characters. */
export const ascii = (bounds?: Bounds): Codec<string> => ({
  encode: (value) => {
    if (!/^[\x20-\x7e]*$/.test(value)) throw new TlvError('not ASCII text')
    checkLength(value.length, bounds, 'number of characters')
    return new TextEncoder().encode(value)
  },
  decode: (value) => {
    if (!value.every((octet) => octet >= 0x20 && octet <= 0x7e)) throw new TlvError('not ASCII text')
    checkLength(value.length, bounds, 'number of characters')
    return String.fromCharCode(...value)
  },
  show: JSON.stringify,
})

/** UTF-8 text (ISO/IEC 10646). The bounds count octets. */
export const utf8 = (bounds?: Bounds): Codec<string> => ({
  encode: (value) => {
    if (!value.isWellFormed()) throw new TlvError('not well-formed Unicode text')
    const encoded = new TextEncoder().encode(value)
    checkLength(encoded.length, bounds, 'number of octets')
    return encoded
  },
  decode: (value) => {
    checkLength(value.length, bounds, 'number of octets')
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value)
    } catch (error) {
      throw new TlvError('not UTF-8 text', { cause: error })
    }
  },
  show: JSON.stringify,
})

/** Decimal digits, two in an octet, an odd last one filled with F. The bounds count octets. */
export const bcd = (bounds?: Bounds): Codec<string> => ({
  encode: (value) => {
    if (!/^[0-9]*$/.test(value)) throw new TlvError('not decimal digits')
    const encoded = Uint8Array.fromHex(value.length % 2 === 0 ? value : `${value}f`)
    checkLength(encoded.length, bounds, 'number of octets')
    return encoded
  },
  decode: (value) => {
    checkLength(value.length, bounds, 'number of octets')
    const digits = value.toHex()
    if (!/^[0-9]*f?$/.test(digits)) throw new TlvError('not binary coded decimal')
    return digits.replace('f', '')
  },
})

/** One of a list of named values. */
export function oneOf<const M extends Readonly<Record<string, number>>>(names: M, length = 1): Codec<keyof M & string> {
  const number = unsigned(length)
  const byValue = new Map(Object.entries(names).map(([name, value]) => [value, name as keyof M & string]))
  return {
    encode: (name) => {
      const value = Object.hasOwn(names, name) ? names[name] : undefined
      if (value === undefined) throw new TlvError(`${name} is none of ${Object.keys(names).join(', ')}`)
      return number.encode(value)
    },
    decode: (octets) => {
      const name = byValue.get(number.decode(octets))
      if (name === undefined)
        throw new TlvError(`${octets.toHex().toUpperCase()} is none of ${[...byValue.values()].join(', ')}`)
      return name
    },
  }
}

/** A set of named bits. Bits without a name are refused on reading, as bits reserved for future use shall be 0. */
export function flags<const M extends Readonly<Record<string, number>>>(
  names: M,
  length = 1,
): Codec<readonly (keyof M & string)[]> {
  const number = unsigned(length)
  const bits = Object.entries(names) as [keyof M & string, number][]
  const known = bits.reduce((sum, [, bit]) => sum + BigInt(bit), 0n)
  return {
    encode: (set) => {
      const foreign = set.find((name) => !Object.hasOwn(names, name))
      if (foreign !== undefined) throw new TlvError(`${foreign} is none of ${Object.keys(names).join(', ')}`)
      return number.encode(bits.reduce((sum, [name, bit]) => (set.includes(name) ? sum + bit : sum), 0))
    },
    decode: (octets) => {
      const value = BigInt(number.decode(octets))
      if ((value & ~known) !== 0n) throw new TlvError(`${octets.toHex().toUpperCase()} has bits without a name`)
      return bits.filter(([, bit]) => (value & BigInt(bit)) !== 0n).map(([name]) => name)
    },
    show: (set) => set.join(' + ') || 'none',
  }
}
