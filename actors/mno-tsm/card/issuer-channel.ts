/** The carrier's own secure channel: to the issuer security domain of the registered SIM. GPCS v2.3.1 §7.1. */
import { channelTermsOf, type DomainChannel, openDomain } from '@mobile-jpki/content-management'
import { issuerSecurityDomain } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import type { Element } from '@mobile-jpki/seram'
import { sameOctets } from '@mobile-jpki/tlv'
import type { Sim } from '../domain/sim.ts'
import type { World } from '../domain/world.ts'

/** The SIM proves to be the registered one by its own data and by the keys diversified from them. */
export async function openIssuerChannel(
  { carriers, keys, randomOctets }: World,
  sim: Sim,
  element: Element,
): Promise<DomainChannel> {
  const type = carriers.typeOf(sim)
  const { keyVersion, ...terms } = channelTermsOf(type)
  const [keySet] = type.keySets
  return openDomain(element, {
    step: '⑮',
    aid: issuerSecurityDomain,
    keyVersion,
    terms,
    randomOctets,
    keysOf: ({ keyDiversificationData }) => {
      if (keySet === undefined || !sameOctets(keyDiversificationData, sim.keyDiversificationData))
        throw new Refusal('sim.not-the-named-one')
      return keys.issuerKeySet(sim, keySet)
    },
  })
}
