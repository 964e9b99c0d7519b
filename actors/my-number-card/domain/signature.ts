/** COMPUTE DIGITAL SIGNATURE in its six forms: what each makes of the data before the RSA private operation. RFC 8017 §8. */
import { constants, createHash, createPrivateKey, type KeyObject, privateEncrypt } from 'node:crypto'
import { digestInfoOf, padForSignature, type SignatureForm } from '@mobile-jpki/jpki'
import { concat } from '@mobile-jpki/tlv'

/** RSA-2048, the only size that JPKI has. */
export const modulusLength = 256

const sha256 = (data: Uint8Array): Uint8Array => createHash('sha256').update(data).digest()

/** MGF1 with SHA-256, RFC 8017 §B.2.1. */
function mask(seed: Uint8Array, length: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, counter) =>
    sha256(concat(seed, Uint8Array.of(0, 0, 0, counter))),
  )
  return concat(...blocks).subarray(0, length)
}

/** EMSA-PSS for a modulus of 2048 bits, salt as long as the hash. RFC 8017 §9.1.1. */
function padForPss(hash: Uint8Array, salt: Uint8Array): Uint8Array {
  const h = sha256(concat(new Uint8Array(8), hash, salt))
  const block = new Uint8Array(modulusLength)
  const dbLength = modulusLength - h.length - 1
  block[dbLength - salt.length - 1] = 0x01
  block.set(salt, dbLength - salt.length)
  mask(h, dbLength).forEach((octet, at) => {
    block[at] = (block[at] ?? 0) ^ octet
  })
  block[0] = (block[0] ?? 0) & 0x7f
  block.set(h, dbLength)
  block[modulusLength - 1] = 0xbc
  return block
}

type Random = (length: number) => Uint8Array
type Padding = (data: Uint8Array, random: Random) => Uint8Array | undefined

/** Of the hash forms: the data is a SHA-256 hash or wrong. */
const ofHash =
  (pad: Padding): Padding =>
  (data, random) =>
    data.length === 32 ? pad(data, random) : undefined

const pkcs1: Padding = (data) => padForSignature(data, modulusLength)
const pkcs1OfHash: Padding = (hash) => padForSignature(digestInfoOf(hash), modulusLength)
const pssOfHash: Padding = (hash, random) => padForPss(hash, random(32))

const paddings: Readonly<Record<SignatureForm, Padding>> = {
  asGiven: pkcs1,
  messageBareHash: (message) => padForSignature(sha256(message), modulusLength),
  hash: ofHash(pkcs1OfHash),
  message: (message, random) => pkcs1OfHash(sha256(message), random),
  hashPss: ofHash(pssOfHash),
  messagePss: (message, random) => pssOfHash(sha256(message), random),
}

/** The signature, or undefined where the data does not fit its form. */
export function sign(pkcs8: Uint8Array, form: SignatureForm, data: Uint8Array, random: Random): Uint8Array | undefined {
  const block = paddings[form](data, random)
  return block && new Uint8Array(privateEncrypt({ key: keyOf(pkcs8), padding: constants.RSA_NO_PADDING }, block))
}

const keyOf = (pkcs8: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
