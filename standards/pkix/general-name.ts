/** GeneralName: the names of subjectAltName, issuerAltName, distribution points and access locations. RFC 5280 §4.2.1.6. */

import {
  any,
  choice,
  DerError,
  explicit,
  ia5String,
  implicit,
  objectIdentifier,
  octetString,
  opaque,
  sequence,
  sequenceOf,
  type TypeOf,
  utf8String,
} from '@mobile-jpki/der'
import { Name } from './name.ts'

export const OtherName = sequence({ typeId: objectIdentifier, value: explicit(0, any) })

export const GeneralName = choice({
  otherName: implicit(0, OtherName),
  rfc822Name: implicit(1, ia5String),
  dNSName: implicit(2, ia5String),
  x400Address: opaque(0xa3),
  directoryName: explicit(4, Name),
  ediPartyName: opaque(0xa5),
  uniformResourceIdentifier: implicit(6, ia5String),
  iPAddress: implicit(7, octetString),
  registeredID: implicit(8, objectIdentifier),
})
export type GeneralName = TypeOf<typeof GeneralName>
export const GeneralNames = sequenceOf(GeneralName, { min: 1 })
export type GeneralNames = TypeOf<typeof GeneralNames>

/** otherName whose value is a UTF8String, the form in which JPKI states the four recorded items. */
export const otherNameOf = (typeId: string, text: string): GeneralName => ({
  kind: 'otherName',
  value: { typeId, value: utf8String.encode(text) },
})

export function otherNameText(names: GeneralNames, typeId: string): string | undefined {
  for (const { kind, value } of names)
    if (kind === 'otherName' && value.typeId === typeId) return utf8String.decode(value.value)
  return undefined
}

export const directoryNameOf = (name: Name): GeneralName => ({ kind: 'directoryName', value: name })
export const uriOf = (uri: string): GeneralName => ({ kind: 'uniformResourceIdentifier', value: uri })
export const dnsNameOf = (host: string): GeneralName => ({ kind: 'dNSName', value: host })
/** IPv4 in dotted decimal. */
export function ipAddressOf(address: string): GeneralName {
  const octets = address.split('.').map(Number)
  if (octets.length !== 4 || !octets.every((octet) => Number.isInteger(octet) && octet >= 0 && octet <= 255))
    throw new DerError(`${address} is not an IPv4 address`)
  return { kind: 'iPAddress', value: Uint8Array.from(octets) }
}

export const urisOf = (names: GeneralNames): readonly string[] =>
  names.flatMap(({ kind, value }) => (kind === 'uniformResourceIdentifier' ? [value] : []))
