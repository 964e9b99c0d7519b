/** SEQUENCE, SEQUENCE OF, SET OF, CHOICE. ITU-T X.690 §8.9–8.13, §11.5–11.6. */

import { accepts, checkTag, type DerCodec, derType, type TypeOf, tagged } from './codec.ts'
import { childrenOf, DerError, type Element, octetsOf, readElement } from './element.ts'

export interface OptionalField<T> extends DerCodec<T> {
  readonly presence: 'optional'
}
export interface DefaultField<T> extends DerCodec<T> {
  readonly presence: 'default'
  readonly fallback: T
  readonly fallbackOctets: Uint8Array
}

/** OPTIONAL member of a `sequence`. */
export const optional = <T>(codec: DerCodec<T>): OptionalField<T> => ({ ...codec, presence: 'optional' })

/** DEFAULT member of a `sequence`: always there in the value, never written when it equals the default (§11.5). */
export const withDefault = <T>(codec: DerCodec<T>, fallback: NoInfer<T>): DefaultField<T> => ({
  ...codec,
  presence: 'default',
  fallback,
  fallbackOctets: codec.encode(fallback),
})

type Field = DerCodec<unknown> & {
  readonly presence?: 'optional' | 'default'
  readonly fallback?: unknown
  readonly fallbackOctets?: Uint8Array
}
type Fields = Readonly<Record<string, Field>>
type OptionalNames<F> = { [K in keyof F]: F[K] extends { readonly presence: 'optional' } ? K : never }[keyof F]
type Flat<T> = { [K in keyof T]: T[K] } & {}
export type ValueOf<F> = Flat<
  { readonly [K in Exclude<keyof F, OptionalNames<F>>]: TypeOf<F[K]> } & {
    readonly [K in OptionalNames<F>]?: TypeOf<F[K]>
  }
>

export const equalOctets = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

const within = (error: unknown, name: string): unknown => (error instanceof DerError ? error.within(name) : error)

/** SEQUENCE: the wire order is the order of the declaration. */
export function sequence<const F extends Fields>(fields: F): DerCodec<ValueOf<F>> {
  const forwards = Object.entries(fields)
  const backwards = forwards.toReversed()
  return tagged<ValueOf<F>>(
    0x30,
    ({ octets, contents, end }) => {
      const value: Record<string, unknown> = {}
      let at = contents
      for (const [name, field] of forwards) {
        try {
          const element = at < end ? readElement(octets, at, end) : undefined
          if (element !== undefined && accepts(field, element.tag)) {
            if (field.fallbackOctets !== undefined && equalOctets(octetsOf(element), field.fallbackOctets))
              throw new DerError('the default value is written out')
            value[name] = field.read(element)
            at = element.end
          } else if (field.presence === 'default') value[name] = field.fallback
          else if (field.presence !== 'optional') {
            if (element !== undefined) checkTag(field, element)
            throw new DerError('is missing')
          }
        } catch (error) {
          throw within(error, name)
        }
      }
      if (at !== end) throw new DerError('more members than the SEQUENCE has')
      return value as ValueOf<F>
    },
    (value, out) => {
      for (const [name, field] of backwards) {
        const member = (value as Record<string, unknown>)[name]
        if (member === undefined && field.presence === 'optional') continue
        if (member === undefined) throw new DerError('is missing', name)
        try {
          const mark = out.written
          field.write(member, out)
          if (field.fallbackOctets !== undefined && equalOctets(out.since(mark), field.fallbackOctets))
            out.discard(mark)
        } catch (error) {
          throw within(error, name)
        }
      }
    },
  )
}

export interface Size {
  readonly min?: number
  readonly max?: number
}
const checkSize = (count: number, { min = 0, max = Number.POSITIVE_INFINITY }: Size): void => {
  if (count < min || count > max) throw new DerError(`${count} members, where ${min} to ${max} may stand`)
}

function readMembers<T>(codec: DerCodec<T>, { octets, contents, end }: Element): T[] {
  const members: T[] = []
  for (let at = contents; at < end; ) {
    const child = readElement(octets, at, end)
    at = child.end
    try {
      members.push(codec.read(checkTag(codec, child)))
    } catch (error) {
      throw within(error, String(members.length))
    }
  }
  return members
}

export const sequenceOf = <T>(codec: DerCodec<T>, size: Size = {}): DerCodec<readonly T[]> =>
  tagged<readonly T[]>(
    0x30,
    (element) => {
      const members = readMembers(codec, element)
      checkSize(members.length, size)
      return members
    },
    (members, out) => {
      checkSize(members.length, size)
      for (let i = members.length - 1; i >= 0; i--) codec.write(members[i] as T, out)
    },
  )

function compareOctets(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** SET OF: written and read in ascending order of the encodings (§11.6). */
export const setOf = <T>(codec: DerCodec<T>, size: Size = {}): DerCodec<readonly T[]> =>
  tagged<readonly T[]>(
    0x31,
    (element) => {
      let last: Uint8Array | undefined
      const isAlone =
        element.contents < element.end && readElement(element.octets, element.contents, element.end).end === element.end
      for (const child of isAlone ? [] : childrenOf(element)) {
        const octets = octetsOf(child)
        if (last !== undefined && compareOctets(last, octets) > 0) throw new DerError('SET OF is not in order')
        last = octets
      }
      const members = readMembers(codec, element)
      checkSize(members.length, size)
      return members
    },
    (members, out) => {
      checkSize(members.length, size)
      const [only, ...others] = members
      if (only !== undefined && others.length === 0) return codec.write(only, out)
      const encoded = members.map((member) => codec.encode(member)).sort(compareOctets)
      for (const octets of encoded.reverse()) out.prepend(octets)
    },
  )

type Alternatives = Readonly<Record<string, DerCodec<unknown>>>
export type AlternativeOf<A> = { [K in keyof A]: { readonly kind: K; readonly value: TypeOf<A[K]> } }[keyof A]

/** CHOICE: the alternative's name stands beside its value. An alternative of any tag stands last. */
export function choice<const A extends Alternatives>(alternatives: A): DerCodec<AlternativeOf<A>> {
  const all = Object.entries(alternatives)
  const fallback = all.find(([, codec]) => codec.tags.length === 0)
  const byTag = new Map(all.toReversed().flatMap((one) => one[1].tags.map((tag) => [tag, one] as const)))
  return derType<AlternativeOf<A>>({
    tags: fallback !== undefined ? [] : all.flatMap(([, codec]) => codec.tags),
    read: (element) => {
      const found = byTag.get(element.tag) ?? fallback
      if (found === undefined) throw new DerError(`tag ${element.tag.toString(16)} is none of the alternatives`)
      const [kind, codec] = found
      try {
        return { kind, value: codec.read(element) } as AlternativeOf<A>
      } catch (error) {
        throw within(error, kind)
      }
    },
    write: ({ kind, value }, out, tag) => {
      const codec = alternatives[kind]
      if (codec === undefined) throw new DerError(`${String(kind)} is none of the alternatives`)
      codec.write(value, out, tag)
    },
  })
}
