/** UTCTime and GeneralizedTime, in seconds and Zulu only. ITU-T X.690 §11.7–11.8, RFC 5280 §4.1.2.5. */

import { type DerCodec, derType, tagged } from './codec.ts'
import { DerError, type Element } from './element.ts'

/** The number that two digits from `at` on make, or NaN. */
function pair(octets: Uint8Array, at: number): number {
  const tens = (octets[at] as number) - zero
  const ones = (octets[at + 1] as number) - zero
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}
const zero = 0x30
const capitalZ = 0x5a

/** Of MMDDHHMMSSZ, which stands at the end; the year is read already. */
function read({ octets, end }: Element, year: number): Date {
  const at = end - 11
  const month = pair(octets, at)
  const day = pair(octets, at + 2)
  const hour = pair(octets, at + 4)
  const minute = pair(octets, at + 6)
  const second = pair(octets, at + 8)
  const time = new Date(0)
  time.setUTCFullYear(year, month - 1, day)
  time.setUTCHours(hour, minute, second)
  if (Number.isNaN(time.getTime()) || octets[end - 1] !== capitalZ) throw new DerError('time is not YYYYMMDDHHMMSSZ')
  // Date carries 31 June over into July; a time that does not come back unchanged was none.
  const same = time.getUTCMonth() === month - 1 && time.getUTCDate() === day && time.getUTCHours() === hour
  if (!same || time.getUTCMinutes() !== minute || second > 59) throw new DerError('there is no such time')
  return time
}

function checkLength({ contents, end }: Element, length: number): void {
  if (end - contents !== length) throw new DerError('time is not YYYYMMDDHHMMSSZ')
}

const two = (number: number): string => (number < 10 ? `0${number}` : `${number}`)

/** RFC 5280 knows no fractions of a second; they are dropped. */
function digits(time: Date): string {
  const year = time.getUTCFullYear()
  if (!(year >= 0 && year <= 9999)) throw new DerError('time outside the years 0000 to 9999')
  return `${String(year).padStart(4, '0')}${two(time.getUTCMonth() + 1)}${two(time.getUTCDate())}${two(
    time.getUTCHours(),
  )}${two(time.getUTCMinutes())}${two(time.getUTCSeconds())}Z`
}

export const generalizedTime: DerCodec<Date> = tagged(
  0x18,
  (element) => {
    checkLength(element, 15)
    const { octets, contents } = element
    return read(element, pair(octets, contents) * 100 + pair(octets, contents + 2))
  },
  (value, out) => out.prependText(digits(value)),
)

/** Two digits of the year mean 1950 to 2049. RFC 5280 §4.1.2.5.1. */
export const utcTime: DerCodec<Date> = tagged(
  0x17,
  (element) => {
    checkLength(element, 13)
    const year = pair(element.octets, element.contents)
    return read(element, year + (year >= 50 ? 1900 : 2000))
  },
  (value, out) => {
    const year = value.getUTCFullYear()
    if (!(year >= 1950 && year <= 2049)) throw new DerError('UTCTime ends with 2049')
    out.prependText(digits(value).slice(2))
  },
)

/** Time ::= CHOICE { utcTime, generalTime }: UTCTime through 2049, GeneralizedTime from 2050. RFC 5280 §4.1.2.5. */
export const time: DerCodec<Date> = derType({
  tags: [...utcTime.tags, ...generalizedTime.tags],
  read: (element) => {
    if (element.tag === 0x17) return utcTime.read(element)
    const value = generalizedTime.read(element)
    const year = value.getUTCFullYear()
    if (year >= 1950 && year <= 2049) throw new DerError('a time through 2049 is a UTCTime')
    return value
  },
  write: (value, out) => {
    const year = value.getUTCFullYear()
    const codec = year >= 1950 && year <= 2049 ? utcTime : generalizedTime
    codec.write(value, out)
  },
})
