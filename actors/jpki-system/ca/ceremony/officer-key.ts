/** The keys by which officers approve: P-256 or RSA, as OpenSSL and tokens make them. A signature is over the octets of the file, SHA-256. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { Refusal } from '@mobile-jpki/refusal'

export interface OfficerKey {
  readonly key: KeyObject
  /** SHA-256 of the SubjectPublicKeyInfo, in hex: two PEM texts of one key are one officer. */
  readonly identifier: string
}

/** A private key would be taken for its public one by node:crypto; it must not stand in a file that goes round. */
export function officerKeyOf(pem: string): OfficerKey {
  if (!/^\s*-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----\s*$/.test(pem))
    throw new Refusal('key.wrong-kind', 'An officer is named by a public key in PEM (BEGIN PUBLIC KEY).')
  return keyOf(() => createPublicKey(pem))
}

function keyOf(read: () => KeyObject): OfficerKey {
  const key = readOr(read)
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  const isRsa = type === 'rsa' && (details?.modulusLength ?? 0) >= 2048
  if (!isRsa && !(type === 'ec' && details?.namedCurve === 'prime256v1'))
    throw new Refusal('key.wrong-kind', 'Officers sign by P-256, or by RSA with 2048 bits or more.')
  const spki = (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' })
  return { key, identifier: createHash('sha256').update(spki).digest('hex') }
}

function readOr(read: () => KeyObject): KeyObject {
  try {
    return read()
  } catch (cause) {
    throw new Refusal('key.wrong-kind', 'This is not a key in PEM, or its passphrase is wrong.', { cause })
  }
}

export const officerPrivateKeyOf = (pem: string, passphrase?: string): OfficerKey =>
  keyOf(() => createPrivateKey({ key: pem, format: 'pem', ...(passphrase !== undefined && { passphrase }) }))

export const signedBy = ({ key }: OfficerKey, octets: Uint8Array): Uint8Array =>
  new Uint8Array(sign('sha256', octets, key))

export function isSignedBy({ key }: OfficerKey, octets: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify('sha256', octets, key, signature)
  } catch {
    return false
  }
}
