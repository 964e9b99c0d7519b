/** The controlling authority of the tests, a card that it certified, and who will own a security domain of it. GPCS Amendment A §3, §4. */
import { createECDH, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import {
  CardCertificate,
  type CertificateStatement,
  certificateToSign,
  type Owner,
  onP256,
  type VerifyP256,
} from '@mobile-jpki/globalplatform'
import type { ManufactureParameters } from '../contract.ts'
import { bytes, manufactured } from '../test/host.ts'

const base64url = (octets: Uint8Array) => Buffer.from(octets).toString('base64url')
const jwk = (point: Uint8Array) => ({
  kty: 'EC',
  crv: 'P-256',
  x: base64url(point.subarray(1, 33)),
  y: base64url(point.subarray(33)),
})

export interface Pair {
  readonly point: Uint8Array
  readonly privateKey: Uint8Array
  readonly sign: (data: Uint8Array) => Uint8Array
  readonly agree: (point: Uint8Array) => Uint8Array
}

export function newPair(): Pair {
  const ecdh = createECDH('prime256v1')
  const point = new Uint8Array(ecdh.generateKeys())
  const privateKey = Uint8Array.fromHex(ecdh.getPrivateKey('hex').padStart(64, '0'))
  const key: KeyObject = createPrivateKey({ key: { ...jwk(point), d: base64url(privateKey) }, format: 'jwk' })
  return {
    point,
    privateKey,
    sign: (data) => new Uint8Array(sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' })),
    agree: (other) => new Uint8Array(ecdh.computeSecret(other)),
  }
}

export const verifyP256: VerifyP256 = (point, data, signature) =>
  verify(
    'sha256',
    data,
    { key: createPublicKey({ key: jwk(point), format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
    signature,
  )

export function certificate(issuer: Pair, subject: Uint8Array, point: Uint8Array, keyUsage = 0x82): Uint8Array {
  const statement: CertificateStatement = {
    serialNumber: bytes('01'),
    caIdentifier: bytes('4341'),
    subject,
    keyUsage: Uint8Array.of(keyUsage),
    effectiveDate: '20260101',
    expirationDate: '20410101',
    publicKey: onP256(point),
  }
  return CardCertificate.encode({ ...statement, signature: issuer.sign(certificateToSign(statement)) })
}

/** What the maker writes into a card with CASD. */
export function casdBy(authority: Pair): NonNullable<ManufactureParameters['casd']> {
  const { privateKey, point } = newPair()
  return { privateKey, certificate: certificate(authority, manufactured.iccid, point), authority: authority.point }
}

/** A service provider whom the authority knows. */
export function newOwner(authority: Pair, keyUsage = 0x82): Owner {
  const identity = newPair()
  return {
    certificate: certificate(authority, bytes('5350'), identity.point, keyUsage),
    p256: { verify: verifyP256, sign: identity.sign, oneTime: newPair() },
  }
}
