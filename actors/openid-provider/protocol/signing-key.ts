/** The key of the ID tokens (RFC 7515, RS256) stays in the keyring: the library gets a key that signs and does not show itself. */
import { createPublicKey, type KeyObject } from 'node:crypto'
import type { Signer } from '@mobile-jpki/pkix/crypto'
import { ExternalSigningKey } from './library.ts'

class KeyringKey extends ExternalSigningKey {
  readonly #signer: Signer
  readonly #publicKey: KeyObject

  constructor(signer: Signer) {
    super()
    this.#signer = signer
    this.#publicKey = createPublicKey({ key: Buffer.from(signer.publicKey), format: 'der', type: 'spki' })
  }

  override get alg(): string {
    return 'RS256'
  }

  override keyObject(): KeyObject {
    return this.#publicKey
  }

  override sign(octets: Uint8Array) {
    return this.#signer.sign(octets)
  }
}

export const signingKeyOf = (signer: Signer): KeyringKey => new KeyringKey(signer)
