/** Context tags, values within strings, and values whose octets are kept. ITU-T X.690 §8.14, §8.15. */

import { checkTag, type DerCodec, derType, mapped, tagged } from './codec.ts'
import { checkWellFormed, DerError, octetsOf, onlyElement, readElement, tagName } from './element.ts'

/** [n] EXPLICIT. */
export const explicit = <T>(number: number, codec: DerCodec<T>): DerCodec<T> =>
  tagged<T>(
    0xa0 | number,
    ({ octets, contents, end }) => {
      const inner = readElement(octets, contents, end)
      if (inner.end !== end) throw new DerError('octets follow the value within its tag')
      return codec.read(checkTag(codec, inner))
    },
    (value, out) => codec.write(value, out),
  )

/** [n] IMPLICIT. A CHOICE or ANY has no tag to replace and must be `explicit` (X.680 §31.2.7). */
export function implicit<T>(number: number, codec: DerCodec<T>): DerCodec<T> {
  const [own, ...others] = codec.tags
  if (own === undefined || others.length > 0) throw new DerError('only a type with one tag can be tagged implicitly')
  const replaced = 0x80 | (own & 0x20) | number
  return derType({
    tags: [replaced],
    read: codec.read,
    write: (value, out, tag = replaced) => codec.write(value, out, tag),
  })
}

/** A string that holds DER: `encapsulated(octetString, KeyUsage)`. */
export const encapsulated = <T>(string: DerCodec<Uint8Array>, codec: DerCodec<T>): DerCodec<T> =>
  mapped(string, codec.decode, codec.encode)

/** ANY: the whole element as it stands, well formed. */
export const any: DerCodec<Uint8Array> = derType({
  tags: [],
  read: (element) => {
    checkWellFormed(element)
    return octetsOf(element)
  },
  write: (value, out) => {
    checkWellFormed(onlyElement(value))
    out.prepend(value)
  },
})

/** An element with this tag, kept as it stands and not looked into: what is carried through, or scanned later. */
export const opaque = (tag: number): DerCodec<Uint8Array> =>
  derType({
    tags: [tag],
    read: octetsOf,
    write: (value, out) => {
      if (onlyElement(value).tag !== tag) throw new DerError(`${tagName(tag)} expected`)
      out.prepend(value)
    },
  })

/** A value together with the octets it was read from, over which signatures are verified. */
export interface Raw<T> {
  readonly value: T
  readonly octets: Uint8Array
}

/** Keeps the received octets, and writes those rather than the value anew. */
export const raw = <T>(codec: DerCodec<T>): DerCodec<Raw<T>> =>
  derType<Raw<T>>({
    tags: codec.tags,
    read: (element) => ({ value: codec.read(element), octets: octetsOf(element) }),
    write: ({ octets }, out, tag) => {
      out.prepend(octets.subarray(1))
      out.prependOctet(tag ?? (octets[0] as number))
    },
  })

export const rawOf = <T>(codec: DerCodec<T>, value: T): Raw<T> => ({ value, octets: codec.encode(value) })
