/** A key pair as everything but its making sees it: the private half sealed by the keyring for one place, and in the clear nowhere. */

import type { Vault } from '@mobile-jpki/keyring'
import { sha256 } from '@mobile-jpki/pkix/crypto'
import type { StockedKey } from '../domain/world.ts'
import type { KeyPair } from './key-pair.ts'

export interface SealedPair {
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  readonly sealedPrivateKey: Uint8Array
}

/** What the sealed private key of an order is bound to. */
export const keyContext = (orderId: string): string => `jpki-system/phone-key/${orderId}`

/** What one of the stock is bound to: its row, and the public half that stands beside it. */
export const stockContext = ({ id, publicKey }: Pick<StockedKey, 'id' | 'publicKey'>): string =>
  `jpki-system/key-stock/${id}/${sha256(publicKey).toHex()}`

/** Takes the pair over: its private half is overwritten, whether it could be sealed or not. */
export async function sealPair(vault: Vault, { publicKey, privateKey }: KeyPair, context: string): Promise<SealedPair> {
  try {
    return { publicKey, sealedPrivateKey: await vault.seal(privateKey, context) }
  } finally {
    privateKey.fill(0)
  }
}

/** From the stock to an order; fails for a row that was changed. */
export const sealForOrder = async (vault: Vault, taken: StockedKey, orderId: string): Promise<SealedPair> =>
  sealPair(
    vault,
    { publicKey: taken.publicKey, privateKey: await vault.open(taken.sealedPrivateKey, stockContext(taken)) },
    keyContext(orderId),
  )
