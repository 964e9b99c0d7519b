/**
 * The initial key set of the SP area: made here, written into the SIM, sealed for SP-TSM, forgotten.
 * SP-TSM replaces it at once by keys of its own (docs/protocols/deployment.md).
 */
import { envelope, iccidOctets, spSecurityDomain } from '@mobile-jpki/jpki'
import type { Deployment } from '../domain/deployment.ts'
import type { World } from '../domain/world.ts'

/** SCP03 uses 30 to 3F; SP-TSM's own set will be 32. GP UICC Configuration §10. */
export const initialKeyVersion = 0x31
const keyLength = 16

/** ENC ‖ MAC ‖ DEK of AES-128. */
export const newKeySet = ({ randomOctets }: World): Uint8Array => randomOctets(3 * keyLength)

export const keysIn = (keySet: Uint8Array): readonly Uint8Array[] =>
  [0, 1, 2].map((at) => keySet.subarray(at * keyLength, (at + 1) * keyLength))

/** Only SP-TSM opens it, and only for this SIM, security domain and order. */
export const sealForSpTsm = async (
  { oneTimePair }: World,
  { iccid, orderId, keyTransport }: Deployment,
  plain: Uint8Array,
) =>
  envelope.seal({
    purpose: 'keySet',
    binding: { instanceAid: spSecurityDomain, iccid: iccidOctets(iccid), orderId },
    receiverPoint: keyTransport,
    sender: await oneTimePair(),
    plain,
  })
