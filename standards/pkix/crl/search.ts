/** An entry of a list by its serial number. RFC 5280 §5.1.2.6: the entries stand in no order. */
import { DerError, type Element, readElement } from '@mobile-jpki/der'

/** Where the entry of that serial number (contents octets) lies in the list. */
export type Search = (serial: Uint8Array) => Element | undefined

/**
 * The first question is answered by walking the list, and from the second on by a table: a list that is asked once needs none, and one
 * of a million entries that is kept costs no login more than a short one.
 */
export function searchIn(list: Element): Search {
  let wasAsked = false
  let table: Search | undefined
  return (serial) => {
    if (!wasAsked) {
      wasAsked = true
      return walked(list, serial)
    }
    table ??= tableOf(list)
    return table(serial)
  }
}

/** Calls with each entry and its serial number, both overwritten by the next; until the answer is true. Allocates nothing on the way. */
function walk({ octets, contents, end }: Element, visit: (entry: Element, number: Element) => boolean): void {
  if (contents === end) return
  const entry = readElement(octets, contents, end)
  const number = readElement(octets, entry.contents, entry.end)
  for (let at = contents; at < end; at = entry.end) {
    readElement(octets, at, end, entry)
    if (entry.tag !== 0x30) throw new DerError('an entry is a SEQUENCE', 'revokedCertificates')
    readElement(octets, entry.contents, entry.end, number)
    if (number.tag !== 0x02) throw new DerError('an entry starts with a serial number', 'revokedCertificates')
    if (visit(entry, number)) return
  }
}

function walked(list: Element, serial: Uint8Array): Element | undefined {
  let found: Element | undefined
  walk(list, (entry, number) => {
    if (!isSame(number, serial)) return false
    found = { ...entry }
    return true
  })
  return found
}

/** Offsets of the entries in a table with open addressing, at most half full; 0 is nobody, since a list begins behind its header. */
function tableOf(list: Element): Search {
  let count = 0
  walk(list, () => {
    count += 1
    return false
  })
  const mask = (1 << (33 - Math.clz32(count))) - 1
  const table = new Uint32Array(mask + 1)
  walk(list, (entry, number) => {
    let slot = hash(number.octets, number.contents, number.end) & mask
    while (table[slot] !== 0) slot = (slot + 1) & mask
    table[slot] = entry.start
    return false
  })
  const { octets, end } = list
  return (serial) => {
    for (let slot = hash(serial, 0, serial.length) & mask; ; slot = (slot + 1) & mask) {
      const at = table[slot] ?? 0
      if (at === 0) return undefined
      const entry = readElement(octets, at, end)
      if (isSame(readElement(octets, entry.contents, entry.end), serial)) return entry
    }
  }
}

function isSame({ octets, contents, end }: Element, serial: Uint8Array): boolean {
  if (end - contents !== serial.length) return false
  for (let at = 0; at < serial.length; at++) if (octets[contents + at] !== serial[at]) return false
  return true
}

/** FNV-1a, 32 bits. */
function hash(octets: Uint8Array, start: number, end: number): number {
  let value = 0x811c9dc5
  for (let at = start; at < end; at++) value = Math.imul(value ^ (octets[at] as number), 0x01000193)
  return value >>> 0
}
