/** Name: distinguished names and their printed form. RFC 5280 §4.1.2.4, §7.1; RFC 4514. */

import {
  any,
  choice,
  ia5String,
  objectIdentifier,
  printableString,
  sequence,
  sequenceOf,
  setOf,
  type TypeOf,
  utf8String,
} from '@mobile-jpki/der'

export const AttributeValue = choice({
  utf8String,
  printableString,
  ia5String,
  other: any,
})
export const AttributeTypeAndValue = sequence({ type: objectIdentifier, value: AttributeValue })
export type AttributeTypeAndValue = TypeOf<typeof AttributeTypeAndValue>
export const RelativeDistinguishedName = setOf(AttributeTypeAndValue, { min: 1 })
export const Name = sequenceOf(RelativeDistinguishedName)
export type Name = TypeOf<typeof Name>

/** Attribute types by the short names of RFC 4514 §3 and X.520, with the string type in which we write them. */
export const attributeTypes = {
  CN: { id: '2.5.4.3', kind: 'utf8String' },
  serialNumber: { id: '2.5.4.5', kind: 'printableString' },
  C: { id: '2.5.4.6', kind: 'printableString' },
  L: { id: '2.5.4.7', kind: 'utf8String' },
  ST: { id: '2.5.4.8', kind: 'utf8String' },
  O: { id: '2.5.4.10', kind: 'utf8String' },
  OU: { id: '2.5.4.11', kind: 'utf8String' },
  DC: { id: '0.9.2342.19200300.100.1.25', kind: 'ia5String' },
  emailAddress: { id: '1.2.840.113549.1.9.1', kind: 'ia5String' },
} as const
export type AttributeName = keyof typeof attributeTypes

const shortNames = new Map(Object.entries(attributeTypes).map(([name, { id }]) => [id as string, name]))

/** A name of single-valued RDNs, in wire order: `nameOf(['C', 'JP'], ['O', 'Example'], ['CN', '甲'])`. */
export const nameOf = (...attributes: readonly (readonly [AttributeName, string])[]): Name =>
  attributes.map(([name, value]) => {
    const { id, kind } = attributeTypes[name]
    return [{ type: id, value: { kind, value } }]
  })

/** Every value of one attribute type, in wire order. */
export const attributesOf = (name: Name, attribute: AttributeName): readonly string[] =>
  name.flatMap((rdn) =>
    rdn.flatMap(({ type, value }) =>
      type === attributeTypes[attribute].id && value.kind !== 'other' ? [value.value] : [],
    ),
  )

// RFC 4514 §2.4: what must be escaped wherever it stands, at the start, and at the end.
const escaped = (text: string): string =>
  text
    .replace(/["+,;<>\\]/g, '\\$&')
    .replaceAll('\0', '\\00')
    .replace(/^[ #]/, '\\$&')
    .replace(/ $/, '\\ ')

const printed = ({ type, value }: AttributeTypeAndValue): string =>
  `${shortNames.get(type) ?? type}=${value.kind === 'other' ? `#${value.value.toHex()}` : escaped(value.value)}`

/** RFC 4514 text: the last RDN first. */
export const printName = (name: Name): string =>
  name
    .toReversed()
    .map((rdn) => rdn.map(printed).join('+'))
    .join(',')

const folded = ({ type, value }: AttributeTypeAndValue): string =>
  value.kind === 'other'
    ? `${type}=#${value.value.toHex()}`
    : `${type}=${value.value.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase()}`

/** Equality of names: without regard to string type, case and runs of spaces. RFC 5280 §7.1. */
export function sameName(a: Name, b: Name): boolean {
  const key = (name: Name) => JSON.stringify(name.map((rdn) => rdn.map(folded).sort()))
  return a.length === b.length && key(a) === key(b)
}
