/** Numbers of new SIMs: issuer prefix, account number, check digit by Luhn's formula. ITU-T E.118 §4.1, ISO/IEC 7812-1 annex B. */

import type { Carrier } from '@mobile-jpki/mno-tsm/contract'
import { Refusal } from '@mobile-jpki/refusal'

const digits = 19

/** What makes the sum of the digits, every second one doubled, a multiple of ten. */
export function checkDigit(number: string): string {
  const sum = [...number].reverse().reduce((total, digit, at) => {
    const weighed = at % 2 === 0 ? Number(digit) * 2 : Number(digit)
    return total + (weighed > 9 ? weighed - 9 : weighed)
  }, 0)
  return String((10 - (sum % 10)) % 10)
}

export function newIccid({ iccidPrefix }: Carrier, random: (length: number) => Uint8Array): string {
  const account = Array.from(random(digits - 1 - iccidPrefix.length), (octet) => octet % 10).join('')
  return `${iccidPrefix}${account}${checkDigit(iccidPrefix + account)}`
}

/** An ICCID that somebody typed: of 19 digits the last is a check digit; real ones of 18 and 20 have their issuers' rules. */
export function iccidGiven(iccid: string): string {
  if (!/^89\d{16,18}$/.test(iccid))
    throw new Refusal('request.malformed', 'An ICCID has 18 to 20 digits and begins with 89.')
  if (iccid.length === digits && checkDigit(iccid.slice(0, -1)) !== iccid.at(-1))
    throw new Refusal('request.malformed', `The check digit of ${iccid} should be ${checkDigit(iccid.slice(0, -1))}.`)
  return iccid
}
