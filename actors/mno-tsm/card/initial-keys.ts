/**
 * The initial key set of the SP area: made here, written into the SIM, sealed for SP-TSM, forgotten.
 * SP-TSM replaces it at once by keys of its own (docs/protocols/deployment.md).
 */
import { type ChannelTerms, keyLengthOf } from '@mobile-jpki/content-management'
import { envelope, iccidOctets, spSecurityDomain } from '@mobile-jpki/jpki'
import type { Deployment } from '../domain/deployment.ts'
import type { World } from '../domain/world.ts'

/** ENC ‖ MAC ‖ DEK. */
export const newKeySet = ({ randomOctets }: World, terms: ChannelTerms): Uint8Array =>
  randomOctets(3 * keyLengthOf(terms))

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
