/** Signatures and hashes on node:crypto. RSASSA-PKCS1-v1_5 (RFC 8017 §8.2) and ECDSA P-256 (RFC 5758 §3.2), SHA-256. */

import { createPublicKey, createSign, hash as digest, type KeyObject, sign, verify } from 'node:crypto'
import { type DigestAlgorithm, type SignatureAlgorithm, signatureAlgorithmOf } from '../algorithm.ts'
import type { SignatureCheck } from '../path.ts'

/** Something that holds a private key and signs with it: a KeyObject here, an HSM elsewhere. */
export interface Signer {
  readonly algorithm: SignatureAlgorithm
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  /** Hashes and signs `octets`; ECDSA answers the DER form of r and s. */
  sign(octets: Uint8Array): Promise<Uint8Array> | Uint8Array
}

export function keySigner(privateKey: KeyObject): Signer {
  const algorithm = algorithmFor(privateKey)
  return {
    algorithm,
    publicKey: new Uint8Array(createPublicKey(privateKey).export({ type: 'spki', format: 'der' })),
    sign: (octets) =>
      octets.length > longest ? signed(octets, privateKey) : new Uint8Array(sign('sha256', octets, privateKey)),
  }
}

/** A list of a million entries is hashed in pieces, and other work has its turn between them. */
const longest = 1 << 22

async function signed(octets: Uint8Array, privateKey: KeyObject): Promise<Uint8Array> {
  const signing = createSign('sha256')
  for (let at = 0; at < octets.length; at += longest) {
    signing.update(octets.subarray(at, at + longest))
    await new Promise((resolve) => setImmediate(resolve))
  }
  return new Uint8Array(signing.sign(privateKey))
}

function algorithmFor(key: KeyObject): SignatureAlgorithm {
  if (key.asymmetricKeyType === 'rsa') return 'sha256WithRSAEncryption'
  if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ecdsaWithSHA256'
  throw new TypeError('only RSA and P-256 keys sign here')
}

const hash = (algorithm: DigestAlgorithm, octets: Uint8Array): Uint8Array =>
  new Uint8Array(digest(algorithm, octets, 'buffer'))
export const sha1 = (octets: Uint8Array): Uint8Array => hash('sha1', octets)
export const sha256 = (octets: Uint8Array): Uint8Array => hash('sha256', octets)

// A verifier meets the same few issuer keys again and again, and reading a key costs more than using it.
const keys = new Map<string, KeyObject>()
const remembered = 256

export function publicKeyObject(publicKey: Uint8Array): KeyObject {
  const name = publicKey.toBase64()
  const known = keys.get(name)
  if (known !== undefined) return known
  const key = createPublicKey({ key: publicKey as Buffer, format: 'der', type: 'spki' })
  if (keys.size >= remembered) keys.delete(keys.keys().next().value as string)
  keys.set(name, key)
  return key
}

/** The signature check that `validatePath` and all else here are given. */
export const verifySignature: SignatureCheck = ({ algorithm, publicKey, octets, signature }) => {
  const name = signatureAlgorithmOf(algorithm)
  if (name === undefined) return false
  try {
    const key = publicKeyObject(publicKey)
    return algorithmFor(key) === name && verify('sha256', octets, key, signature)
  } catch {
    return false
  }
}
