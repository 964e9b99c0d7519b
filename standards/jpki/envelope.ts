/**
 * Content encryption (コンテンツの暗号化, 別紙3 of the paper): an envelope that only one applet of one SIM can open.
 * ECDH P-256 (SEC 1 §6.1), KDF of ANSI X9.63 with SHA-256 (SEC 1 §3.6.1), AES-256-CBC, HMAC-SHA-256, encrypt-then-MAC.
 *
 *   envelope = header ‖ ciphertext ‖ tag          header = purpose (1) ‖ sender's one-time point (65)
 */
import { concat } from '@mobile-jpki/tlv'
import { agreeP256, buffer, pointOf } from './p256.ts'

/** The low octet of the DGI that carries it; the key set that a carrier hands over travels outside the SIM. */
export const purposes = { issuer: 0x10, pin: 0x11, keySet: 0x01 } as const
export type EnvelopePurpose = keyof typeof purposes

/** What the envelope is for: a key agreed for another SIM, application or order opens nothing. */
export interface Binding {
  readonly instanceAid: Uint8Array
  /** Ten octets, see `iccidOctets`. */
  readonly iccid: Uint8Array
  readonly orderId: string
}

export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError'
}

export const headerLength = 66
export const tagLength = 32
const label = new TextEncoder().encode('mobile-jpki/envelope/1')

/** One octet of length, then the value: what stands side by side can then be cut in one way only. */
export const lengthValue = (octets: Uint8Array): Uint8Array => {
  if (octets.length > 0xff) throw new RangeError(`${octets.length} octets are too many for a length of one octet`)
  return concat(Uint8Array.of(octets.length), octets)
}

export const sharedInfo = (purpose: number, binding: Binding, senderPoint: Uint8Array, receiverPoint: Uint8Array) =>
  concat(
    label,
    Uint8Array.of(purpose),
    lengthValue(binding.instanceAid),
    lengthValue(binding.iccid),
    lengthValue(new TextEncoder().encode(binding.orderId)),
    senderPoint,
    receiverPoint,
  )

async function keysFrom(z: Uint8Array, info: Uint8Array): Promise<{ aes: CryptoKey; hmac: CryptoKey }> {
  const block = async (counter: number) =>
    new Uint8Array(await crypto.subtle.digest('SHA-256', buffer(concat(z, Uint8Array.of(0, 0, 0, counter), info))))
  return {
    aes: await crypto.subtle.importKey('raw', await block(1), 'AES-CBC', false, ['encrypt', 'decrypt']),
    hmac: await crypto.subtle.importKey('raw', await block(2), { name: 'HMAC', hash: 'SHA-256' }, false, [
      'sign',
      'verify',
    ]),
  }
}

/** ISO/IEC 7816-4 padding '80 00…' to whole AES blocks. */
const pad = (plain: Uint8Array): Uint8Array<ArrayBuffer> => {
  const padded = new Uint8Array((Math.floor(plain.length / 16) + 1) * 16)
  padded.set(plain)
  padded[plain.length] = 0x80
  return padded
}

const unpad = (padded: Uint8Array): Uint8Array => {
  const end = padded.findLastIndex((octet) => octet !== 0)
  if (end < 0 || padded[end] !== 0x80) throw new EnvelopeError('the padding is wrong')
  return padded.subarray(0, end)
}

const zeroIv = new Uint8Array(16)

/**
 * Seals `plain` for the holder of `receiverPoint`. `sender` is used once and forgotten: with a fresh key for each envelope an IV of zero
 * repeats nothing (NIST SP 800-38A §6.2 asks for an unpredictable IV per key and message).
 */
export async function seal(request: {
  readonly purpose: EnvelopePurpose
  readonly binding: Binding
  readonly receiverPoint: Uint8Array
  readonly sender: CryptoKeyPair
  readonly plain: Uint8Array
}): Promise<Uint8Array> {
  const purpose = purposes[request.purpose]
  const senderPoint = await pointOf(request.sender.publicKey)
  const z = await agreeP256(request.sender.privateKey, request.receiverPoint)
  const keys = await keysFrom(z, sharedInfo(purpose, request.binding, senderPoint, request.receiverPoint))
  // Web Cryptography adds PKCS #7 padding, a whole block behind our own: it is cut off.
  const padded = pad(request.plain)
  const encrypted = await crypto.subtle.encrypt({ name: 'AES-CBC', iv: zeroIv }, keys.aes, padded)
  padded.fill(0)
  const ciphertext = new Uint8Array(encrypted).subarray(0, padded.length)
  const covered = concat(Uint8Array.of(purpose), senderPoint, ciphertext)
  return concat(covered, new Uint8Array(await crypto.subtle.sign('HMAC', keys.hmac, buffer(covered))))
}

/** Opens an envelope outside a card; `agree` is the receiver's ECDH. Throws EnvelopeError, always the same way, when it is not for us. */
export async function open(request: {
  readonly purpose: EnvelopePurpose
  readonly binding: Binding
  readonly receiverPoint: Uint8Array
  readonly agree: (senderPoint: Uint8Array) => Promise<Uint8Array>
  readonly envelope: Uint8Array
}): Promise<Uint8Array> {
  const { envelope } = request
  const refused = new EnvelopeError('the envelope is not for this receiver')
  const bodyLength = envelope.length - headerLength - tagLength
  if (bodyLength < 16 || bodyLength % 16 !== 0 || envelope[0] !== purposes[request.purpose]) throw refused
  const senderPoint = envelope.subarray(1, headerLength)
  const z = await request.agree(senderPoint).catch(() => {
    throw refused
  })
  const keys = await keysFrom(
    z,
    sharedInfo(purposes[request.purpose], request.binding, senderPoint, request.receiverPoint),
  )
  const covered = envelope.subarray(0, -tagLength)
  const genuine = await crypto.subtle.verify('HMAC', keys.hmac, buffer(envelope.subarray(-tagLength)), buffer(covered))
  if (!genuine) throw refused
  return unpad(await decryptBlocks(keys.aes, envelope.subarray(headerLength, -tagLength)))
}

/** AES-CBC without PKCS #7: Web Cryptography wants its padding block, so one is made from the last ciphertext block. */
async function decryptBlocks(aes: CryptoKey, ciphertext: Uint8Array): Promise<Uint8Array> {
  const last = buffer(ciphertext.subarray(-16))
  const padding = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-CBC', iv: last }, aes, new Uint8Array(0)))
  const plain = await crypto.subtle.decrypt({ name: 'AES-CBC', iv: zeroIv }, aes, buffer(concat(ciphertext, padding)))
  return new Uint8Array(plain)
}
