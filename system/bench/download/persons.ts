/** Test persons in any number, all different. Their names are no real person's; their numbers are from ranges that nobody is given. */
import { hanako, type TestPerson } from '../../town/people.ts'

const digits = '〇一二三四五六七八九'
const kanji = (number: number): string => [...String(number)].map((digit) => digits[Number(digit)]).join('')

/** From 1; hanako is none of them. */
export function testPerson(number: number): TestPerson {
  const six = String(number).padStart(6, '0')
  const day = new Date(Date.UTC(1950, 0, 1 + (number % 20_000))).toISOString().slice(0, 10)
  return {
    id: `fleet-${number}`,
    kana: 'ミホン　バンゴウ',
    fourItems: {
      name: `見本　${kanji(number)}`,
      address: `東京都千代田区霞が関二丁目１番${kanji(number)}号`,
      birthDate: day,
      gender: number % 2 === 0 ? 'male' : 'female',
    },
    municipality: hanako.municipality,
    mail: `person-${number}@example.jp`,
    card: { serialNumber: `9000000000${six}`, signPassword: 'ABC123', authPin: '1234' },
    phone: { ...hanako.phone, msisdn: `09001${six}` },
    sim: { iccid: withCheckDigit(`8981100000009${six}`), profile: hanako.sim.profile },
  }
}

/** Luhn, ISO/IEC 7812-1 Annex B, as ITU-T E.118 §4.1 wants it for an ICCID. */
export function withCheckDigit(number: string): string {
  const sum = [...number].toReversed().reduce((total, digit, at) => {
    const value = Number(digit) * (at % 2 === 0 ? 2 : 1)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return `${number}${(10 - (sum % 10)) % 10}`
}
