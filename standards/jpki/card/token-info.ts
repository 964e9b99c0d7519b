/**
 * Token information, EF '0006' of the JPKI card application: a CK_TOKEN_INFO (PKCS #11 v2.40 §3.2) written out,
 * 160 octets, integers big-endian. Known from public clients only, docs/divergences.md.
 */
import { type Codec, TlvError } from '@mobile-jpki/tlv'

interface Fixed<T> extends Codec<T> {
  readonly length: number
}

/** PKCS #11 pads its texts with spaces; some cards of others pad with NUL. */
const text = (length: number): Fixed<string> => ({
  length,
  encode: (value) => {
    if (!/^[\x20-\x7e]*$/.test(value) || value.length > length) throw new TlvError(`not ${length} printable characters`)
    return new TextEncoder().encode(value.padEnd(length))
  },
  decode: (octets) => String.fromCharCode(...octets).replace(/[\0 ]+$/, ''),
})

const ulong: Fixed<number> = {
  length: 4,
  encode: (value) => {
    const octets = new Uint8Array(4)
    new DataView(octets.buffer).setUint32(0, value)
    return octets
  },
  decode: (octets) => new DataView(octets.buffer, octets.byteOffset, 4).getUint32(0),
}

const layout = {
  label: text(32),
  manufacturerID: text(32),
  model: text(16),
  serialNumber: text(16),
  flags: ulong,
  maxSessionCount: ulong,
  sessionCount: ulong,
  maxRwSessionCount: ulong,
  rwSessionCount: ulong,
  maxPinLen: ulong,
  minPinLen: ulong,
  totalPublicMemory: ulong,
  freePublicMemory: ulong,
  totalPrivateMemory: ulong,
  freePrivateMemory: ulong,
  hardwareVersion: text(2),
  firmwareVersion: text(2),
  utcTime: text(16),
}
type Layout = typeof layout
type FieldName = keyof Layout
export type TokenInformation = { readonly [Name in FieldName]: Layout[Name] extends Codec<infer T> ? T : never }

const fields = Object.entries(layout) as [FieldName, Fixed<string | number>][]
export const tokenInformationLength = fields.reduce((sum, [, { length }]) => sum + length, 0)

export const TokenInformation: Codec<TokenInformation> = {
  encode: (value) => {
    const octets = new Uint8Array(tokenInformationLength)
    let at = 0
    for (const [name, codec] of fields) {
      octets.set(codec.encode(value[name]), at)
      at += codec.length
    }
    return octets
  },
  decode: (octets) => {
    if (octets.length < tokenInformationLength)
      throw new TlvError(`token information has ${tokenInformationLength} octets`)
    const value: Partial<Record<FieldName, string | number>> = {}
    let at = 0
    for (const [name, codec] of fields) {
      value[name] = codec.decode(octets.subarray(at, at + codec.length))
      at += codec.length
    }
    return value as TokenInformation
  },
}

/** What the label says about the token. The last is our own: no label of a SIM was ever published. */
export const tokenLabels = {
  residentCard: 'JPKIAPICCTOKEN',
  myNumberCard: 'JPKIAPICCTOKEN2',
  androidSecureElement: 'JPKIAPGPSETOKEN',
  iPhone: 'JPKIAPIOSTOKEN',
  sim: 'JPKIAPUICCTOKEN',
} as const
export type TokenKind = keyof typeof tokenLabels

export const tokenKindOf = (label: string): TokenKind | undefined =>
  (Object.keys(tokenLabels) as TokenKind[]).find((kind) => tokenLabels[kind] === label)

/** CK_UNAVAILABLE_INFORMATION, PKCS #11 v2.40 §3.2. */
const unavailable = 0xffffffff

/** The token information of a card of ours, after what public clients saw on a My Number card. */
export const tokenInformationOf = (kind: TokenKind, serialNumber: string): TokenInformation => ({
  label: tokenLabels[kind],
  manufacturerID: 'Mobile JPKI',
  model: 'SOFTWARE',
  serialNumber,
  // CKF_RNG, CKF_LOGIN_REQUIRED, CKF_USER_PIN_INITIALIZED, CKF_TOKEN_INITIALIZED
  flags: 0x0000040d,
  maxSessionCount: 1,
  sessionCount: 0,
  maxRwSessionCount: 1,
  rwSessionCount: 0,
  maxPinLen: 16,
  minPinLen: kind === 'sim' ? 4 : 6,
  totalPublicMemory: unavailable,
  freePublicMemory: unavailable,
  totalPrivateMemory: unavailable,
  freePrivateMemory: unavailable,
  hardwareVersion: '03',
  firmwareVersion: '01',
  utcTime: '9999999999999999',
})
