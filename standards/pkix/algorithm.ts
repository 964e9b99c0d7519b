/** AlgorithmIdentifier and SubjectPublicKeyInfo. RFC 5280 §4.1.1.2, §4.1.2.7; RFC 3279, RFC 4055, RFC 5480, RFC 5758. */

import {
  any,
  bitString,
  DerError,
  equalOctets,
  magnitude,
  nullValue,
  objectIdentifier,
  optional,
  sequence,
  type TypeOf,
} from '@mobile-jpki/der'

export const AlgorithmIdentifier = sequence({ algorithm: objectIdentifier, parameters: optional(any) })
export type AlgorithmIdentifier = TypeOf<typeof AlgorithmIdentifier>

/** The same to the octet: parameters that are absent are not those that are NULL. */
export const sameAlgorithm = (one: AlgorithmIdentifier, other: AlgorithmIdentifier): boolean =>
  one.algorithm === other.algorithm &&
  (one.parameters === undefined || other.parameters === undefined
    ? one.parameters === other.parameters
    : equalOctets(one.parameters, other.parameters))

const NULL = nullValue.encode(null)

export const algorithms = {
  rsaEncryption: { algorithm: '1.2.840.113549.1.1.1', parameters: NULL },
  ecPublicKeyP256: { algorithm: '1.2.840.10045.2.1', parameters: objectIdentifier.encode('1.2.840.10045.3.1.7') },
  sha256WithRSAEncryption: { algorithm: '1.2.840.113549.1.1.11', parameters: NULL },
  ecdsaWithSHA256: { algorithm: '1.2.840.10045.4.3.2' },
  sha1: { algorithm: '1.3.14.3.2.26', parameters: NULL },
  sha256: { algorithm: '2.16.840.1.101.3.4.2.1' },
} as const satisfies Record<string, AlgorithmIdentifier>

export type SignatureAlgorithm = 'sha256WithRSAEncryption' | 'ecdsaWithSHA256'

/** Parameters that are absent and parameters that are NULL mean the same for the algorithms used here. */
const plain = ({ parameters }: AlgorithmIdentifier) => parameters === undefined || equalOctets(parameters, NULL)

export function signatureAlgorithmOf(identifier: AlgorithmIdentifier): SignatureAlgorithm | undefined {
  if (!plain(identifier)) return undefined
  if (identifier.algorithm === algorithms.sha256WithRSAEncryption.algorithm) return 'sha256WithRSAEncryption'
  if (identifier.algorithm === algorithms.ecdsaWithSHA256.algorithm) return 'ecdsaWithSHA256'
  return undefined
}

export type DigestAlgorithm = 'sha1' | 'sha256'

export function digestAlgorithmOf(identifier: AlgorithmIdentifier): DigestAlgorithm | undefined {
  if (!plain(identifier)) return undefined
  if (identifier.algorithm === algorithms.sha1.algorithm) return 'sha1'
  if (identifier.algorithm === algorithms.sha256.algorithm) return 'sha256'
  return undefined
}

export const SubjectPublicKeyInfo = sequence({ algorithm: AlgorithmIdentifier, subjectPublicKey: bitString })
export type SubjectPublicKeyInfo = TypeOf<typeof SubjectPublicKeyInfo>

/** RSAPublicKey, RFC 8017 §A.1.1. */
export const RsaPublicKey = sequence({ modulus: magnitude, publicExponent: magnitude })
export type RsaPublicKey = TypeOf<typeof RsaPublicKey>

export const rsaPublicKeyInfo = (key: RsaPublicKey): Uint8Array =>
  SubjectPublicKeyInfo.encode({ algorithm: algorithms.rsaEncryption, subjectPublicKey: RsaPublicKey.encode(key) })

/** `point` is uncompressed, 04 ‖ x ‖ y. RFC 5480 §2.2. */
export const p256PublicKeyInfo = (point: Uint8Array): Uint8Array =>
  SubjectPublicKeyInfo.encode({ algorithm: algorithms.ecPublicKeyP256, subjectPublicKey: point })

export type PublicKey =
  | ({ readonly kind: 'rsa' } & RsaPublicKey)
  | { readonly kind: 'p256'; readonly point: Uint8Array }

export const readPublicKey = (publicKeyInfo: Uint8Array): PublicKey =>
  publicKeyOf(SubjectPublicKeyInfo.decode(publicKeyInfo))

export function publicKeyOf({ algorithm, subjectPublicKey }: SubjectPublicKeyInfo): PublicKey {
  if (algorithm.algorithm === algorithms.rsaEncryption.algorithm)
    return { kind: 'rsa', ...RsaPublicKey.decode(subjectPublicKey) }
  const { ecPublicKeyP256 } = algorithms
  if (
    algorithm.algorithm === ecPublicKeyP256.algorithm &&
    algorithm.parameters !== undefined &&
    equalOctets(algorithm.parameters, ecPublicKeyP256.parameters) &&
    subjectPublicKey.length === 65 &&
    subjectPublicKey[0] === 0x04
  )
    return { kind: 'p256', point: subjectPublicKey }
  throw new DerError('neither an RSA nor an uncompressed P-256 public key')
}

/** The kinds of keys that sign and are certified here. */
export type KeyKind = 'rsa-2048' | 'rsa-3072' | 'p-256'

/** Undefined for any other key, and for what is none. */
export function keyKindOf(publicKeyInfo: SubjectPublicKeyInfo): KeyKind | undefined {
  try {
    const key = publicKeyOf(publicKeyInfo)
    if (key.kind === 'p256') return 'p-256'
    if ((key.modulus[0] ?? 0) < 0x80) return undefined
    return ({ 256: 'rsa-2048', 384: 'rsa-3072' } as const)[key.modulus.length]
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}
