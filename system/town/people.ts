/** Test persons (テスト用の人) and their things: the first one, and others in any number. No name is a real person's; numbers are from ranges that nobody is given. */
import type { FourItems } from '@mobile-jpki/jpki'
import { type NamedSimType, simTypeNamed } from '../carriers/carriers.ts'
import { checkDigit } from '../carriers/iccid.ts'

export interface TestPerson {
  /** By which the municipal counter knows the person. */
  readonly id: string
  readonly fourItems: FourItems
  readonly kana: string
  readonly municipality: { readonly code: string; readonly prefecture: string; readonly city: string }
  readonly mail: string
  readonly card: { readonly serialNumber: string; readonly signPassword: string; readonly authPin: string }
  readonly phone: { readonly model: string; readonly os: string; readonly carrier: string; readonly msisdn: string }
  /** Its type is one of system/carriers. */
  readonly sim: { readonly iccid: string; readonly profile: string }
}

export const hanako: TestPerson = {
  id: 'hanako',
  fourItems: {
    name: '見本　花子',
    address: '東京都千代田区霞が関二丁目１番２号',
    birthDate: '1990-04-01',
    gender: 'female',
  },
  kana: 'ミホン　ハナコ',
  municipality: { code: '13101', prefecture: 'Tokyo-to', city: 'Chiyoda-ku' },
  mail: 'hanako@example.jp',
  card: { serialNumber: '0000000020160328', signPassword: 'ABC123', authPin: '1234' },
  phone: { model: 'Sample Phone 16', os: 'Android 14', carrier: 'carrier-a', msisdn: '09000000001' },
  sim: { iccid: '89811000000000000129', profile: 'a-uicc-2016' },
}

/** What she tells at the counter to get her card. */
export const enrolmentOf = ({ id, fourItems, kana, municipality, card }: TestPerson) => ({
  id,
  ...fourItems,
  kana,
  municipality: municipality.code,
  cardNumber: card.serialNumber,
  pin: card.authPin,
  signPassword: card.signPassword,
})

const digits = '〇一二三四五六七八九'
const kanji = (number: number): string => [...String(number)].map((digit) => digits[Number(digit)]).join('')

/** Who they are for: no person of one series is one of another. hanako is of none. */
const seriesOf = { fleet: { digit: 9, mark: '' }, phone: { digit: 8, mark: '例' } } as const
type Series = keyof typeof seriesOf

/** The persons of a series, from 1, all different. */
export function testPerson(number: number, series: Series, simType = hanako.sim.profile): TestPerson {
  const type = simTypeNamed(simType)
  const six = String(number).padStart(6, '0')
  const { digit, mark } = seriesOf[series]
  const day = new Date(Date.UTC(1950, 0, 1 + (number % 20_000))).toISOString().slice(0, 10)
  return {
    id: `${series}-${number}`,
    kana: 'ミホン　バンゴウ',
    fourItems: {
      name: `見本　${mark}${kanji(number)}`,
      address: `東京都千代田区霞が関${kanji(digit)}丁目１番${kanji(number)}号`,
      birthDate: day,
      gender: number % 2 === 0 ? 'male' : 'female',
    },
    municipality: hanako.municipality,
    mail: `${series}-${number}@example.jp`,
    card: { serialNumber: `${digit}000000000${six}`, signPassword: 'ABC123', authPin: '1234' },
    phone: { ...hanako.phone, carrier: type.carrierId, msisdn: `0900${digit}${six}` },
    sim: { iccid: iccidOf(type, `${digit}${six}`), profile: simType },
  }
}

/** Of nineteen digits and their check digit; those of SIMs that come later have another first digit. */
export function iccidOf({ carrier }: NamedSimType, account: string): string {
  const number = `${carrier.iccidPrefix}${account.padStart(13, '0')}`
  return `${number}${checkDigit(number)}`
}
