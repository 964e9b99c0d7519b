/**
 * One entry of a CRL, written in place. RFC 5280 §5.1.2.6, §5.3. What a million entries pass through handles its few octets itself; the
 * codec `RevokedCertificate` says the same ten times slower, and a test holds the two together.
 */

import { DerError, time } from '@mobile-jpki/der'
import { Extensions, extension } from '../extensions.ts'
import { type CrlReason, type RevokedEntry, reasonCode } from './list.ts'

/** SEQUENCE, serial number of 21 octets, GeneralizedTime and reason code are less. */
export const longestEntry = 64

/** Answers where the entry ends. */
export type WriteEntry = (into: Uint8Array, at: number, entry: RevokedEntry) => number

export function entryWriter(): WriteEntry {
  const timeOf = timeTemplates()
  const extensionsOf = entryExtensions()
  return (into, at, { serialNumber, revocationDate, reason }) => {
    const extensions = extensionsOf(reason)
    const extensionsAt = writeTime(into, writeSerialNumber(into, at + 2, serialNumber), revocationDate, timeOf)
    into.set(extensions, extensionsAt)
    const end = extensionsAt + extensions.length
    into[at] = 0x30
    into[at + 1] = end - at - 2
    return end
  }
}

function writeSerialNumber(into: Uint8Array, at: number, serialNumber: string): number {
  const length = serialNumber.length / 2
  const first = hexAt(serialNumber, 0)
  if (!(first > 0 && Number.isInteger(length) && length <= 20)) return refused(serialNumber)
  let end = at
  into[end++] = 0x02
  into[end++] = first < 0x80 ? length : length + 1
  if (first >= 0x80) into[end++] = 0
  for (let i = 0; i < serialNumber.length; i += 2) {
    const octet = hexAt(serialNumber, i)
    if (octet < 0) return refused(serialNumber)
    into[end++] = octet
  }
  return end
}

function refused(serialNumber: string): never {
  throw new DerError(`${serialNumber} is not the canonical hex form of a serial number`, 'userCertificate')
}

const nibble = (code: number): number =>
  code >= 48 && code <= 57 ? code - 48 : code >= 97 && code <= 102 ? code - 87 : -16
const hexAt = (text: string, at: number): number => {
  const high = nibble(text.charCodeAt(at))
  const low = nibble(text.charCodeAt(at + 1))
  return high < 0 || low < 0 ? -1 : high * 16 + low
}

const secondsInDay = 86_400

/** UTCTime or GeneralizedTime of the day, in which the six digits before the Z are then set. */
function writeTime(into: Uint8Array, at: number, date: Date, timeOf: (day: number) => Uint8Array): number {
  const seconds = Math.floor(date.getTime() / 1000)
  const day = Math.floor(seconds / secondsInDay)
  const template = timeOf(day)
  into.set(template, at)
  const end = at + template.length
  const ofDay = seconds - day * secondsInDay
  const parts = Math.floor(ofDay / 3600) * 10_000 + (Math.floor(ofDay / 60) % 60) * 100 + (ofDay % 60)
  for (let digit = 2, rest = parts; rest > 0; digit++, rest = Math.floor(rest / 10))
    into[end - digit] = 48 + (rest % 10)
  return end
}

function timeTemplates() {
  const days = new Map<number, Uint8Array>()
  return (day: number): Uint8Array => {
    const octets = days.get(day) ?? time.encode(new Date(day * secondsInDay * 1000))
    days.set(day, octets)
    return octets
  }
}

function entryExtensions() {
  const reasons = new Map<CrlReason, Uint8Array>([['unspecified', new Uint8Array()]])
  return (reason: CrlReason): Uint8Array => {
    const octets = reasons.get(reason) ?? Extensions.encode([extension(reasonCode, reason)])
    reasons.set(reason, octets)
    return octets
  }
}
