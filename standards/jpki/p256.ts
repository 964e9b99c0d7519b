/** P-256 as both ends of the download use it: ECDSA with plain r‖s (BSI TR-03111 §5.2.1) and ECDH, on Web Cryptography. */

const curve = { name: 'ECDH', namedCurve: 'P-256' } as const

/** Web Cryptography takes views of an ArrayBuffer only. */
export const buffer = (octets: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(octets)

/** Uncompressed, 04‖x‖y: the one form that is in use here. Whether it lies on the curve is checked where it is imported. */
const isUncompressed = (point: Uint8Array): boolean => point.length === 65 && point[0] === 0x04

/** True when `signature` (r‖s, 64 octets) by the key `point` (04‖x‖y) covers `message` under SHA-256. */
export async function verifyP256(point: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (!isUncompressed(point)) return false
  try {
    const key = await crypto.subtle.importKey('raw', buffer(point), { ...curve, name: 'ECDSA' }, false, ['verify'])
    return await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, buffer(signature), buffer(message))
  } catch {
    return false // a point that is not on the curve verifies nothing
  }
}

/** Z of ECDH: the x coordinate, 32 octets. SEC 1 §3.3.1. Rejects with a DOMException what is no point of the curve. */
export async function agreeP256(privateKey: CryptoKey, point: Uint8Array): Promise<Uint8Array> {
  if (!isUncompressed(point)) throw new DOMException('the point is not uncompressed', 'DataError')
  const peer = await crypto.subtle.importKey('raw', buffer(point), curve, false, [])
  return new Uint8Array(await crypto.subtle.deriveBits({ name: 'ECDH', public: peer }, privateKey, 256))
}

export const pointOf = async (publicKey: CryptoKey): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.exportKey('raw', publicKey))

/** A one-time pair; the caller owns the chance of it. */
export const oneTimePair = (): Promise<CryptoKeyPair> => crypto.subtle.generateKey(curve, false, ['deriveBits'])
