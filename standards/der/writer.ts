/** Writes DER from its end to its start, so that each length is known when its header is due. ITU-T X.690 §10.1. */

export interface DerWriter {
  readonly written: number
  prepend(octets: Uint8Array): void
  prependOctet(octet: number): void
  /** In UTF-8, of which ASCII is a part. */
  prependText(text: string): void
  /** Puts identifier and length before all that was written since `mark`. */
  close(mark: number, tag: number): void
  /** What was written since `mark`, until more is written. */
  since(mark: number): Uint8Array
  /** Takes back what was written since `mark`. */
  discard(mark: number): void
}

const encoder = new TextEncoder()
/** A UTF-16 unit becomes at most so many octets of UTF-8. */
const longest = 3

export function derWriter(capacity = 256): DerWriter {
  let buffer = new Uint8Array(capacity)
  let at = capacity

  const reserve = (count: number): void => {
    if (count <= at) return
    const written = buffer.length - at
    const larger = new Uint8Array(Math.max(buffer.length * 2, written + count))
    larger.set(buffer.subarray(at), larger.length - written)
    buffer = larger
    at = larger.length - written
  }
  const prependOctet = (octet: number): void => {
    reserve(1)
    buffer[--at] = octet
  }

  /** Answers whether all of it was ASCII; if not, nothing is written. */
  const prependAscii = (text: string): boolean => {
    const start = at - text.length
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f) return false
      buffer[start + i] = code
    }
    at = start
    return true
  }

  return {
    get written() {
      return buffer.length - at
    },
    prepend(octets) {
      reserve(octets.length)
      at -= octets.length
      buffer.set(octets, at)
    },
    prependOctet,
    prependText(text) {
      reserve(text.length * longest)
      if (prependAscii(text)) return
      const { written } = encoder.encodeInto(text, buffer.subarray(at - text.length * longest, at))
      buffer.copyWithin(at - written, at - text.length * longest, at - text.length * longest + written)
      at -= written
    },
    close(mark, tag) {
      const length = buffer.length - at - mark
      if (length < 0x80) prependOctet(length)
      else {
        let count = 0
        for (let rest = length; rest > 0; rest = Math.floor(rest / 256), count++) prependOctet(rest & 0xff)
        prependOctet(0x80 | count)
      }
      prependOctet(tag)
    },
    since: (mark) => buffer.subarray(at, buffer.length - mark),
    discard(mark) {
      at = buffer.length - mark
    },
  }
}
