/** The carrier's keys in its keyring. Key map: docs/ceremonies. */
import { diversify } from '@mobile-jpki/globalplatform'
import type { Keyring } from '@mobile-jpki/keyring'
import type { CarrierKeys } from './world.ts'

/** From this one every SIM's issuer keys are diversified (KDF3). AES-128. */
const issuerMasterKey = 'carrier-issuer-master'
/** Under this one an initial key set waits until its SIM has it. */
const wrappingKey = 'initial-key-sets'

export const carrierKeysIn = (keyring: Keyring): CarrierKeys => ({
  issuerKeySet: async (keyDiversificationData) =>
    diversify('kdf3', await keyring.octets(issuerMasterKey, 16), keyDiversificationData),
  wrap: (keySet, orderId) => keyring.seal(wrappingKey, keySet, orderId),
  unwrap: (wrapped, orderId) => keyring.open(wrappingKey, wrapped, orderId),
})
