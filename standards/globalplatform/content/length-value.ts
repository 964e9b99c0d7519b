/** Length-value lists, the form of INSTALL's data field and of confirmations. GPCS v2.3.1 §11.5.2.3, §11.1.5. */
import { type Codec, concat, readLength, show, TlvError, within, writeLength } from '@mobile-jpki/tlv'

type Presence = 'present' | 'orEmpty' | 'reserved'

export interface LengthValueField<T, P extends Presence = Presence> {
  readonly codec: Codec<T>
  readonly presence: P
}
export type LengthValueFields = Readonly<Record<string, LengthValueField<unknown>>>

/** A field that is always there. */
export const present = <T>(codec: Codec<T>): LengthValueField<T, 'present'> => ({ codec, presence: 'present' })
/** A field whose length may be 00: then it has no value. */
export const orEmpty = <T>(codec: Codec<T>): LengthValueField<T, 'orEmpty'> => ({ codec, presence: 'orEmpty' })
/** A place whose length is always 00. */
export const reserved: LengthValueField<never, 'reserved'> = {
  codec: {
    encode: () => new Uint8Array(),
    decode: () => {
      throw new TlvError('this place is reserved')
    },
  },
  presence: 'reserved',
}

type Flat<T> = { [K in keyof T]: T[K] }
type Keys<F extends LengthValueFields, P extends Presence> = {
  [K in keyof F]: F[K]['presence'] extends P ? K : never
}[keyof F]
type Member<F> = F extends LengthValueField<infer T> ? T : never
type ValueOf<F extends LengthValueFields> = Flat<
  { readonly [K in Keys<F, 'present'>]: Member<F[K]> } & { readonly [K in Keys<F, 'orEmpty'>]?: Member<F[K]> }
>

/** Fields in their order, each behind its length. */
export function lengthValues<F extends LengthValueFields>(fields: F): Codec<ValueOf<F>> {
  const declared = Object.entries(fields)
  return {
    encode: (value) =>
      concat(
        ...declared.map(([name, { codec, presence }]) => {
          const member: unknown = Reflect.get(value, name)
          if (presence === 'reserved' || (presence === 'orEmpty' && member === undefined)) return Uint8Array.of(0)
          if (member === undefined) throw new TlvError(`${name} is missing`)
          return within(name, () => lengthValue(codec.encode(member)))
        }),
      ),
    decode: (octets) => {
      const found = readLengthValues(octets)
      if (found.length !== declared.length)
        throw new TlvError(`${found.length} length-value fields instead of ${declared.length}`)
      const members = declared.flatMap(([name, { codec, presence }], at) => {
        const value = found[at] ?? new Uint8Array()
        if (value.length === 0 && presence !== 'present') return []
        return [[name, within(name, () => codec.decode(value))] as const]
      })
      return Object.fromEntries(members) as ValueOf<F>
    },
    show: (value) =>
      `{ ${declared
        .flatMap(([name, { codec }]) => {
          const member: unknown = Reflect.get(value, name)
          return member === undefined ? [] : [`${name}: ${show(codec, member)}`]
        })
        .join(', ')} }`,
  }
}

/** Octets behind their length. */
export const lengthValue = (value: Uint8Array): Uint8Array => concat(writeLength(value.length), value)

/** All fields of a list. Lengths are coded as in BER (GPCS §11.1.5). */
export function readLengthValues(octets: Uint8Array): readonly Uint8Array[] {
  const values: Uint8Array[] = []
  let at = 0
  while (at < octets.length) {
    const { length, end } = readLength(octets, at)
    if (end + length > octets.length) throw new TlvError(`${length} octets announced, field cut short`)
    values.push(octets.slice(end, end + length))
    at = end + length
  }
  return values
}
