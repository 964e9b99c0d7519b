/** A phone named by its numbers, as people type them: MSISDN (ITU-T E.164, in the national form) and ICCID (ITU-T E.118). */

/** Full-width digits become plain ones; spaces, hyphens and brackets of any kind go. */
const bare = (text: string): string => text.normalize('NFKC').replaceAll(/[\s\p{Dash_Punctuation}\u2212\u30FC()]/gu, '')

/** +81 90 0000 0001 is 09000000001. */
export const msisdnIn = (typed: string): string => bare(typed).replace(/^(?:\+|00)81(?=[1-9])/, '0')

export type MsisdnFlaw = 'empty' | 'characters' | 'notMobile' | 'length'

/** Numbers of mobile phones in Japan: 060, 070, 080, 090 and eight digits. */
export function flawOfMsisdn(typed: string): MsisdnFlaw | undefined {
  const number = msisdnIn(typed)
  if (number === '') return 'empty'
  if (!/^\d+$/.test(number)) return 'characters'
  if (!/^0[6-9]0/.test(number)) return 'notMobile'
  return number.length === 11 ? undefined : 'length'
}

/** Some phones show an F behind the digits, which fills the last half octet (3GPP TS 31.102 §4.2.2 by TS 102 221 §13.2). */
export const iccidIn = (typed: string): string => bare(typed).replace(/f$/i, '')

export type IccidFlaw = 'empty' | 'characters' | 'prefix' | 'length' | 'mistyped'

/** Of nineteen digits the last is a check digit by Luhn's formula (ISO/IEC 7812-1 annex B); numbers of 18 and 20 have their issuers' rules. */
export function flawOfIccid(typed: string): IccidFlaw | undefined {
  const number = iccidIn(typed)
  if (number === '') return 'empty'
  if (!/^\d+$/.test(number)) return 'characters'
  if (!number.startsWith('89')) return 'prefix'
  if (number.length < 18 || number.length > 20) return 'length'
  return number.length === 19 && luhnSum(number) % 10 !== 0 ? 'mistyped' : undefined
}

const luhnSum = (number: string): number =>
  [...number].reverse().reduce((sum, digit, at) => {
    const weighed = at % 2 === 1 ? Number(digit) * 2 : Number(digit)
    return sum + (weighed > 9 ? weighed - 9 : weighed)
  }, 0)

/** As it is printed on a SIM: groups of four. */
export const groupedIccid = (iccid: string): string => iccid.match(/.{1,4}/g)?.join(' ') ?? ''
