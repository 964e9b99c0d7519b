/** Certification requests for tests, of keys that are made once. */
import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { nameOf } from '@mobile-jpki/pkix'
import { keySigner, requestCertificate } from '@mobile-jpki/pkix/crypto'

const generate = promisify(generateKeyPair)

export async function newRequest(bits = 2048): Promise<Uint8Array> {
  const { privateKey } = await generate('rsa', { modulusLength: bits })
  return requestCertificate({ subject: nameOf(['CN', 'whoever asks']) }, keySigner(privateKey))
}

export async function newCurveRequest(): Promise<Uint8Array> {
  const { privateKey } = await generate('ec', { namedCurve: 'P-256' })
  return requestCertificate({ subject: nameOf(['CN', 'whoever asks']) }, keySigner(privateKey))
}

/** The last octet of the signature is another. */
export const forged = (request: Uint8Array): Uint8Array => {
  const octets = new Uint8Array(request)
  octets[octets.length - 1] = (octets.at(-1) ?? 0) ^ 1
  return octets
}
