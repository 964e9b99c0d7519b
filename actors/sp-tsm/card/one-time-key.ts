/** A P-256 pair for one set-up. NIST SP 800-56A §5.6.1.2.2: octets that are no key are drawn again. */
import { createECDH } from 'node:crypto'
import type { OneTimeKey } from '@mobile-jpki/content-management'

export function oneTimeKey(random: (length: number) => Uint8Array): OneTimeKey {
  const pair = createECDH('prime256v1')
  for (;;) {
    try {
      pair.setPrivateKey(random(32))
      break
    } catch {
      // Nought, or beyond the order of the curve: once in 2^32.
    }
  }
  return {
    point: new Uint8Array(pair.getPublicKey()),
    agree: async (point) => new Uint8Array(pair.computeSecret(point)),
  }
}
