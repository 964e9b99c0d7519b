/** How long a certificate holds: to a birthday of the holder, and never beyond the card. Days are days in Japan. RFC 5280 §4.1.2.5. */

/** 23:59:59 in Japan (UTC+9), the last second of a validity. RFC 5280 §4.1.2.5 wants it in UTC. */
export function endOfDay(date: string): Date {
  const end = new Date(`${date}T14:59:59Z`)
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || end.toISOString().slice(0, 10) !== date)
    throw new RangeError(`${date} is not a date`)
  return end
}

/** The day it is in Japan, YYYY-MM-DD. */
export const dayInJapan = (instant: Date): string =>
  new Date(instant.getTime() + 9 * 3_600_000).toISOString().slice(0, 10)

/** The birthday in a year; who was born on 29 February has it on the 28th of a common year (年齢計算ニ関スル法律). */
function birthdayIn(year: number, birthDate: string): string {
  const isLeap = new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1
  const day = birthDate.slice(5)
  return `${String(year).padStart(4, '0')}-${day === '02-29' && !isLeap ? '02-28' : day}`
}

/** Number `count` of the birthdays that follow a day. */
export function birthdayAfter(day: string, birthDate: string, count: number): string {
  const year = Number(day.slice(0, 4))
  const first = birthdayIn(year, birthDate) > day ? year : year + 1
  return birthdayIn(first + count - 1, birthDate)
}

export interface ValidityTerms {
  readonly issuedAt: Date
  /** YYYY-MM-DD */
  readonly birthDate: string
  /** Five; six where the certificate renews one that had less than three months left. */
  readonly birthdays?: 5 | 6
  /** The card's expiry, and for a phone also that of the card's certificate. */
  readonly notBeyond: readonly Date[]
}

export function notAfterOf({ issuedAt, birthDate, birthdays = 5, notBeyond }: ValidityTerms): Date {
  const own = endOfDay(birthdayAfter(dayInJapan(issuedAt), birthDate, birthdays))
  return new Date(Math.min(...[own, ...notBeyond].map((date) => date.getTime())))
}

/** There is no sign certificate for a person under 15. */
export const mayHaveSignCertificate = (birthDate: string, at: Date): boolean =>
  birthdayIn(Number(birthDate.slice(0, 4)) + 15, birthDate) <= dayInJapan(at)
