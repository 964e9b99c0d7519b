/**
 * Confidential set-up of a security domain's keys with the help of the card's CASD. GPCS Amendment A §4: scenario 2.A, the
 * keys come sealed for the card (push); scenario 2.B, the card makes them and seals them for the other side (pull).
 * Amendment A has RSA; with a P-256 key the seal is an ECKA with a one-time key, which the messages carry as '7F49'.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { byte, concat, octets, oneOf, optional, required, type TypeOf, template, tlv, writeTlv } from '@mobile-jpki/tlv'
import { aesCbc, aesCmac, pad80, unpad80 } from '../cryptography.ts'
import { CertifiedPoint } from './certificate.ts'

/** Data groupings of STORE DATA to the security domain: the certificate of who sets up, then the message. */
export const confidentialGroupings = { certificate: 0x7f21, message: 0x00a6 } as const

export const keySetUpScenarios = { push: 0x2a, pull: 0x2b } as const

/** Data object 'A6', the control reference template: what is set up. */
export const KeySetUp = template({
  scenario: required(0x90, oneOf(keySetUpScenarios)),
  keyType: required(0x80, byte),
  keyLength: required(0x81, byte),
  /** Keys 1, 2 and 3 of this version: ENC, MAC, DEK. */
  keyVersion: required(0x83, byte),
})
export type KeySetUp = TypeOf<typeof KeySetUp>

const message = { setUp: required(0xa6, KeySetUp), oneTimeKey: required(0x7f49, CertifiedPoint) }
const sealedKeys = octets({ min: 32, max: 256 })
const Unsigned = template({ ...message, sealed: optional(0x86, sealedKeys) })

/** To the card, data grouping '00A6'. `sealed` comes with push; `signature` is of the key in the certificate before it. */
export const SetUpRequest = template({
  ...message,
  sealed: optional(0x86, sealedKeys),
  signature: required(0x5f37, octets(64)),
})
export type SetUpRequest = TypeOf<typeof SetUpRequest>

/** The card's answer. Push: that it has the keys. Pull: the keys, and the CASD's signature. */
export const PushAnswer = tlv(0xa6, template({ receipt: required(0x86, octets(16)) }))
export const PullAnswer = tlv(
  0xa6,
  template({
    oneTimeKey: required(0x7f49, CertifiedPoint),
    sealed: required(0x86, sealedKeys),
    signature: required(0x5f37, octets(64)),
  }),
)

/** For which security domain of which card: sealed keys open nowhere else. */
export interface SetUpBinding {
  readonly securityDomain: Uint8Array
  /** The subject of the CASD's certificate. */
  readonly card: Uint8Array
}

const lengthValue = (value: Uint8Array): Uint8Array => concat(Uint8Array.of(value.length), value)
const bindingOf = ({ securityDomain, card }: SetUpBinding): Uint8Array =>
  concat(lengthValue(securityDomain), lengthValue(card))

/** Under the signature of who sets up. */
export const requestToSign = (request: Omit<SetUpRequest, 'signature'>, binding: SetUpBinding): Uint8Array =>
  concat(bindingOf(binding), Unsigned.encode(request))

/** An application, and which program it is: SHA-256 of the load file data block that it was installed from. */
export interface Speaker {
  readonly application: Uint8Array
  readonly loadFileHash: Uint8Array
}

/**
 * What the CASD signs for an application begins with that application's AID and its program, each behind its length. What the card
 * itself has it sign begins with 00: no application can say the same.
 */
export const spokenFor = ({ application, loadFileHash }: Speaker, statement: Uint8Array): Uint8Array =>
  concat(lengthValue(application), lengthValue(loadFileHash), statement)

/** Under the CASD's signature of a pull. */
export const pullToSign = (
  request: SetUpRequest,
  cardPoint: Uint8Array,
  sealed: Uint8Array,
  binding: SetUpBinding,
): Uint8Array =>
  concat(
    lengthValue(new Uint8Array()),
    bindingOf(binding),
    SetUpRequest.encode(request),
    writeTlv(0x7f49, CertifiedPoint.encode(onP256(cardPoint))),
    writeTlv(0x86, sealed),
  )

export const onP256 = (point: Uint8Array): TypeOf<typeof CertifiedPoint> => ({
  point,
  parameters: Uint8Array.of(0x00),
})

export interface SetUpKeys {
  readonly encryption: Uint8Array
  readonly mac: Uint8Array
  readonly receipt: Uint8Array
}

/** ANSI X9.63 KDF with SHA-256 (SEC 1 §3.6.1) over the shared x-coordinate. */
export function setUpKeys(
  shared: Uint8Array,
  setUp: KeySetUp,
  binding: SetUpBinding,
  points: { readonly sender: Uint8Array; readonly receiver: Uint8Array },
): SetUpKeys {
  const info = concat(writeTlv(0xa6, KeySetUp.encode(setUp)), bindingOf(binding), points.sender, points.receiver)
  const block = (counter: number) =>
    Uint8Array.from(
      createHash('sha256')
        .update(concat(shared, Uint8Array.of(0, 0, 0, counter), info))
        .digest(),
    )
  return { encryption: block(1), mac: block(2), receipt: block(3) }
}

const zeroIv = new Uint8Array(16)
const macLength = 16

/** AES-256-CBC, then CMAC. The keys serve once: an initial vector of zeros repeats nothing. */
export function sealKeys({ encryption, mac }: SetUpKeys, keys: readonly Uint8Array[]): Uint8Array {
  const ciphertext = aesCbc.encrypt(encryption, zeroIv, pad80(concat(...keys), 16))
  return concat(ciphertext, aesCmac(mac, ciphertext))
}

/** Three keys of one length; undefined for what was not sealed for us. */
export function openKeys({ encryption, mac }: SetUpKeys, sealed: Uint8Array): readonly Uint8Array[] | undefined {
  const ciphertext = sealed.subarray(0, -macLength)
  const genuine = timingSafeEqual(aesCmac(mac, ciphertext), sealed.subarray(-macLength))
  if (!genuine || ciphertext.length === 0 || ciphertext.length % 16 !== 0) return undefined
  const plain = unpad80(aesCbc.decrypt(encryption, zeroIv, ciphertext))
  if (plain === undefined || plain.length === 0 || plain.length % 3 !== 0) return undefined
  const length = plain.length / 3
  return [0, 1, 2].map((at) => plain.slice(at * length, (at + 1) * length))
}

/** Proves that the card has opened exactly these keys. */
export const setUpReceipt = ({ receipt }: SetUpKeys, keys: readonly Uint8Array[]): Uint8Array =>
  aesCmac(receipt, concat(...keys))
