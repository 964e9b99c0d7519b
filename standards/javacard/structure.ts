/**
 * The C-like structures of a CAP file: u1, u2 and u4 big-endian, arrays led by their count. JCVM v2.2.2 §6.1.
 *
 * A structure is declared once, as a record of parts in wire order; reader, writer and type follow from it.
 */
import { CapError } from './error.ts'

/** Reads forward over octets; never past their end. */
export interface Cursor {
  readonly name: string
  readonly octets: Uint8Array
  offset: number
}

export interface Part<T> {
  read(cursor: Cursor): T
  write(value: T, name: string): Uint8Array
}
export type ValueOf<P> = P extends Part<infer T> ? T : never

export function take(cursor: Cursor, length: number): Uint8Array {
  const end = cursor.offset + length
  if (end > cursor.octets.length) throw new CapError('truncated', cursor.name)
  const taken = cursor.octets.slice(cursor.offset, end)
  cursor.offset = end
  return taken
}

export function join(...pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let offset = 0
  for (const piece of pieces) {
    joined.set(piece, offset)
    offset += piece.length
  }
  return joined
}

const unsigned = (length: number): Part<number> => ({
  read: (cursor) => take(cursor, length).reduce((value, octet) => value * 256 + octet, 0),
  write: (value, name) => {
    if (!Number.isInteger(value) || value < 0 || value >= 256 ** length) throw new CapError('range', name)
    return Uint8Array.from({ length }, (_, index) => Math.floor(value / 256 ** (length - 1 - index)) % 256)
  },
})
export const u1 = unsigned(1)
export const u2 = unsigned(2)
export const u4 = unsigned(4)

/** `count` of the first part, then so many of the second. */
export const counted = <T>(count: Part<number>, item: Part<T>): Part<readonly T[]> => ({
  read: (cursor) => Array.from({ length: count.read(cursor) }, () => item.read(cursor)),
  write: (items, name) => join(count.write(items.length, name), ...items.map((value) => item.write(value, name))),
})

/** A number of items that stands elsewhere in the structure, or in the specification. */
export const exactly = <T>(count: number, item: Part<T>): Part<readonly T[]> => ({
  read: (cursor) => Array.from({ length: count }, () => item.read(cursor)),
  write: (items, name) => {
    if (items.length !== count) throw new CapError('range', name)
    return join(...items.map((value) => item.write(value, name)))
  },
})

/** Octets led by their length in one octet, as names are. */
export const counted1: Part<Uint8Array> = {
  read: (cursor) => take(cursor, u1.read(cursor)),
  write: (octets, name) => join(u1.write(octets.length, name), octets),
}

/** An AID led by its length. ISO/IEC 7816-4 gives it 5 to 16 octets. */
export const aid: Part<Uint8Array> = {
  read: (cursor) => bounded(counted1.read(cursor), cursor.name),
  write: (octets, name) => counted1.write(bounded(octets, name), name),
}

function bounded(octets: Uint8Array, name: string): Uint8Array {
  if (octets.length < 5 || octets.length > 16) throw new CapError('aid', name)
  return octets
}

export type StructureOf<P> = { readonly [K in keyof P]: ValueOf<P[K]> }
type Parts<T> = { readonly [K in keyof T]: Part<T[K]> }

/** Parts in wire order under their names. */
export const structure = <T extends object>(parts: Parts<T>): Part<{ readonly [K in keyof T]: T[K] }> => {
  const names = Object.keys(parts) as (keyof T & string)[]
  return {
    read: (cursor) => {
      const value: Partial<T> = {}
      for (const each of names) value[each] = parts[each].read(cursor)
      return value as T
    },
    write: (value, name) => join(...names.map((each) => parts[each].write(value[each], `${name}.${each}`))),
  }
}

/** The whole of `octets` is one such structure: nothing may be left over. */
export function readAll<T>(part: Part<T>, octets: Uint8Array, name: string): T {
  const cursor = { name, octets, offset: 0 }
  const value = part.read(cursor)
  if (cursor.offset !== octets.length) throw new CapError('surplus', name)
  return value
}
