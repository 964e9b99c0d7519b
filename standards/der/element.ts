/** One DER element: identifier octet, minimal definite length, contents. ITU-T X.690 §8.1, §10.1. */

/** Octets that are not the DER they should be. `path` names the field, `reason` the rule. */
export class DerError extends Error {
  override readonly name = 'DerError'
  readonly reason: string
  readonly path: string

  constructor(reason: string, path = '') {
    super(path === '' ? reason : `${path}: ${reason}`)
    this.reason = reason
    this.path = path
  }

  within(field: string): DerError {
    return new DerError(this.reason, this.path === '' ? field : `${field}.${this.path}`)
  }
}

/** Offsets into `octets`; nothing is copied. `tag` is the whole identifier octet, class and constructed bit included. */
export interface Element {
  octets: Uint8Array
  tag: number
  start: number
  contents: number
  end: number
}

export const contentsOf = ({ octets, contents, end }: Element): Uint8Array => octets.subarray(contents, end)
export const octetsOf = ({ octets, start, end }: Element): Uint8Array => octets.subarray(start, end)

const nowhere = (octets: Uint8Array): Element => ({ octets, tag: 0, start: 0, contents: 0, end: 0 })

/**
 * Reads the element that starts at `at` and must end by `limit`. A loop over very many elements
 * (a CRL) passes the same `into` again and again, and so allocates nothing.
 */
export function readElement(octets: Uint8Array, at: number, limit: number, into: Element = nowhere(octets)): Element {
  if (at + 2 > limit) throw new DerError('the octets end within a header')
  const tag = octets[at] as number
  if ((tag & 0x1f) === 0x1f) throw new DerError('tag numbers above 30 are not used here')
  let length = octets[at + 1] as number
  let contents = at + 2
  if (length >= 0x80) {
    const count = length & 0x7f
    if (count === 0) throw new DerError('indefinite length is not DER')
    if (count > 4) throw new DerError('length of more than four octets')
    if (contents + count > limit) throw new DerError('the octets end within a length')
    if (octets[contents] === 0) throw new DerError('length is not minimal')
    length = 0
    for (let i = 0; i < count; i++) length = length * 256 + (octets[contents + i] as number)
    if (length < 0x80) throw new DerError('length is not minimal')
    contents += count
  }
  if (length > limit - contents) throw new DerError('the octets end within the contents')
  into.octets = octets
  into.tag = tag
  into.start = at
  into.contents = contents
  into.end = contents + length
  return into
}

/** The one element that `octets` consist of. */
export function onlyElement(octets: Uint8Array): Element {
  const element = readElement(octets, 0, octets.length)
  if (element.end !== octets.length) throw new DerError('octets follow the value')
  return element
}

export function* childrenOf({ octets, contents, end }: Element): Generator<Element, void> {
  for (let at = contents; at < end; ) {
    const child = readElement(octets, at, end)
    at = child.end
    yield child
  }
}

const deepest = 32

/** Walks an element of unknown type: every length must hold, and nesting has a bottom. */
export function checkWellFormed(element: Element, depth = 0): void {
  if (depth > deepest) throw new DerError('nested too deeply')
  if ((element.tag & 0x20) === 0) return
  for (const child of childrenOf(element)) checkWellFormed(child, depth + 1)
}

export const tagName = (tag: number | undefined): string =>
  tag === undefined ? 'nothing' : `tag ${tag.toString(16).padStart(2, '0')}`
