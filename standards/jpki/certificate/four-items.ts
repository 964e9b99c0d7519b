/** 基本4情報, the four recorded items, as the sign certificate states them: otherNames of subjectAltName, RFC 5280 §4.2.1.6. */
import { DerError } from '@mobile-jpki/der'
import { type GeneralName, otherNameOf, otherNameText, type ParsedCertificate, subjectAltName } from '@mobile-jpki/pkix'
import { arc } from './oid-arc.ts'

export interface FourItems {
  /** 氏名, family and given name apart by a full-width space. */
  readonly name: string
  /** 住所 */
  readonly address: string
  /** 生年月日, YYYY-MM-DD. */
  readonly birthDate: string
  /** 性別 */
  readonly gender: 'male' | 'female' | 'other'
}

export const fourItemIds = {
  name: `${arc}.5.1`,
  nameSubstitutes: `${arc}.5.2`,
  gender: `${arc}.5.3`,
  birthDate: `${arc}.5.4`,
  address: `${arc}.5.5`,
  addressSubstitutes: `${arc}.5.6`,
} as const

/** First days of the eras, by the digit that the item begins with; 0 is before or unknown. */
const eras = [
  ['5', '2019-05-01'],
  ['4', '1989-01-08'],
  ['3', '1926-12-25'],
  ['2', '1912-07-30'],
  ['1', '1868-01-25'],
] as const

const eraOf = (birthDate: string): string => eras.find(([, first]) => birthDate >= first)?.[0] ?? '0'

const genders = { male: '1', female: '2', other: '9' } as const

/** One digit a character: 0 where the character is the person's own, not a substitute. We substitute none. */
const noSubstitutes = (text: string): string => '0'.repeat([...text].length)

/** In the order seen on a real card: 1, 4, 3, 5, 2, 6. */
export function fourItemNames({ name, address, birthDate, gender }: FourItems): readonly GeneralName[] {
  if (!/^\d{4}-\d\d-\d\d$/.test(birthDate)) throw new RangeError('a birth date is written YYYY-MM-DD')
  return [
    otherNameOf(fourItemIds.name, name),
    otherNameOf(fourItemIds.birthDate, `${eraOf(birthDate)}${birthDate.replaceAll('-', '')}`),
    otherNameOf(fourItemIds.gender, genders[gender]),
    otherNameOf(fourItemIds.address, address),
    otherNameOf(fourItemIds.nameSubstitutes, noSubstitutes(name)),
    otherNameOf(fourItemIds.addressSubstitutes, noSubstitutes(address)),
  ]
}

const itemForms: readonly (readonly [id: string, form: RegExp])[] = [
  [fourItemIds.name, /^\S(?:.*\S)?$/],
  [fourItemIds.birthDate, /^[0-5]\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/],
  [fourItemIds.gender, /^[129]$/],
  [fourItemIds.address, /^\S(?:.*\S)?$/],
  [fourItemIds.nameSubstitutes, /^\d+$/],
  [fourItemIds.addressSubstitutes, /^\d+$/],
]

/** What is wrong with the names that a sign certificate states. */
export function fourItemsFault(names: readonly GeneralName[]): string | undefined {
  if (names.length !== itemForms.length) return 'does not state six items'
  const texts: string[] = []
  for (const [index, [id, form]] of itemForms.entries()) {
    const found = otherNameText(names.slice(index, index + 1), id)
    if (found === undefined) return `has no item ${id} at place ${index + 1}`
    if (!form.test(found)) return `has an item ${id} of another form`
    texts.push(found)
  }
  const [name = '', birthDate = '', , address = '', ofName = '', ofAddress = ''] = texts
  const date = `${birthDate.slice(1, 5)}-${birthDate.slice(5, 7)}-${birthDate.slice(7)}`
  if (birthDate[0] !== '0' && birthDate[0] !== eraOf(date)) return 'has a birth date of another era'
  if (ofName.length !== [...name].length || ofAddress.length !== [...address].length)
    return 'does not say of every character whether it is a substitute'
  return undefined
}

/** Undefined for a certificate that states none, as every auth certificate; DerError for one that states them wrongly. */
export function readFourItems(certificate: ParsedCertificate): FourItems | undefined {
  const names = certificate.extension(subjectAltName)?.value
  if (names === undefined || otherNameText(names, fourItemIds.name) === undefined) return undefined
  const item = (part: 'name' | 'address' | 'birthDate' | 'gender') => {
    const text = otherNameText(names, fourItemIds[part])
    if (text === undefined) throw new DerError('is missing', part)
    return text
  }
  // The year is the Gregorian one, whatever the era.
  const [, year, month, day] = /^[0-5](\d{4})(\d\d)(\d\d)$/.exec(item('birthDate')) ?? []
  if (year === undefined) throw new DerError('is not EYYYYMMDD', 'birthDate')
  return {
    name: item('name'),
    address: item('address'),
    birthDate: `${year}-${month}-${day}`,
    gender: ({ 1: 'male', 2: 'female' } as const)[item('gender')] ?? 'other',
  }
}
