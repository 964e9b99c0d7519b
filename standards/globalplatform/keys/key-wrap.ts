/** Secret keys in PUT KEY: encrypted under the DEK, checked by their key check value. GPCS v2.3.1 §11.8.2.3.1, Amendment D §7.2. */
import { concat, TlvError } from '@mobile-jpki/tlv'
import { equalSecrets } from '../cryptography.ts'
import { decryptData, encryptData, type KeyEncryption } from '../session.ts'
import { keyCheckValue, type SymmetricKeyType } from './check-value.ts'
import { type KeyBlock, keyTypes } from './key-block.ts'

const blockOf = (session: KeyEncryption): number => (session.protocol === '02' ? 8 : 16)

/** Encrypts a secret of any length; where it had to be padded, its clear length stands before it (GPCS table 11-70). */
export function wrapSecret(session: KeyEncryption, secret: Uint8Array): Uint8Array {
  const missing = -secret.length & (blockOf(session) - 1)
  if (missing === 0) return encryptData(session, secret)
  if (secret.length > 0x7f) throw new TlvError('a secret of more than 127 octets is to be whole blocks')
  return concat(Uint8Array.of(secret.length), encryptData(session, concat(secret, new Uint8Array(missing))))
}

/** Decrypts what `wrapSecret` encrypted. */
export function unwrapSecret(session: KeyEncryption, wrapped: Uint8Array): Uint8Array {
  const block = blockOf(session)
  if (wrapped.length % block === 0) return decryptData(session, wrapped)
  const [length] = wrapped
  const padded = decryptData(session, wrapped.subarray(1))
  if (length === undefined || length > padded.length || padded.length - length >= block)
    throw new TlvError('the clear length of the key is wrong')
  return padded.slice(0, length)
}

/** One AES or DES key, ready for PUT KEY. */
export const wrapKey = (session: KeyEncryption, type: SymmetricKeyType, key: Uint8Array): KeyBlock => ({
  components: [{ type: keyTypes[type], value: wrapSecret(session, key) }],
  checkValue: keyCheckValue(type, key),
})

/** Card: the key in a block, or the reason for refusing it: `9485` for its check value, `6A80` for its form. */
export function unwrapKey(
  session: KeyEncryption,
  { components, checkValue }: KeyBlock,
): { readonly type: SymmetricKeyType; readonly key: Uint8Array } | 'wrong-check-value' {
  const [component, ...more] = components
  if (component === undefined || more.length > 0) throw new TlvError('a symmetric key has one component')
  const type = component.type === keyTypes.AES ? 'AES' : component.type === keyTypes.DES ? 'DES' : undefined
  if (type === undefined) throw new TlvError('the key type is not symmetric')
  const key = unwrapSecret(session, component.value)
  const lengths = type === 'AES' ? [16, 24, 32] : [16, 24]
  if (!lengths.includes(key.length)) throw new TlvError(`a ${type} key has not ${key.length} octets`)
  if (checkValue.length > 0 && !equalSecrets(keyCheckValue(type, key), checkValue)) return 'wrong-check-value'
  return { type, key }
}
