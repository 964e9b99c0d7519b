/** UTCTime and GeneralizedTime, in seconds and Zulu only. ITU-T X.690 §11.7–11.8, RFC 5280 §4.1.2.5. */

import { type DerCodec, derType, tagged } from './codec.ts'
import { DerError, type Element } from './element.ts'

/** YYYYMMDDHHMMSSZ; of a UTCTime the first two digits are given. */
function read({ octets, contents, end }: Element, century = ''): Date {
  const text = century + String.fromCharCode(...octets.subarray(contents, Math.min(end, contents + longest)))
  if (end - contents > longest || !/^\d{14}Z$/.test(text)) throw new DerError('time is not YYYYMMDDHHMMSSZ')
  const part = (from: number, to: number) => Number(text.slice(from, to))
  const [year, month, day] = [part(0, 4), part(4, 6), part(6, 8)]
  const [hour, minute, second] = [part(8, 10), part(10, 12), part(12, 14)]
  const time = new Date(0)
  time.setUTCFullYear(year, month - 1, day)
  time.setUTCHours(hour, minute, second)
  // Date carries 31 June over into July; a time that does not come back unchanged was none.
  if (digits(time) !== text) throw new DerError('there is no such time')
  return time
}
const longest = 15

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
  (element) => read(element),
  (value, out) => out.prependText(digits(value)),
)

/** Two digits of the year mean 1950 to 2049. RFC 5280 §4.1.2.5.1. */
export const utcTime: DerCodec<Date> = tagged(
  0x17,
  (element) => read(element, (element.octets[element.contents] ?? 0) >= 0x35 ? '19' : '20'),
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
