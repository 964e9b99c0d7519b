/** Points in time and periods as SMPP writes them. SMPP v3.4 §7.1.1; receipts, appendix B. */

/** YYMMDDhhmmss, tenths, quarters of an hour from UTC, direction; or R for a period from now. */
const format = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\d(\d\d)([+\-R])$/

const day = 24 * 60 * 60
const periods = [365 * day, 30 * day, day, 3600, 60, 1]

/** Undefined for what is no time. An empty one is what the centre does by itself: `usual` seconds. */
export function endOfValidity(period: string, now: Date, usual: number): Date | undefined {
  if (period === '') return new Date(now.getTime() + 1000 * usual)
  const match = format.exec(period)
  if (match === null) return undefined
  const fields = match.slice(1, 7).map(Number)
  const [year = 0, month = 0, date = 0, hour = 0, minute = 0, second = 0] = fields
  const sign = match[8]
  if (sign === 'R') {
    const seconds = fields.reduce((sum, field, at) => sum + field * (periods[at] ?? 0), 0)
    return new Date(now.getTime() + 1000 * seconds)
  }
  const offset = Number(match[7]) * 15 * (sign === '-' ? -1 : 1)
  const end = new Date(Date.UTC(2000 + year, month - 1, date, hour, minute - offset, second))
  return Number.isNaN(end.getTime()) ? undefined : end
}

/** YYMMDDhhmm. */
export const receiptTime = (moment: Date): string => moment.toISOString().replace(/\D/g, '').slice(2, 12)
