/** The first test person (テスト用の人) and her things. The name is no real person's; numbers are from ranges that nobody is given. */
import type { FourItems } from '@mobile-jpki/jpki'

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
