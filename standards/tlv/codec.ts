/**
 * A codec turns a value into octets and octets into a value. Everything above it is declared from codecs.
 * ISO/IEC 7816-4:2020 §6.3 (data objects).
 */
export interface Codec<T> {
  encode(value: T): Uint8Array
  decode(octets: Uint8Array): T
  /** How a trace prints the value; without it, octets print as hex. A secret never prints. */
  show?(value: T): string
}

/** The type that a codec carries. */
export type TypeOf<C> = C extends Codec<infer T> ? T : never

/** The octets, or the value to be written, do not follow the declaration. */
export class TlvError extends Error {
  override readonly name: string = 'TlvError'
}

/** Prints a value as its codec wishes. */
export function show<T>(codec: Codec<T>, value: T): string {
  if (codec.show !== undefined) return codec.show(value)
  return value instanceof Uint8Array ? hexOf(value) : String(value)
}

/** What stands in a printed text in place of a secret. */
export const secretMark = '‹secret›'

/** Marks a codec whose value must never be printed. */
export const secret = <T>(codec: Codec<T>): Codec<T> => ({
  encode: (value) => codec.encode(value),
  decode: (octets) => codec.decode(octets),
  show: () => secretMark,
})

/** The same octets under another type: `read` after decoding, `write` before encoding. */
export const mapped = <A, B>(codec: Codec<A>, read: (value: A) => B, write: (value: B) => A): Codec<B> => ({
  encode: (value) => codec.encode(write(value)),
  decode: (octets) => read(codec.decode(octets)),
  ...(codec.show === undefined ? {} : { show: (value: B) => show(codec, write(value)) }),
})

/** Runs one part of a larger reading or writing, and names that part in the error. */
export function within<T>(part: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof TlvError) throw new TlvError(`${part}: ${error.message}`, { cause: error })
    throw error
  }
}

/** Long octet strings are cut for reading; the trace keeps the raw bytes beside them. */
const shown = 64

function hexOf(octets: Uint8Array): string {
  const hex = octets.subarray(0, shown).toHex().toUpperCase()
  return octets.length > shown ? `${hex}… (${octets.length} octets)` : hex || '‹empty›'
}
