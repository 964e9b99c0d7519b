/** What SCP02 and SCP03 have in common: keys, levels, the outcome of a step. GPCS v2.3.1 §10, annex E; Amendment D. */
import type { CommandApdu, ResponseApdu } from '@mobile-jpki/iso7816'
import { concat, oneOf } from '@mobile-jpki/tlv'

/** The three secure channel keys of a key set: key identifiers 01, 02, 03. */
export interface KeySet {
  readonly enc: Uint8Array
  readonly mac: Uint8Array
  readonly dek: Uint8Array
}

/** Level of secure messaging: P1 of EXTERNAL AUTHENTICATE. GPCS §E.5.2.3, Amendment D §7.1.2.1. */
export const securityLevels = {
  none: 0x00,
  'C-MAC': 0x01,
  'C-DECRYPTION, C-MAC': 0x03,
  'C-MAC, R-MAC': 0x11,
  'C-DECRYPTION, C-MAC, R-MAC': 0x13,
  'C-DECRYPTION, R-ENCRYPTION, C-MAC, R-MAC': 0x33,
} as const
export const SecurityLevelName = oneOf(securityLevels)
export type SecurityLevel = (typeof securityLevels)[keyof typeof securityLevels]

export const level = { cMac: 0x01, cDecryption: 0x02, rMac: 0x10, rEncryption: 0x20 } as const

export const isSecurityLevel = (value: number): value is SecurityLevel =>
  Object.values<number>(securityLevels).includes(value)

/**
 * A secure channel protocol with its implementation options `i`.
 * SCP02, GPCS table E-1: 01 three keys, 04 explicit initiation, 10 ICV encryption, 20 R-MAC, 40 pseudo-random challenge.
 * SCP03, Amendment D table 5-1: 01 S16 mode, 10 pseudo-random challenge, 20 R-MAC, 60 R-MAC and R-ENCRYPTION.
 */
export type Scp =
  | { readonly protocol: '02'; readonly i: 0x15 | 0x35 | 0x55 | 0x75 }
  | { readonly protocol: '03'; readonly i: number }

/** A protocol as card recognition data name it; undefined where it is none of ours. */
export function scpOf({ scp, i }: { readonly scp: number; readonly i: number }): Scp | undefined {
  if (scp === 0x03) return { protocol: '03', i }
  return scp === 0x02 && (i === 0x15 || i === 0x35 || i === 0x55 || i === 0x75) ? { protocol: '02', i } : undefined
}

/**
 * The levels that a protocol with these options offers, the strongest last. SCP02 gives R-MAC to whoever asks: hosts ask by the level
 * alone, also where `i` is 15 or 55 and lacks the bit (docs/divergences.md).
 */
export function levelsOf(scp: Scp): readonly SecurityLevel[] {
  const rMac = scp.protocol === '02' || (scp.i & 0x20) !== 0
  const rEncryption = scp.protocol === '03' && (scp.i & 0x60) === 0x60
  return [0x00, 0x01, 0x03, ...(rMac ? ([0x11, 0x13] as const) : []), ...(rEncryption ? ([0x33] as const) : [])]
}

/** What a card answers to INITIALIZE UPDATE. GPCS table E-8, Amendment D table 7-3. */
export type InitializeUpdateResponse = {
  readonly keyDiversificationData: Uint8Array
  readonly keyVersion: number
  readonly sequenceCounter: number
  readonly cardChallenge: Uint8Array
  readonly cardCryptogram: Uint8Array
} & ({ readonly protocol: '02' } | { readonly protocol: '03'; readonly i: number })

export type SecureChannelFailure =
  | 'malformed'
  | 'wrong-protocol'
  | 'card-challenge'
  | 'card-cryptogram'
  | 'response-mac'
  | 'level-not-offered'

/** The host refuses what the card answered, or cannot do what it was asked. */
export class SecureChannelError extends Error {
  override readonly name = 'SecureChannelError'
  readonly code: SecureChannelFailure

  constructor(code: SecureChannelFailure, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The card's answer to one step: it goes on, or the session is over. */
export type Step<T> =
  | ({ readonly accepted: true } & T)
  | { readonly accepted: false; readonly sw: number; readonly reason: string }

export interface Sent<S> {
  readonly apdu: CommandApdu
  readonly next: S
}
export interface Received<S> {
  readonly response: ResponseApdu
  readonly next: S
}

/** Class octet under secure messaging on the same logical channel. GPCS §11.1.4. */
export const securedClass = (cla: number): number => (cla & 0x40 ? cla | 0x20 : cla | 0x04)

/** Class octet without secure messaging. */
export const unsecuredClass = (cla: number): number => (cla & 0x40 ? cla & ~0x20 : cla & ~0x0c)

/** Class octet as the C-MAC sees it: secure messaging on, logical channel 0. GPCS §E.4.4, Amendment D §6.2.4. */
export const signedClass = (cla: number): number => (cla & 0x40 ? cla & 0x80 : cla & 0xf0) | 0x04

/** The header that a C-MAC covers: Lc counts the MAC, and has three octets when it exceeds 255. */
export const signedHeader = ({ cla, ins, p1, p2 }: Omit<CommandApdu, 'data'>, lc: number): Uint8Array =>
  concat(Uint8Array.of(signedClass(cla), ins, p1, p2), lcOctets(lc))

export const lcOctets = (lc: number): Uint8Array =>
  lc > 0xff ? Uint8Array.of(0, lc >>> 8, lc & 0xff) : Uint8Array.of(lc)

export const swOctets = (sw: number): Uint8Array => Uint8Array.of(sw >>> 8, sw & 0xff)
