/** The SIM as its registry tells it, under the issuer's secure channel: looked at first, so that every stage can be begun again. */
import { Delete, GetStatus, type RegistryEntry, type SecurityLevel } from '@mobile-jpki/globalplatform'
import { SW } from '@mobile-jpki/iso7816'
import { appletInstance, issuerSecurityDomain, spSecurityDomain } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import { cardRefused, type Element, instruct, openSecureChannel, type SecureChannel } from '@mobile-jpki/seram'
import { sameOctets } from '@mobile-jpki/tlv'
import { profiles } from '../domain/profiles.ts'
import type { Sim } from '../domain/sim.ts'
import type { World } from '../domain/world.ts'

/** The SIM proves to be the registered one by its own data and by the keys diversified from them. */
export async function openIssuerChannel(
  { keys, randomOctets }: World,
  sim: Sim,
  element: Element,
): Promise<SecureChannel> {
  const { keyVersion, i, level } = profiles[sim.profile].issuer
  return openSecureChannel(element, {
    step: '⑮',
    aid: issuerSecurityDomain,
    keyVersion,
    scp: { protocol: '03', i },
    securityLevel: level satisfies SecurityLevel,
    randomOctets,
    keysOf: ({ keyDiversificationData }) => {
      if (!sameOctets(keyDiversificationData, sim.keyDiversificationData)) throw new Refusal('sim.not-the-named-one')
      return keys.issuerKeySet(keyDiversificationData)
    },
  })
}

async function entry(
  channel: SecureChannel,
  p1: 'applications' | 'loadFiles',
  aid: Uint8Array,
): Promise<RegistryEntry | undefined> {
  const answer = await channel.exchange(instruct(GetStatus, { p1, p2: 'first', data: { aid } }))
  if (answer.sw === SW.referencedDataNotFound) return undefined
  if (answer.sw !== SW.ok && answer.sw !== SW.moreDataAvailable) throw cardRefused(GetStatus.name, answer.sw, 'sim')
  return GetStatus.fromResponse(answer).find((found) => sameOctets(found.aid, aid))
}

export const spDomainIn = (channel: SecureChannel) => entry(channel, 'applications', spSecurityDomain)
export const instanceIn = (channel: SecureChannel) => entry(channel, 'applications', appletInstance)
export const loadFileIn = (channel: SecureChannel, aid: Uint8Array) => entry(channel, 'loadFiles', aid)

/** DELETE, GPCS §11.2: an object with nothing that depends on it. */
export const remove = (channel: SecureChannel, aid: Uint8Array): Promise<Uint8Array> =>
  channel.transmit(instruct(Delete, { p2: 'object', data: { aids: [aid] } }))
