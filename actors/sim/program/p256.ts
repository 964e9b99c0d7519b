/** P-256 as the chip computes it: key pairs, ECDH (SEC 1 §3.3.1), ECDSA with SHA-256 and plain r ‖ s (BSI TR-03111 §5.2.1). */
import { createECDH, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { ChipRefusal } from './refusal.ts'

const curve = 'prime256v1'

/** `privateKey` has 32 octets, `publicPoint` is 04 ‖ x ‖ y. */
export interface P256Pair {
  readonly privateKey: Uint8Array
  readonly publicPoint: Uint8Array
}

export function p256Pair(random: (length: number) => Uint8Array): P256Pair {
  const pair = createECDH(curve)
  for (;;) {
    const privateKey = random(32)
    try {
      pair.setPrivateKey(privateKey)
      return { privateKey, publicPoint: new Uint8Array(pair.getPublicKey()) }
    } catch (error) {
      // 0, or the order and above: one in 2³² draws.
      if (!(error instanceof Error && 'code' in error && error.code === 'ERR_CRYPTO_INVALID_KEYTYPE')) throw error
    }
  }
}

export function p256Point(privateKey: Uint8Array): Uint8Array {
  const pair = createECDH(curve)
  pair.setPrivateKey(privateKey)
  return new Uint8Array(pair.getPublicKey())
}

/** The x-coordinate of the shared point. Throws for a point that is not on the curve. */
export function p256Agree(privateKey: Uint8Array, point: Uint8Array): Uint8Array {
  const agreement = createECDH(curve)
  agreement.setPrivateKey(privateKey)
  return new Uint8Array(agreement.computeSecret(point))
}

export function p256Sign(privateKey: Uint8Array, data: Uint8Array): Uint8Array {
  const d = Buffer.from(privateKey).toString('base64url')
  const key = createPrivateKey({ key: { ...coordinates(p256Point(privateKey)), d }, format: 'jwk' })
  return new Uint8Array(sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' }))
}

export const p256Verify = (point: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean =>
  verify('sha256', data, { key: p256PublicKey(point), dsaEncoding: 'ieee-p1363' }, signature)

function p256PublicKey(point: Uint8Array): KeyObject {
  if (point.length !== 65 || point[0] !== 4) throw new ChipRefusal('a point is 04, x and y')
  return createPublicKey({ key: coordinates(point), format: 'jwk' })
}

const coordinates = (point: Uint8Array) => ({
  kty: 'EC',
  crv: 'P-256',
  x: Buffer.from(point.subarray(1, 33)).toString('base64url'),
  y: Buffer.from(point.subarray(33, 65)).toString('base64url'),
})
