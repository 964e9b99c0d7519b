/**
 * What is wrong with an RSA public key that somebody else made (NIST SP 800-89 §5.3.3, CA/Browser Forum BR §6.1.1.3): the key itself is
 * looked at, since nothing is known of the chip that made it but that it is a SIM.
 */
import { DerError } from '@mobile-jpki/der'
import { readPublicKey } from '@mobile-jpki/pkix'

export type Weakness =
  | 'not an RSA key of 2048 bits with the exponent 65537'
  | 'its modulus has a small factor'
  | 'its primes are too close to one another'
  | 'its primes have the structure of CVE-2017-15361'

/** undefined for a key that may be certified. `publicKey` is a SubjectPublicKeyInfo. */
export function weaknessOf(publicKey: Uint8Array): Weakness | undefined {
  const n = modulusOf(publicKey)
  if (n === undefined) return 'not an RSA key of 2048 bits with the exponent 65537'
  if (hasSmallFactor(n)) return 'its modulus has a small factor'
  if (hasClosePrimes(n)) return 'its primes are too close to one another'
  if (isRoca(n)) return 'its primes have the structure of CVE-2017-15361'
  return undefined
}

function modulusOf(publicKey: Uint8Array): bigint | undefined {
  try {
    const key = readPublicKey(publicKey)
    if (key.kind !== 'rsa' || key.publicExponent.toHex() !== '010001') return undefined
    const { modulus } = key
    return modulus.length === 256 && (modulus[0] ?? 0) >= 0x80 ? BigInt(`0x${modulus.toHex()}`) : undefined
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}

const primesBelow = (limit: number): readonly number[] =>
  Array.from({ length: limit }, (_, n) => n).filter((n) => n > 1 && !divisible(n))
const divisible = (n: number): boolean => {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return true
  return false
}

/** SP 800-89 §5.3.3: no factor below 752. */
const smallPrimes = primesBelow(752)
const product = smallPrimes.reduce((sum, prime) => sum * BigInt(prime), 1n)

function hasSmallFactor(n: bigint): boolean {
  const rest = n % product
  return smallPrimes.some((prime) => rest % BigInt(prime) === 0n)
}

/** Fermat's factorization: a hundred rounds find primes that agree in more than their upper half (CVE-2022-26320). */
const rounds = 100

function hasClosePrimes(n: bigint): boolean {
  let a = rootOf(n)
  for (let round = 0; round < rounds; round++, a++) {
    const square = a * a - n
    if (square < 0n || !mayBeSquare(square)) continue
    const b = rootOf(square)
    if (b * b === square) return true
  }
  return false
}

/** What remains of a square modulo 64, 63, 65 and 11: fewer than one number in a hundred passes. H. Cohen, A Course in CANT, §1.7.2. */
const moduli = [64, 63, 65, 11].map((m) => ({ m, squares: new Set(Array.from({ length: m }, (_, n) => (n * n) % m)) }))
const together = 64n * 63n * 65n * 11n

function mayBeSquare(n: bigint): boolean {
  const rest = Number(n % together)
  return moduli.every(({ m, squares }) => squares.has(rest % m))
}

/** The whole part of the square root, by Newton from above. */
export function rootOf(n: bigint): bigint {
  if (n < 2n) return n
  let root = 1n << BigInt(Math.ceil(n.toString(2).length / 2))
  for (;;) {
    const next = (root + n / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

/**
 * ROCA: primes of the form k·M + (65537^a mod M), where M is the product of the first 126 primes for keys of 2048 bits. Then the
 * modulus is a power of 65537 modulo each of them. M. Nemec et al., The Return of Coppersmith's Attack, ACM CCS 2017, §2.
 */
const powers = smallPrimes.slice(1, 126).map((prime) => ({ prime, residues: powersOf65537(prime) }))

function powersOf65537(prime: number): ReadonlySet<number> {
  const residues = new Set<number>()
  for (let power = 1; !residues.has(power); power = (power * (65537 % prime)) % prime) residues.add(power)
  return residues
}

function isRoca(n: bigint): boolean {
  const rest = n % product
  return powers.every(({ prime, residues }) => residues.has(Number(rest % BigInt(prime))))
}
