/** P-256 as both ends of the download use it: ECDSA with plain r‖s (BSI TR-03111 §5.2.1) and ECDH, on Web Cryptography. */

const curve = { name: 'ECDH', namedCurve: 'P-256' } as const

/** Web Cryptography takes views of an ArrayBuffer only. */
export const buffer = (octets: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(octets)

/** True when `signature` (r‖s, 64 octets) by the key `point` (04‖x‖y) covers `message` under SHA-256. */
export async function verifyP256(point: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('raw', buffer(point), { ...curve, name: 'ECDSA' }, false, ['verify'])
    return await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, buffer(signature), buffer(message))
  } catch {
    return false // a point that is not on the curve verifies nothing
  }
}

/** Z of ECDH: the x coordinate, 32 octets. SEC 1 §3.3.1. */
export async function agreeP256(privateKey: CryptoKey, point: Uint8Array): Promise<Uint8Array> {
  const peer = await crypto.subtle.importKey('raw', buffer(point), curve, false, [])
  return new Uint8Array(await crypto.subtle.deriveBits({ name: 'ECDH', public: peer }, privateKey, 256))
}

export const pointOf = async (publicKey: CryptoKey): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.exportKey('raw', publicKey))

/** A one-time pair; the caller owns the chance of it. */
export const oneTimePair = (): Promise<CryptoKeyPair> => crypto.subtle.generateKey(curve, false, ['deriveBits'])
