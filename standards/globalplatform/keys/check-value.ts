/** Key check values: the leftmost three octets of a known block encrypted. GPCS v2.3.1 §B.6, Amendment D §7.2. */
import { aesBlock, tripleDesEcb } from '../cryptography.ts'

export type SymmetricKeyType = 'AES' | 'DES'

/** AES encrypts sixteen octets 01, DES eight octets 00. */
export const keyCheckValue = (type: SymmetricKeyType, key: Uint8Array): Uint8Array =>
  (type === 'AES' ? aesBlock(key, new Uint8Array(16).fill(0x01)) : tripleDesEcb.encrypt(key, new Uint8Array(8))).slice(
    0,
    3,
  )
