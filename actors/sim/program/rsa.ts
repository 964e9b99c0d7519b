/** The RSA private operation on a key that is known by its CRT parts alone. RFC 8017 §5.2.1 (RSASP1). */
import { constants, createPrivateKey, generateKeyPairSync, type KeyObject, privateDecrypt } from 'node:crypto'
import { ChipRefusal } from './refusal.ts'

const parts = ['p', 'q', 'dp', 'dq', 'qi'] as const

/** `key` is p, q, dP, dQ, qInv in hexadecimal with commas between. */
export function rsaPrivateKey(key: string): KeyObject {
  const [p = 0n, q = 0n, dp = 0n, dq = 0n, qi = 0n] = key.split(',').map((hex) => BigInt(`0x${hex || '0'}`))
  const e = inverse(dp, p - 1n)
  if (p < 3n || q < 3n || e !== inverse(dq, q - 1n)) throw new ChipRefusal('these are not the parts of an RSA key')
  const d = inverse(e, ((p - 1n) * (q - 1n)) / gcd(p - 1n, q - 1n))
  const jwk = { n: p * q, e, d, p, q, dp, dq, qi }
  const encoded = Object.fromEntries(Object.entries(jwk).map(([name, value]) => [name, base64url(value)]))
  return createPrivateKey({ key: { kty: 'RSA', ...encoded }, format: 'jwk' })
}

export function rsaPrivateOperation(key: KeyObject, block: Uint8Array): Uint8Array {
  const modulusLength = (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8
  if (block.length !== modulusLength) throw new ChipRefusal('the block is not as long as the modulus')
  return privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, block)
}

/** n, e, p, q, dP, dQ, qInv of a new pair. */
export function generateRsa(): Uint8Array[] {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 65537 })
  const jwk = privateKey.export({ format: 'jwk' })
  return ['n' as const, 'e' as const, ...parts].map((name) => new Uint8Array(Buffer.from(jwk[name] ?? '', 'base64url')))
}

const base64url = (value: bigint) => {
  const hex = value.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url')
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b))

function inverse(value: bigint, modulus: bigint): bigint {
  let [r, next] = [modulus, value]
  let [t, nextT] = [0n, 1n]
  while (next > 0n) {
    const quotient = r / next
    ;[r, next] = [next, r - quotient * next]
    ;[t, nextT] = [nextT, t - quotient * nextT]
  }
  if (r !== 1n) throw new ChipRefusal('these are not the parts of an RSA key')
  return t < 0n ? t + modulus : t
}
