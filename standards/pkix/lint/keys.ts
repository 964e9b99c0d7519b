/** Public keys and signature algorithms: identifiers, parameters, strength. RFC 3279, RFC 4055, RFC 5480, RFC 5758; NIST SP 800-57 Part 1 §5.6. */

import { DerError, equalOctets, nullValue } from '@mobile-jpki/der'
import {
  type AlgorithmIdentifier,
  algorithms,
  type KeyKind,
  keyKindOf,
  type PublicKey,
  publicKeyOf,
  type RsaPublicKey,
  SubjectPublicKeyInfo,
} from '../algorithm.ts'
import type { KeyUsage } from '../extensions.ts'

const NULL = nullValue.encode(null)
const hasNull = ({ parameters }: AlgorithmIdentifier): boolean =>
  parameters !== undefined && equalOctets(parameters, NULL)

/** RFC 4055 §5: with RSA the parameters are NULL. RFC 5758 §3.2: with ECDSA there are none. */
export function signatureAlgorithmFault(identifier: AlgorithmIdentifier): string | undefined {
  if (identifier.algorithm === algorithms.sha256WithRSAEncryption.algorithm)
    return hasNull(identifier) ? undefined : 'has no NULL parameters'
  if (identifier.algorithm === algorithms.ecdsaWithSHA256.algorithm)
    return identifier.parameters === undefined ? undefined : 'has parameters, where none may stand'
  return `is ${identifier.algorithm}, neither sha256WithRSAEncryption nor ecdsa-with-SHA256`
}

const p = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n
const b = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn
const numberOf = (octets: Uint8Array): bigint => BigInt(`0x${octets.toHex()}`)

/** SEC 1 §3.2.2.1: the coordinates are of the field, and fulfil the equation of the curve. */
function isOnP256(point: Uint8Array): boolean {
  const x = numberOf(point.subarray(1, 33))
  const y = numberOf(point.subarray(33))
  return x < p && y < p && (y * y - (x * x * x - 3n * x + b)) % p === 0n
}

function rsaFault({ modulus, publicExponent }: RsaPublicKey): string | undefined {
  const first = modulus[0] ?? 0
  const bits = modulus.length * 8 - (Math.clz32(first) - 24)
  if (bits < 2048) return `is an RSA key of ${bits} bits, of which 2048 are the least`
  if (bits % 8 !== 0) return `is an RSA key of ${bits} bits, which are no whole octets`
  if (((modulus.at(-1) ?? 0) & 1) === 0) return 'has an even modulus'
  if (publicExponent.toHex() !== '010001') return 'has another exponent than 65537'
  return undefined
}

/** The key, or what is wrong with it. */
export function publicKeyFault(publicKeyInfo: SubjectPublicKeyInfo): string | undefined {
  let key: PublicKey
  try {
    key = publicKeyOf(publicKeyInfo)
  } catch (error) {
    if (error instanceof DerError) return `does not read as a key: ${error.message}`
    throw error
  }
  if (key.kind === 'p256') return isOnP256(key.point) ? undefined : 'is not a point of P-256'
  // RFC 3279 §2.3.1: NULL.
  if (!hasNull(publicKeyInfo.algorithm)) return 'has no NULL parameters'
  return rsaFault(key)
}

/** RFC 3279 §2.3.1 for RSA, RFC 5480 §3 for elliptic curves. */
export function usageFault({ algorithm }: AlgorithmIdentifier, usage: readonly KeyUsage[]): string | undefined {
  const foreign: readonly KeyUsage[] =
    algorithm === algorithms.rsaEncryption.algorithm
      ? ['keyAgreement', 'encipherOnly', 'decipherOnly']
      : ['keyEncipherment', 'dataEncipherment']
  const found = foreign.find((bit) => usage.includes(bit))
  return found && `has ${found}, which a key of this kind cannot be used for`
}

/** What is wrong with a key that shall be one of these kinds. RFC 5280 §4.1.2.7. */
export function keyFault(publicKeyInfo: Uint8Array, kinds: readonly KeyKind[]): string | undefined {
  try {
    const opened = SubjectPublicKeyInfo.decode(publicKeyInfo)
    const kind = keyKindOf(opened)
    return kind !== undefined && kinds.includes(kind) ? publicKeyFault(opened) : `is none of ${kinds.join(', ')}`
  } catch (error) {
    if (error instanceof DerError) return 'is no public key'
    throw error
  }
}
