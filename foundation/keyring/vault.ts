/** One sealing key of a keyring, for those who need no other. */
import type { Keyring } from './keyring.ts'

/** Seals what must be kept but not read; the context is bound to it. */
export interface Vault {
  seal(plain: Uint8Array, context: string): Promise<Uint8Array>
  open(sealed: Uint8Array, context: string): Promise<Uint8Array>
}

export const vaultIn = (keyring: Pick<Keyring, 'seal' | 'open'>, key: string): Vault => ({
  seal: (plain, context) => keyring.seal(key, plain, context),
  open: (sealed, context) => keyring.open(key, sealed, context),
})
