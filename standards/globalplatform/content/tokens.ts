/** Tokens, by which an issuer allows, and confirmations, by which a card proves, content management. GPCS v2.3.1 §C.4, §C.5, §11.1.6. */
import { createHash, type KeyObject, constants as padding, sign, verify } from 'node:crypto'
import type { CommandApdu } from '@mobile-jpki/iso7816'
import {
  type Codec,
  concat,
  octets,
  readTlv,
  required,
  TlvError,
  type TypeOf,
  template,
  unsigned,
} from '@mobile-jpki/tlv'
import { aesCmac, equalSecrets, retailMac } from '../cryptography.ts'
import { lcOctets } from '../secure-channel.ts'
import { lengthValue, readLengthValues } from './length-value.ts'
import type { DapBlock } from './load-file.ts'

/** The control reference template of a token, data object 'B6': for which card, and its number. GPCS table 11-51. */
export const TokenControl = template(
  {
    /** As GET DATA 45 of the issuer security domain tells it. */
    cardImageNumber: required(0x45, octets({ min: 1, max: 16 })),
    tokenNumber: required(0x93, unsigned(4)),
  },
  { unknown: 'ignored' },
)
export type TokenControl = TypeOf<typeof TokenControl>

/** What a token signs: P1, P2, Lc and the data field, all without the token. GPCS §C.4.1 ff. */
export function tokenInput(apdu: CommandApdu): { readonly input: Uint8Array; readonly token: Uint8Array } {
  const { data, token } = apdu.ins === 0xe4 ? withoutTokenObject(apdu.data) : withoutTokenField(apdu.data)
  return { input: concat(Uint8Array.of(apdu.p1, apdu.p2), lcOctets(data.length), data), token }
}

/** INSTALL: the token is the last length-value field. */
function withoutTokenField(octets: Uint8Array): { data: Uint8Array; token: Uint8Array } {
  const token = readLengthValues(octets).at(-1)
  if (token === undefined) throw new TlvError('the token field is missing')
  // The token's length field stands before it in one to three octets; what comes before is what was signed.
  const before = readLengthValues(octets).slice(0, -1)
  let end = 0
  for (const field of before) end += lengthFieldSize(octets, end) + field.length
  return { data: octets.slice(0, end), token }
}

const lengthFieldSize = (octets: Uint8Array, at: number): number => {
  const first = octets[at] ?? 0
  return first < 0x80 ? 1 : 1 + (first & 0x7f)
}

/** DELETE: the token is data object '9E', the last one. */
function withoutTokenObject(octets: Uint8Array): { data: Uint8Array; token: Uint8Array } {
  for (let at = 0; at < octets.length; ) {
    const { tag, value, end } = readTlv(octets, at)
    if (tag === 0x9e) {
      if (end !== octets.length) throw new TlvError('more after the token')
      return { data: octets.slice(0, at), token: value.slice() }
    }
    at = end
  }
  return { data: octets, token: new Uint8Array() }
}

/** The digest that goes with a curve. GPCS §B.4.2. */
const curveHashes: Readonly<Record<string, string>> = { prime256v1: 'sha256', secp384r1: 'sha384', secp521r1: 'sha512' }

/** GPCS §B.3, §B.4: RSA up to 1024 bits PKCS #1 v1.5 with SHA-1, longer RSA-PSS with SHA-256; ECDSA with plain r ‖ s. */
function scheme(key: KeyObject): {
  hash: string
  options: { padding?: number; saltLength?: number; dsaEncoding?: 'ieee-p1363' }
} {
  const { namedCurve } = key.asymmetricKeyDetails ?? {}
  const hash = namedCurve && curveHashes[namedCurve]
  if (hash) return { hash, options: { dsaEncoding: 'ieee-p1363' } }
  return (key.asymmetricKeyDetails?.modulusLength ?? 0) <= 1024
    ? { hash: 'sha1', options: { padding: padding.RSA_PKCS1_PADDING } }
    : { hash: 'sha256', options: { padding: padding.RSA_PKCS1_PSS_PADDING, saltLength: 32 } }
}

/** The issuer's (or DAP authority's) signature. */
export function signGp(privateKey: KeyObject, input: Uint8Array): Uint8Array {
  const { hash, options } = scheme(privateKey)
  return Uint8Array.from(sign(hash, input, { key: privateKey, ...options }))
}

export function verifyGp(publicKey: KeyObject, input: Uint8Array, signature: Uint8Array): boolean {
  const { hash, options } = scheme(publicKey)
  return verify(hash, input, { key: publicKey, ...options }, signature)
}

/**
 * A token for a command that is complete but for it. The last INSTALL of a combined process has one for `first` and itself,
 * GPCS §C.4.
 */
export const makeToken = (privateKey: KeyObject, apdu: CommandApdu, first?: CommandApdu): Uint8Array =>
  signGp(privateKey, concat(inputOf(first), tokenInput(apdu).input))

/** Is the token in the command the one of this key? */
export function verifyToken(publicKey: KeyObject, apdu: CommandApdu, first?: CommandApdu): boolean {
  const { input, token } = tokenInput(apdu)
  return token.length > 0 && verifyGp(publicKey, concat(inputOf(first), input), token)
}

const inputOf = (apdu: CommandApdu | undefined): Uint8Array =>
  apdu === undefined ? new Uint8Array() : tokenInput(apdu).input

/** DAP: the authority of a security domain signs the load file data block hash. GPCS §C.3. */
export const makeDapBlock = (securityDomain: Uint8Array, privateKey: KeyObject, hash: Uint8Array): DapBlock => ({
  securityDomain,
  signature: signGp(privateKey, hash),
})

export const verifyDapBlock = (publicKey: KeyObject, { signature }: DapBlock, hash: Uint8Array): boolean =>
  verifyGp(publicKey, hash, signature)

/** What a receipt confirms. GPCS table 11-16. */
export interface ConfirmationData {
  readonly counter: number
  /** Issuer's number and image number of the card; may be empty. */
  readonly cardUniqueData: Uint8Array
  readonly token?: { readonly identifier: Uint8Array; readonly digest: Uint8Array }
}
export interface Confirmation {
  readonly receipt: Uint8Array
  readonly data: ConfirmationData
}

const counterOctets = unsigned(2)

const encodeData = ({ counter, cardUniqueData, token }: ConfirmationData): Uint8Array =>
  concat(
    lengthValue(counterOctets.encode(counter)),
    lengthValue(cardUniqueData),
    ...(token === undefined ? [] : [lengthValue(token.identifier), lengthValue(token.digest)]),
  )

/** The answer of LOAD, INSTALL and DELETE: 00, or a receipt with what it confirms. GPCS §11.1.6. */
export const Confirmation: Codec<Confirmation | undefined> = {
  encode: (confirmation) =>
    confirmation === undefined
      ? Uint8Array.of(0)
      : lengthValue(concat(lengthValue(confirmation.receipt), encodeData(confirmation.data))),
  decode: (answer) => {
    const [body, ...more] = readLengthValues(answer)
    if (more.length > 0) throw new TlvError('more after the confirmation')
    if (body === undefined || body.length === 0) return undefined
    const [receipt, counter, cardUniqueData, identifier, digest, ...rest] = readLengthValues(body)
    if (receipt === undefined || counter === undefined || cardUniqueData === undefined || rest.length > 0)
      throw new TlvError('not a confirmation')
    if (identifier !== undefined && digest === undefined) throw new TlvError('the token digest is missing')
    const token = identifier === undefined || digest === undefined ? {} : { token: { identifier, digest } }
    return {
      receipt: octets({ min: 8, max: 16 }).decode(receipt),
      data: { counter: counterOctets.decode(counter), cardUniqueData, ...token },
    }
  },
  show: (confirmation) =>
    confirmation === undefined
      ? 'no receipt'
      : `receipt ${confirmation.receipt.toHex()}, counter ${confirmation.data.counter}`,
}

/** What was done, as the receipt covers it. GPCS §C.5: the fields in this order, each behind its length. */
export type ReceiptContext =
  | { readonly of: 'load'; readonly loadFile: Uint8Array; readonly securityDomain: Uint8Array }
  | { readonly of: 'install'; readonly loadFile: Uint8Array; readonly instance: Uint8Array }
  | { readonly of: 'delete'; readonly aid: Uint8Array }
  | {
      readonly of: 'extradition'
      readonly from: Uint8Array
      readonly application: Uint8Array
      readonly to: Uint8Array
    }
  | {
      readonly of: 'registry update'
      readonly from: Uint8Array
      readonly application: Uint8Array
      /** The rest as the command has it: empty where it says nothing. */
      readonly to: Uint8Array
      readonly privileges: Uint8Array
      readonly parameters: Uint8Array
    }

function contextFields(context: ReceiptContext): readonly Uint8Array[] {
  switch (context.of) {
    case 'load':
      return [context.loadFile, context.securityDomain]
    case 'install':
      return [context.loadFile, context.instance]
    case 'delete':
      return [context.aid]
    case 'extradition':
      return [context.from, context.application, context.to]
    case 'registry update':
      return [context.from, context.application, context.to, context.privileges, context.parameters]
  }
}

/** A receipt key: AES gives sixteen octets of CMAC, DES eight of retail MAC. GPCS §C.5. */
export interface ReceiptKey {
  readonly type: 'AES' | 'DES'
  readonly key: Uint8Array
}

export function makeReceipt({ type, key }: ReceiptKey, data: ConfirmationData, context: ReceiptContext): Uint8Array {
  const input = concat(encodeData(data), ...contextFields(context).map(lengthValue))
  return type === 'AES' ? aesCmac(key, input) : retailMac(key, input)
}

export const verifyReceipt = (key: ReceiptKey, confirmation: Confirmation, context: ReceiptContext): boolean =>
  equalSecrets(makeReceipt(key, confirmation.data, context), confirmation.receipt)

export const sha256 = (data: Uint8Array): Uint8Array => digest('sha256', data)

/** Load file data block hash by the length that a host announces. GPCS §C.2. */
const dataBlockHashes: Readonly<Record<number, string>> = { 20: 'sha1', 32: 'sha256', 48: 'sha384', 64: 'sha512' }

/** The hash of a load file data block in so many octets; undefined where no algorithm has this length. */
export function dataBlockHash(dataBlock: Uint8Array, length: number): Uint8Array | undefined {
  const algorithm = dataBlockHashes[length]
  return algorithm === undefined ? undefined : digest(algorithm, dataBlock)
}

const digest = (algorithm: string, data: Uint8Array): Uint8Array =>
  Uint8Array.from(createHash(algorithm).update(data).digest())
