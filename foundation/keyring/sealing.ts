/** AES-256-GCM (NIST SP 800-38D) with a random nonce: nonce ‖ tag ‖ ciphertext, bound to its context. */
import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto'

const nonceLength = 12
const tagLength = 16

export class KeyringError extends Error {
  override readonly name = 'KeyringError'
}

export function seal(key: KeyObject, plain: Uint8Array, context: string): Uint8Array {
  const nonce = randomBytes(nonceLength)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context))
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()])
  return new Uint8Array(Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]))
}

/** Throws a KeyringError unless all of it was sealed by that key for that context. */
export function unseal(key: KeyObject, sealed: Uint8Array, context: string): Uint8Array {
  const nonce = sealed.subarray(0, nonceLength)
  const tag = sealed.subarray(nonceLength, nonceLength + tagLength)
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength })
    decipher.setAAD(Buffer.from(context)).setAuthTag(tag)
    const plain = decipher.update(sealed.subarray(nonceLength + tagLength))
    decipher.final()
    const opened = new Uint8Array(plain)
    // The caller can overwrite what it is given, and not this copy.
    plain.fill(0)
    return opened
  } catch (cause) {
    throw new KeyringError('What was sealed does not open: it was changed, or sealed for something else.', { cause })
  }
}
