/** Keys on their way into a card: types, the data field of PUT KEY and its answer. GPCS v2.3.1 §11.8, §11.1.8. */
import { type Codec, concat, readLength, TlvError, writeLength } from '@mobile-jpki/tlv'

/** Key types, GPCS table 11-16. */
export const keyTypes = {
  DES: 0x80,
  'TLS-PSK': 0x85,
  AES: 0x88,
  'HMAC-SHA1': 0x90,
  'RSA public exponent': 0xa0,
  'RSA modulus': 0xa1,
  'RSA private exponent': 0xa3,
  'RSA CRT p': 0xa4,
  'RSA CRT q': 0xa5,
  'RSA CRT pq': 0xa6,
  'RSA CRT dp1': 0xa7,
  'RSA CRT dq1': 0xa8,
  'ECC public key': 0xb0,
  'ECC private key': 0xb1,
  'ECC field parameter p': 0xb2,
  'ECC field parameter a': 0xb3,
  'ECC field parameter b': 0xb4,
  'ECC field parameter g': 0xb5,
  'ECC field parameter n': 0xb6,
  'ECC field parameter k': 0xb7,
  'ECC key parameters reference': 0xf0,
} as const
export type KeyTypeName = keyof typeof keyTypes

/** Key parameters references, GPCS table B-2. */
export const curves = { 'P-256': 0x00, 'P-384': 0x01, 'P-521': 0x02 } as const

export const keyTypeName = (type: number): KeyTypeName | undefined =>
  (Object.keys(keyTypes) as KeyTypeName[]).find((name) => keyTypes[name] === type)

/** One component of a key, as it stands in the data field: secret ones are encrypted under the DEK. */
export interface KeyComponent {
  readonly type: number
  readonly value: Uint8Array
}
/** One key: its components, then its key check value, which may be empty. */
export interface KeyBlock {
  readonly components: readonly KeyComponent[]
  readonly checkValue: Uint8Array
}
export interface PutKeyData {
  readonly keyVersion: number
  readonly keys: readonly KeyBlock[]
}

/** A key type has b8 = 1, the length of a key check value has not: so a reader knows where a key ends. GPCS table 11-70. */
const isKeyType = (octet: number): boolean => octet >= 0x80

/** Data field of PUT KEY, GPCS tables 11-68 and 11-69. */
export const PutKeyData: Codec<PutKeyData> = {
  encode: ({ keyVersion, keys }) =>
    concat(
      Uint8Array.of(keyVersion),
      ...keys.flatMap(({ components, checkValue }) => [
        ...components.map(({ type, value }) => concat(Uint8Array.of(type), writeLength(value.length), value)),
        Uint8Array.of(checkValue.length),
        checkValue,
      ]),
    ),
  decode: (octets) => {
    const [keyVersion] = octets
    if (keyVersion === undefined) throw new TlvError('the key version is missing')
    const keys: KeyBlock[] = []
    for (let at = 1; at < octets.length; ) {
      const { block, end } = readBlock(octets, at)
      keys.push(block)
      at = end
    }
    if (keys.length === 0) throw new TlvError('there is no key')
    return { keyVersion, keys }
  },
  show: ({ keyVersion, keys }) =>
    `key version ${keyVersion.toString(16).padStart(2, '0').toUpperCase()}, ${keys
      .map(({ components, checkValue }) => {
        const names = components.map(({ type }) => keyTypeName(type) ?? type.toString(16).toUpperCase()).join(', ')
        return checkValue.length === 0 ? names : `${names} (${checkValue.toHex().toUpperCase()})`
      })
      .join('; ')}`,
}

function readBlock(octets: Uint8Array, start: number): { block: KeyBlock; end: number } {
  const components: KeyComponent[] = []
  let at = start
  for (let type = octets[at]; type !== undefined && isKeyType(type); type = octets[at]) {
    if (type === 0xff) throw new TlvError('the extended key format is not supported')
    const { length, end } = readLength(octets, at + 1)
    if (end + length > octets.length) throw new TlvError('key component cut short')
    components.push({ type, value: octets.slice(end, end + length) })
    at = end + length
  }
  const length = octets[at]
  if (components.length === 0) throw new TlvError('a key type is missing')
  if (length === undefined || at + 1 + length > octets.length) throw new TlvError('key check value cut short')
  return { block: { components, checkValue: octets.slice(at + 1, at + 1 + length) }, end: at + 1 + length }
}

export interface PutKeyResponse {
  readonly keyVersion: number
  readonly checkValues: readonly Uint8Array[]
}

/** Answer of PUT KEY: the key version, then three octets of check value for every key that has one. GPCS §11.8.3.1. */
export const PutKeyResponse: Codec<PutKeyResponse> = {
  encode: ({ keyVersion, checkValues }) => concat(Uint8Array.of(keyVersion), ...checkValues),
  decode: (octets) => {
    const [keyVersion] = octets
    if (keyVersion === undefined || (octets.length - 1) % 3 !== 0) throw new TlvError('not an answer of PUT KEY')
    const count = (octets.length - 1) / 3
    return {
      keyVersion,
      checkValues: Array.from({ length: count }, (_, at) => octets.slice(1 + 3 * at, 4 + 3 * at)),
    }
  },
  show: ({ keyVersion, checkValues }) =>
    `key version ${keyVersion.toString(16).padStart(2, '0').toUpperCase()}, check values ${checkValues.map((value) => value.toHex().toUpperCase()).join(' ')}`,
}
