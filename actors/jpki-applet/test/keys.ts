/** Keys and certificates of the peers, made anew for each run of the tests. */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { CasdCertificate, casdKeyUsage, casdStatementToSign, type RsaCrt } from '@mobile-jpki/jpki'
import { nameOf } from '@mobile-jpki/pkix'
import { issueCertificate, keySigner } from '@mobile-jpki/pkix/crypto'
import type { CardApi, RsaCrtKey } from '@mobile-jpki/sim/contract'
import { keyOf } from '../program/signature.ts'

const octets = (jwk: object, name: string): Uint8Array =>
  new Uint8Array(Buffer.from(String(Reflect.get(jwk, name)), 'base64url'))
export const ec = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
export const pointOf = (key: KeyObject): Uint8Array => {
  const jwk = key.export({ format: 'jwk' })
  return Uint8Array.of(4, ...octets(jwk, 'x'), ...octets(jwk, 'y'))
}

/** r ‖ s. */
export const signP256 = (key: KeyObject, message: Uint8Array): Uint8Array =>
  new Uint8Array(sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' }))

export const verifyP256: CardApi['p256']['verify'] = (point, data, signature) => {
  const half = (at: number) => Buffer.from(point.slice(at, at + 32)).toString('base64url')
  const key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: half(1), y: half(33) }, format: 'jwk' })
  return verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature)
}

export const newRsaKey: CardApi['rsa']['generate'] = () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return partsOf(privateKey)
}

const partsOf = (key: KeyObject) => {
  const jwk = key.export({ format: 'jwk' })
  const [p, q, dp, dq, qinv] = ['p', 'q', 'dp', 'dq', 'qi'].map((name) => octets(jwk, name)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  return { modulus: octets(jwk, 'n'), publicExponent: octets(jwk, 'e'), key: { p, q, dp, dq, qinv } }
}

/** RSADP by the Chinese remainder theorem, RFC 8017 §5.1.2 2b; no library looks at the parts. */
export function rsaPrivateOperation(key: RsaCrtKey, block: Uint8Array): Uint8Array {
  const number = (value: Uint8Array): bigint => BigInt(`0x${value.toHex()}`)
  const [c, p, q] = [number(block), number(key.p), number(key.q)]
  const one = power(c, number(key.dp), p)
  const two = power(c, number(key.dq), q)
  const h = ((((one - two) % p) + p) * number(key.qinv)) % p
  return Uint8Array.fromHex((two + q * h).toString(16).padStart(512, '0').slice(-512))
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  let square = base % modulus
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

const authority = ec()
export const authorityPoint = pointOf(authority.publicKey)
const casd = ec()
export const casdPrivateKey = casd.privateKey

export function casdCertificateFor(iccid: Uint8Array): Uint8Array {
  const fields = {
    serialNumber: Uint8Array.of(1),
    caIdentifier: Uint8Array.of(0xca),
    subject: iccid,
    keyUsage: casdKeyUsage,
    effectiveDate: '20260101',
    expirationDate: '20360101',
    publicKey: { point: pointOf(casd.publicKey), parameters: Uint8Array.of(0) },
  }
  const signature = sign('sha256', casdStatementToSign(fields), {
    key: authority.privateKey,
    dsaEncoding: 'ieee-p1363',
  })
  return CasdCertificate.encode({ ...fields, signature: new Uint8Array(signature) })
}

const ca = keySigner(ec().privateKey)
const caName = nameOf(['C', 'JP'], ['O', 'Mobile JPKI'], ['CN', 'Test CA'])
const certificateOf = (publicKey: Uint8Array, name: string, serialNumber: string): Promise<Uint8Array> =>
  issueCertificate(
    {
      serialNumber,
      issuer: caName,
      subject: nameOf(['C', 'JP'], ['CN', name]),
      notBefore: new Date('2026-01-01'),
      notAfter: new Date('2031-01-01'),
      publicKey,
      extensions: [],
    },
    ca,
  )
export const caCertificate = await certificateOf(ca.publicKey, 'Test CA', '01')

const user = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
export const userPublicKey = createPublicKey(user)
export const userKey: RsaCrt = keyOf(partsOf(user).key)
export const certificateFor = (publicKey: KeyObject, serialNumber = '02'): Promise<Uint8Array> =>
  certificateOf(new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })), 'Test User', serialNumber)
export const userCertificate = await certificateFor(userPublicKey)
