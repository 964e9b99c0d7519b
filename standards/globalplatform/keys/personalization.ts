/** Key sets of a security domain, personalized by STORE DATA with data groupings '00B9' and '8113'. GPCS v2.3.1 §11.11.4.2, Amendment A §4.10. */
import {
  byte,
  type Codec,
  concat,
  octets,
  optional,
  readTlvs,
  required,
  TlvError,
  type TypeOf,
  tagName,
  template,
  unsigned,
  writeTlv,
} from '@mobile-jpki/tlv'
import type { DataGrouping } from './dgi.ts'

/** What keys may be used for, UICC Configuration: data object '97'. */
export const keyPurposes = { scp02: 0x0002, scp03: 0x0003, dap: 0x7003 } as const

/** Data object 'B7': what all keys of the set have in common. */
const KeyAttributes = template({
  type: required(0x80, byte),
  length: required(0x81, unsigned({ min: 1, max: 2 })),
  keyVersion: required(0x83, byte),
  access: optional(0x96, byte),
  purpose: optional(0x97, unsigned(2)),
})
export type KeyAttributes = TypeOf<typeof KeyAttributes>

/** Data object 'B9', the control reference template of one key. */
const KeyReferenceTemplate = template({
  keyIdentifier: required(0x82, byte),
  checkValue: required(0x84, octets({ max: 3 })),
})
export type KeyReferenceTemplate = TypeOf<typeof KeyReferenceTemplate>

/** Data grouping '00B9': the set that the following groupings '8113' fill. */
export interface KeySetDescription extends KeyAttributes {
  readonly keys: readonly KeyReferenceTemplate[]
}

export const KeySetDescription: Codec<KeySetDescription> = {
  encode: ({ keys, ...attributes }) =>
    concat(
      writeTlv(0xb7, KeyAttributes.encode(attributes)),
      ...keys.map((key) => writeTlv(0xb9, KeyReferenceTemplate.encode(key))),
    ),
  decode: (value) => {
    const [attributes, ...keys] = readTlvs(value)
    if (attributes?.tag !== 0xb7) throw new TlvError('B7 is missing')
    return {
      ...KeyAttributes.decode(attributes.value),
      keys: keys.map(({ tag, value: reference }) => {
        if (tag !== 0xb9) throw new TlvError(`${tagName(tag)} instead of B9`)
        return KeyReferenceTemplate.decode(reference)
      }),
    }
  },
}

/** Data grouping identifiers of key personalization. */
export const keyGroupings = { description: 0x00b9, symmetricKey: 0x8113 } as const

/** The description, then one grouping per key, each encrypted under the DEK by the caller. */
export const keySetGroupings = (
  description: KeySetDescription,
  encryptedKeys: readonly Uint8Array[],
): readonly DataGrouping[] => [
  { identifier: keyGroupings.description, value: KeySetDescription.encode(description) },
  ...encryptedKeys.map((value) => ({ identifier: keyGroupings.symmetricKey, value })),
]
