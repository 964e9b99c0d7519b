/** What every DER type is: a codec that knows its tags. ITU-T X.690 §8, §10. */

import { DerError, type Element, onlyElement, tagName } from './element.ts'
import { type DerWriter, derWriter } from './writer.ts'

/**
 * `encode` and `decode` handle one whole value; trailing octets are refused. Decoded octets are views of the input.
 * `read` and `write` are the inner side, met by types built from other types.
 */
export interface DerCodec<T> {
  encode(value: T): Uint8Array
  decode(octets: Uint8Array): T
  /** Identifier octets with which a value may start; none means any. */
  readonly tags: readonly number[]
  /** The caller has checked the tag. */
  read(element: Element): T
  /** `tag` replaces the type's own identifier octet (IMPLICIT, X.690 §8.14). */
  write(value: T, out: DerWriter, tag?: number): void
}
export type TypeOf<C> = C extends DerCodec<infer T> ? T : never

export const accepts = (codec: { readonly tags: readonly number[] }, tag: number): boolean =>
  codec.tags.length === 0 || codec.tags.includes(tag)

export function checkTag(codec: { readonly tags: readonly number[] }, element: Element): Element {
  if (accepts(codec, element.tag)) return element
  throw new DerError(`${codec.tags.map(tagName).join(' or ')} expected, ${tagName(element.tag)} found`)
}

const spacious = 1 << 16
let workspace = derWriter()

/**
 * All encoding happens in one place, since a writer of its own for each value would cost more than the writing. A value that is encoded
 * while another is being written comes on top of that, as on a stack.
 */
function written<T>(value: T, write: DerCodec<T>['write']): Uint8Array {
  const out = workspace
  const mark = out.written
  try {
    write(value, out)
    const octets = out.since(mark)
    if (mark === 0 && octets.length > spacious) workspace = derWriter()
    return octets.slice()
  } finally {
    out.discard(mark)
  }
}

/** Makes a codec of its inner side. */
export const derType = <T>(inner: Pick<DerCodec<T>, 'tags' | 'read' | 'write'>): DerCodec<T> => ({
  ...inner,
  encode: (value) => written(value, inner.write),
  decode: (octets) => inner.read(checkTag(inner, onlyElement(octets))),
})

/** A type with a tag of its own: `read` meets the element, `body` writes only the contents. */
export const tagged = <T>(
  tag: number,
  read: (element: Element) => T,
  body: (value: T, out: DerWriter) => void,
): DerCodec<T> =>
  derType({
    tags: [tag],
    read,
    write(value, out, as = tag) {
      const mark = out.written
      body(value, out)
      out.close(mark, as)
    },
  })

/** The same octets under another view of the value. */
export const mapped = <A, B>(codec: DerCodec<A>, from: (value: A) => B, to: (value: B) => A): DerCodec<B> =>
  derType({
    tags: codec.tags,
    read: (element) => from(codec.read(element)),
    write: (value, out, tag) => codec.write(to(value), out, tag),
  })
