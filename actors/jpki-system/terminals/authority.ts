/** The terminal CA: one P-256 key of the keyring, whose point cards are given at personalization. BSI TR-03110-3 Appendix C. */
import type { SigningKeys } from '@mobile-jpki/keyring'
import { plainEcdsaSignature } from '@mobile-jpki/pkix'

export interface TerminalCa {
  /** By which cards and verifiers know the key. */
  readonly caIdentifier: Uint8Array
  /** 04‖x‖y. */
  readonly point: Uint8Array
  /** r ‖ s. */
  sign(octets: Uint8Array): Promise<Uint8Array>
}

const keyName = 'terminal-ca-1'

export async function openTerminalCa(keys: Pick<SigningKeys, 'signer'>): Promise<TerminalCa> {
  const signer = await keys.signer(keyName, 'p-256')
  return {
    caIdentifier: new TextEncoder().encode('JPKI-TCA-1'),
    // The last part of a SubjectPublicKeyInfo of a named curve, RFC 5480 §2.2.
    point: signer.publicKey.slice(-65),
    sign: async (octets) => plainEcdsaSignature(await signer.sign(octets)),
  }
}
