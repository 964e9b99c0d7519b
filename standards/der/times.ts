/** UTCTime and GeneralizedTime, in seconds and Zulu only. ITU-T X.690 §11.7–11.8, RFC 5280 §4.1.2.5. */

import { type DerCodec, derType, tagged } from './codec.ts'
import { contentsOf, DerError } from './element.ts'

const ascii = new TextDecoder('latin1')
const encoder = new TextEncoder()

function parse(text: string): Date {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (match === null) throw new DerError('time is not YYYYMMDDHHMMSSZ')
  const [, year, month, day, hour, minute, second] = match
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`
  const time = new Date(iso)
  // Date carries 31 June over into July; a time that does not come back unchanged was none.
  if (Number.isNaN(time.getTime()) || time.toISOString() !== iso) throw new DerError('there is no such time')
  return time
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
  (element) => parse(ascii.decode(contentsOf(element))),
  (value, out) => out.prepend(encoder.encode(digits(value))),
)

/** Two digits of the year mean 1950 to 2049. RFC 5280 §4.1.2.5.1. */
export const utcTime: DerCodec<Date> = tagged(
  0x17,
  (element) => {
    const text = ascii.decode(contentsOf(element))
    return parse(`${text.charAt(0) >= '5' ? '19' : '20'}${text}`)
  },
  (value, out) => {
    const year = value.getUTCFullYear()
    if (!(year >= 1950 && year <= 2049)) throw new DerError('UTCTime ends with 2049')
    out.prepend(encoder.encode(digits(value).slice(2)))
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
