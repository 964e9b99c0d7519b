/** Constructed data objects, declared as values: the type is inferred. ISO/IEC 7816-4:2020 §6.3, X.690 §8.9. */
import { type Codec, show, TlvError, within } from './codec.ts'
import { concat, readTlvs, tagName, writeTag, writeTlv } from './wire.ts'

type Presence = 'required' | 'optional' | 'repeated'

/** One member of a template: its tag, what stands in it, and how often it may occur. */
export interface Field<T, P extends Presence = Presence> {
  readonly tag: number
  readonly codec: Codec<T>
  readonly presence: P
}
export type Fields = Readonly<Record<string, Field<unknown>>>

export const required = <T>(tag: number, codec: Codec<T>): Field<T, 'required'> => ({
  tag,
  codec,
  presence: 'required',
})
export const optional = <T>(tag: number, codec: Codec<T>): Field<T, 'optional'> => ({
  tag,
  codec,
  presence: 'optional',
})
export const repeated = <T>(tag: number, codec: Codec<T>): Field<T, 'repeated'> => ({
  tag,
  codec,
  presence: 'repeated',
})

type Flat<T> = { [K in keyof T]: T[K] }
type Keys<F extends Fields, P extends Presence> = { [K in keyof F]: F[K]['presence'] extends P ? K : never }[keyof F]
type Member<F> = F extends Field<infer T> ? T : never

/** What a template of these fields holds. */
export type ValueOf<F extends Fields> = Flat<
  { readonly [K in Keys<F, 'required'>]: Member<F[K]> } & {
    readonly [K in Keys<F, 'optional'>]?: Member<F[K]>
  } & { readonly [K in Keys<F, 'repeated'>]: readonly Member<F[K]>[] }
>

export interface Reading {
  /** 'declared' refuses fields in another order than the declaration's. Default: any order, as data objects carry their tags. */
  readonly order?: 'any' | 'declared'
  /** 'ignored' passes over tags that are not declared, where the standard leaves room for them. Default: refused. */
  readonly unknown?: 'refused' | 'ignored'
}

/** A sequence of data objects with names. Written in the order of the declaration. */
export function template<F extends Fields>(fields: F, reading: Reading = {}): Codec<ValueOf<F>> {
  const declared = Object.entries(fields)
  const nameOf = new Map(declared.map(([name, { tag }]) => [tag, name]))
  if (nameOf.size !== declared.length) throw new TypeError('two fields of a template have the same tag')
  for (const { tag } of Object.values(fields)) writeTag(tag)
  const position = new Map(declared.map(([name], at) => [name, at]))

  return {
    encode: (value) =>
      concat(...declared.flatMap(([name, field]) => writeField(name, field, Reflect.get(value, name)))),

    decode: (octets) => {
      const found: Record<string, unknown> = {}
      for (const [name, { presence }] of declared) if (presence === 'repeated') found[name] = []
      let last = 0
      for (const { tag, value } of readTlvs(octets)) {
        const name = nameOf.get(tag)
        const field = name === undefined ? undefined : fields[name]
        if (name === undefined || field === undefined) {
          if (reading.unknown === 'ignored') continue
          throw new TlvError(`${tagName(tag)} is not expected here`)
        }
        const at = position.get(name) ?? 0
        if (reading.order === 'declared' && at < last) throw new TlvError(`${name} is out of order`)
        last = at
        const member = within(name, () => field.codec.decode(value))
        const before = found[name]
        if (Array.isArray(before) && field.presence === 'repeated') before.push(member)
        else if (Object.hasOwn(found, name)) throw new TlvError(`${name} stands twice`)
        else found[name] = member
      }
      for (const [name, { presence }] of declared)
        if (presence === 'required' && !Object.hasOwn(found, name)) throw new TlvError(`${name} is missing`)
      return found as ValueOf<F>
    },

    show: (value) =>
      `{ ${declared
        .flatMap(([name, { codec, presence }]) => {
          const member: unknown = Reflect.get(value, name)
          if (member === undefined) return []
          const members = presence === 'repeated' ? (member as readonly unknown[]) : [member]
          return members.map((one) => `${name}: ${show(codec, one)}`)
        })
        .join(', ')} }`,
  }
}

function writeField(name: string, { tag, codec, presence }: Field<unknown>, member: unknown): Uint8Array[] {
  if (presence === 'repeated') {
    if (!Array.isArray(member)) throw new TlvError(`${name} is not a list`)
    return member.map((one) => within(name, () => writeTlv(tag, codec.encode(one))))
  }
  if (member !== undefined) return [within(name, () => writeTlv(tag, codec.encode(member)))]
  if (presence === 'required') throw new TlvError(`${name} is missing`)
  return []
}

/** Exactly one data object, and nothing after it. */
export const tlv = <T>(tag: number, codec: Codec<T>): Codec<T> => ({
  encode: (value) => within(tagName(tag), () => writeTlv(tag, codec.encode(value))),
  decode: (octets) => {
    const found = [...readTlvs(octets)]
    const [first] = found
    if (first === undefined) throw new TlvError(`${tagName(tag)} is missing`)
    if (first.tag !== tag) throw new TlvError(`${tagName(first.tag)} instead of ${tagName(tag)}`)
    if (found.length > 1) throw new TlvError(`more after ${tagName(tag)}`)
    return within(tagName(tag), () => codec.decode(first.value))
  },
  show: (value) => show(codec, value),
})

/** Any number of data objects under one tag. */
export const listOf = <T>(tag: number, codec: Codec<T>): Codec<readonly T[]> => ({
  encode: (values) => concat(...values.map((value) => within(tagName(tag), () => writeTlv(tag, codec.encode(value))))),
  decode: (octets) =>
    Array.from(readTlvs(octets), (found) => {
      if (found.tag !== tag) throw new TlvError(`${tagName(found.tag)} instead of ${tagName(tag)}`)
      return within(tagName(tag), () => codec.decode(found.value))
    }),
  show: (values) => `[${values.map((value) => show(codec, value)).join(', ')}]`,
})
