/** ⑦: RSA-2048 key pairs for phones, made off the event loop, a few at a time, none of them before it is asked for. */
import { generateKeyPair } from 'node:crypto'
import { integer, magnitude, sequence, smallInteger } from '@mobile-jpki/der'
import { RsaCrt } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'

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

export interface KeyPairs {
  generate(): Promise<KeyPair>
}

const half = (octets: Uint8Array): Uint8Array => {
  const padded = new Uint8Array(128)
  padded.set(octets, 128 - octets.length)
  return padded
}

/** From PKCS #1 to the parts that a card computes with. What held the key on the way is overwritten. */
function crtOf(pkcs1: Uint8Array): Uint8Array {
  const { prime1, prime2, exponent1, exponent2, coefficient } = RsaPrivateKey.decode(pkcs1)
  const parts = {
    p: half(prime1),
    q: half(prime2),
    qInverse: half(coefficient),
    dP: half(exponent1),
    dQ: half(exponent2),
  }
  const encoded = RsaCrt.encode(parts)
  for (const part of Object.values(parts)) part.fill(0)
  return encoded
}

/** One pair, on libuv's pool of threads. */
export const makeKeyPair = (): Promise<KeyPair> =>
  new Promise((resolve, reject) => {
    const encodings = {
      publicKeyEncoding: { type: 'spki', format: 'der' },
      privateKeyEncoding: { type: 'pkcs1', format: 'der' },
    } as const
    generateKeyPair('rsa', { modulusLength: 2048, publicExponent: 65537, ...encodings }, (error, publicKey, pkcs1) => {
      if (error !== null) return reject(error)
      resolve({ publicKey: new Uint8Array(publicKey), privateKey: crtOf(pkcs1) })
      pkcs1.fill(0)
    })
  })

export interface Bounds {
  /** Pairs made at the same time; libuv's pool has four threads and other work too. */
  readonly parallel: number
  /** Orders that may wait for their turn. */
  readonly waiting: number
  /** RSA key generation has a long tail: after so long the order is told to come again. */
  readonly deadlineMilliseconds: number
}

export function boundedKeyPairs(bounds: Bounds, make: () => Promise<KeyPair> = makeKeyPair): KeyPairs {
  const queue: (() => void)[] = []
  let busy = 0

  const next = () => {
    if (busy >= bounds.parallel) return
    const start = queue.shift()
    if (start === undefined) return
    busy++
    start()
  }

  return {
    generate: () => {
      if (queue.length >= bounds.waiting) return Promise.reject(new Refusal('rate.exceeded', undefined, ours))
      return new Promise((resolve, reject) => {
        let late = false
        const start = async () => {
          try {
            const pair = await make()
            if (late) pair.privateKey.fill(0)
            else resolve(pair)
          } catch (error) {
            reject(error)
          } finally {
            clearTimeout(timer)
            busy--
            next()
          }
        }
        const timer = setTimeout(() => {
          late = true
          const place = queue.indexOf(start)
          if (place >= 0) queue.splice(place, 1)
          reject(new Refusal('rate.exceeded', 'No key pair could be made in time.', ours))
        }, bounds.deadlineMilliseconds)
        queue.push(start)
        next()
      })
    },
  }
}

const ours = { whose: 'jpki-system' } as const
