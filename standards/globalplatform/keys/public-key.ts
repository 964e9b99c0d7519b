/** Public keys as PUT KEY carries them: RSA modulus and exponent, ECC point and curve. GPCS v2.3.1 §11.8.2.3, §B.4.3. */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { concat, sameOctets, TlvError } from '@mobile-jpki/tlv'
import { curves, type KeyComponent, keyTypes } from './key-block.ts'

type Curve = keyof typeof curves

/** Octets of a coordinate. */
const sizes: Readonly<Record<Curve, number>> = { 'P-256': 32, 'P-384': 48, 'P-521': 66 }

/** Order n of the base point, FIPS 186-4 §D.1.2: it tells the curve where a host sends all parameters. */
const orders: Readonly<Record<Curve, Uint8Array>> = {
  'P-256': Uint8Array.fromHex('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'),
  'P-384': Uint8Array.fromHex(
    'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
  ),
  'P-521': Uint8Array.fromHex(
    '01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409',
  ),
}

/** The public key in the components of one key block. Throws TlvError where they make none. */
export function publicKeyOf(components: readonly KeyComponent[]): KeyObject {
  const find = (type: number) => components.find((component) => component.type === type)?.value
  const modulus = find(keyTypes['RSA modulus'])
  const exponent = find(keyTypes['RSA public exponent'])
  const point = find(keyTypes['ECC public key'])
  try {
    if (modulus !== undefined && exponent !== undefined)
      return createPublicKey({ format: 'jwk', key: { kty: 'RSA', n: base64url(modulus), e: base64url(exponent) } })
    if (point !== undefined) return pointKey(curveOf(find), point)
  } catch (error) {
    throw new TlvError('the components are no public key', { cause: error })
  }
  throw new TlvError('the components are no public key')
}

function curveOf(find: (type: number) => Uint8Array | undefined): Curve {
  const order = find(keyTypes['ECC field parameter n'])
  const names = Object.keys(curves) as Curve[]
  // A reference may be empty: then it is P-256's, 00.
  const reference = find(keyTypes['ECC key parameters reference'])?.[0] ?? 0x00
  const curve = names.find((name) =>
    order === undefined ? curves[name] === reference : sameOctets(orders[name], order),
  )
  if (curve === undefined) throw new TlvError('the curve is not supported')
  return curve
}

function pointKey(curve: Curve, point: Uint8Array): KeyObject {
  const size = sizes[curve]
  if (point[0] !== 0x04 || point.length !== 1 + 2 * size) throw new TlvError(`not an uncompressed point of ${curve}`)
  const x = base64url(point.subarray(1, 1 + size))
  const y = base64url(point.subarray(1 + size))
  return createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: curve, x, y } })
}

/** The components of a public key, its curve by reference. */
export function componentsOf(publicKey: KeyObject): readonly KeyComponent[] {
  const { kty, crv, n, e, x, y } = publicKey.export({ format: 'jwk' })
  if (kty === 'RSA' && n !== undefined && e !== undefined)
    return [
      { type: keyTypes['RSA modulus'], value: fromBase64url(n) },
      { type: keyTypes['RSA public exponent'], value: fromBase64url(e) },
    ]
  if (kty === 'EC' && isCurve(crv) && x !== undefined && y !== undefined)
    return [
      { type: keyTypes['ECC public key'], value: concat(Uint8Array.of(0x04), fromBase64url(x), fromBase64url(y)) },
      { type: keyTypes['ECC key parameters reference'], value: Uint8Array.of(curves[crv]) },
    ]
  throw new TlvError('this kind of key has no place in PUT KEY')
}

const isCurve = (name: string | undefined): name is Curve => name !== undefined && Object.hasOwn(curves, name)
const base64url = (octets: Uint8Array): string => octets.toBase64({ alphabet: 'base64url', omitPadding: true })
const fromBase64url = (text: string): Uint8Array => Uint8Array.fromBase64(text, { alphabet: 'base64url' })
