/** Keys that are not certified, each made for the purpose, and a published one from an affected chip. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, generatePrimeSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { rsaPublicKeyInfo } from '@mobile-jpki/pkix'
import fc from 'fast-check'
import { makeKeyPair } from '../key-pair.ts'
import { rootOf, weaknessOf } from '../weakness.ts'

const published = JSON.parse(readFileSync(join(import.meta.dirname, 'roca.json'), 'utf8'))
const octets = (n: bigint) => Uint8Array.fromHex(n.toString(16).padStart(512, '0'))
const keyOf = (n: bigint, publicExponent = Uint8Array.of(1, 0, 1)) =>
  rsaPublicKeyInfo({ modulus: octets(n), publicExponent })
const kindOf = 'not an RSA key of 2048 bits with the exponent 65537'

/** As affected chips do it: k·M + (65537^a mod M). */
function primeOfRoca(): bigint {
  const small = Array.from({ length: 702 }, (_, n) => n).filter(
    (n) => n > 1 && ![...Array(n).keys()].some((d) => d > 1 && n % d === 0),
  )
  const m = small.reduce((product, one) => product * BigInt(one), 1n)
  assert.equal(small.length, 126)
  const a = BigInt(`0x${Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString('hex')}`)
  let power = 1n
  for (let bit = 63n; bit >= 0n; bit--) power = (power * power * ((a >> bit) & 1n ? 65537n : 1n)) % m
  return generatePrimeSync(1024, { bigint: true, add: m, rem: power })
}

describe('a key that somebody else made', () => {
  it('may be certified when it is an ordinary one', () => {
    for (let key = 0; key < 3; key++) assert.equal(weaknessOf(makeKeyPair().publicKey), undefined)
  })

  it('is refused when it is no RSA key of 2048 bits with the exponent 65537, or no key at all', () => {
    const others = [
      generateKeyPairSync('rsa', { modulusLength: 1024 }),
      generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }),
      generateKeyPairSync('rsa', { modulusLength: 2056 }),
      generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    ].map(({ publicKey }) => new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })))
    for (const key of [...others, new Uint8Array(), Uint8Array.of(0x30, 0x00), makeKeyPair().publicKey.subarray(1)])
      assert.equal(weaknessOf(key), kindOf)
  })

  it('is refused when its modulus has a small factor', () => {
    for (const factor of [2n, 3n, 251n, 751n]) {
      const rest = ((3n << 2046n) / factor) | 1n
      assert.equal(weaknessOf(keyOf(rest * factor)), 'its modulus has a small factor', String(factor))
    }
  })

  it('is refused when its primes are close to one another, or the same', () => {
    const p = generatePrimeSync(1024, { bigint: true })
    for (const other of [p, next(p)])
      assert.equal(weaknessOf(keyOf(p * other)), 'its primes are too close to one another')
  })

  it('is refused when an affected chip made it, a published one and one made in the same way', () => {
    const structure = 'its primes have the structure of CVE-2017-15361'
    assert.equal(weaknessOf(keyOf(BigInt(`0x${published.modulus}`))), structure)
    let n = 0n
    while (n >> 2047n !== 1n) n = primeOfRoca() * primeOfRoca()
    assert.equal(weaknessOf(keyOf(n)), structure)
  })

  it('is looked at without a fault, whatever its octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 256, maxLength: 256 }), (modulus) => {
        const info = rsaPublicKeyInfo({ modulus, publicExponent: Uint8Array.of(1, 0, 1) })
        assert.ok([undefined, kindOf, 'its modulus has a small factor'].includes(weaknessOf(info)))
      }),
      { numRuns: 100 },
    )
  })
})

/** The prime that follows by a little. */
function next(p: bigint): bigint {
  for (let q = p + 2n; ; q += 2n) if (isPrime(q)) return q
}
const isPrime = (n: bigint): boolean => modPow(2n, n - 1n, n) === 1n

function modPow(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let power = 1n
  for (const bit of exponent.toString(2)) {
    power = (power * power) % modulus
    if (bit === '1') power = (power * base) % modulus
  }
  return power
}

describe('a whole square root', () => {
  it('is the largest number whose square is not above', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 1n << 2048n }), (n) => {
        const root = rootOf(n)
        assert.ok(root * root <= n && (root + 1n) * (root + 1n) > n)
      }),
      { numRuns: 200 },
    )
  })
})
