/** What may be recorded of a person: bad entries are refused before anything is written. */
import { dayInJapan, type FourItems } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import { fullWidthSpace } from './invention.ts'
import { placeIn, placeOf } from './municipalities.ts'
import type { Items } from './resident.ts'

const malformed = (field: string, what: string): Refusal => new Refusal('request.malformed', `${field}: ${what}`)

/** Family and given name apart by one full-width space. Neither spaces nor control characters stand in them otherwise. */
const isName = (text: string): boolean =>
  text.split(fullWidthSpace).length === 2 &&
  text.split(fullWidthSpace).every((part) => /^[^\s\p{C}]{1,48}$/u.test(part))
const isKana = (text: string): boolean => isName(text) && /^[ァ-ヺー・　]+$/.test(text)

export function checkItems({ name, kana, address, birthDate }: Items, municipality: string, at: Date): void {
  if (!isName(name)) throw malformed('name', 'family and given name with one full-width space between them')
  if (!isKana(kana)) throw malformed('kana', 'katakana, with one full-width space between family and given name')
  const { inJapanese } = placeOf(municipality)
  if (!address.startsWith(inJapanese) || address.length === inJapanese.length)
    throw malformed('address', `begins with ${inJapanese}, the municipality, and goes on`)
  if (address.length > 200 || /\p{C}/u.test(address)) throw malformed('address', 'up to 200 characters')
  if (!isDate(birthDate)) throw malformed('birthDate', `${birthDate} is not a date`)
  if (birthDate > dayInJapan(at)) throw malformed('birthDate', 'is in the future')
  if (birthDate < '1900-01-01') throw malformed('birthDate', 'nobody alive was born before 1900')
}

function isDate(text: string): boolean {
  const at = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) === text
}

/** An address that is given says the municipality, unless that is given as well. */
export function municipalityOf(address: string | undefined, code: string | undefined): string | undefined {
  if (code !== undefined) return placeOf(code).code
  if (address === undefined) return undefined
  const place = placeIn(address)
  if (place === undefined) throw malformed('address', 'does not begin with a municipality that this counter serves')
  return place.code
}

export const fourItemsOf = ({ name, address, birthDate, gender }: Items): FourItems => ({
  name,
  address,
  birthDate,
  gender,
})
