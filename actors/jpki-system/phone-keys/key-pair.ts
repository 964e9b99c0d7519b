/** ⑦: one RSA-2048 key pair (RFC 8017 §3) in the form in which a card computes with it. Slow by nature: for workers, never for the event loop. */
import { generateKeyPairSync } from 'node:crypto'
import { integer, magnitude, sequence, smallInteger } from '@mobile-jpki/der'
import { RsaCrt } from '@mobile-jpki/jpki'
import { readTlvs } from '@mobile-jpki/tlv'

/** RSAPrivateKey, RFC 8017 §A.1.2. */
const RsaPrivateKey = sequence({
  version: smallInteger,
  modulus: magnitude,
  publicExponent: integer,
  privateExponent: magnitude,
  prime1: magnitude,
  prime2: magnitude,
  exponent1: magnitude,
  exponent2: magnitude,
  coefficient: magnitude,
})

export interface KeyPair {
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  /** Encoding of `RsaCrt`. Whoever receives it overwrites it after use. */
  readonly privateKey: Uint8Array
}

const half = new Uint8Array(128)
/** The places of a key without a key in them: what is written into them is copied nowhere on the way, as an encoder would. */
export const blankKey: RsaCrt = { p: half, q: half, qInverse: half, dP: half, dQ: half }
const blank = RsaCrt.encode(blankKey)

/** From PKCS #1 to the parts that a card computes with, in octets of their own. What was read are views: overwrite it. */
export function crtOf(pkcs1: Uint8Array): Uint8Array {
  const { prime1, prime2, exponent1, exponent2, coefficient } = RsaPrivateKey.decode(pkcs1)
  const parts = [prime1, prime2, coefficient, exponent1, exponent2]
  const encoded = blank.slice()
  for (const { value } of readTlvs(encoded)) {
    const part = parts.shift() ?? new Uint8Array()
    value.set(part, value.length - part.length)
  }
  return encoded
}

export function makeKeyPair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicExponent: 65537,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs1', format: 'der' },
  })
  try {
    return { publicKey: new Uint8Array(publicKey), privateKey: crtOf(privateKey) }
  } finally {
    privateKey.fill(0)
  }
}
