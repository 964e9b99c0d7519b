/** The SP area (SP領域): a supplementary security domain with its first keys. GPCS v2.3.1 §11.5, §11.11; GPCS Amendment A §4. */
import {
  type CardContent,
  type DomainChannel,
  deleting,
  domainKeyVersions,
  giveKeys,
  keySetOf,
  makeDomain,
  relaySetUp,
} from '@mobile-jpki/content-management'
import { isLocked, type RegistryEntry, securityDomainStates } from '@mobile-jpki/globalplatform'
import {
  appletInstance,
  securityDomainModule,
  securityDomainPackage,
  spSecurityDomain,
  spSecurityDomainTar,
} from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import type { Instruction } from '@mobile-jpki/seram'
import { sameOctets } from '@mobile-jpki/tlv'
import type { DomainTerms } from '../contract.ts'
import type { Deployment } from '../domain/deployment.ts'

/** What an earlier order left behind, with all that is in it. */
export function clearing(present: CardContent): readonly Instruction[] {
  const instance = present.application(appletInstance)
  const domain = present.application(spSecurityDomain)
  const isInside = instance?.securityDomain !== undefined && sameOctets(instance.securityDomain, spSecurityDomain)
  return [
    ...(instance !== undefined && !(isInside && domain !== undefined) ? [deleting(appletInstance).command] : []),
    ...(domain !== undefined ? [deleting(spSecurityDomain, 'objectAndRelated').command] : []),
  ]
}

export interface FirstKeys {
  readonly setUp: Deployment['setUp']
  /** ENC ‖ MAC ‖ DEK, where nothing is set up confidentially. */
  readonly keySet: Uint8Array
}

/** The domain and its keys, as far as they are missing. */
export function creating(
  channel: DomainChannel,
  terms: DomainTerms,
  { setUp, keySet }: FirstKeys,
  found?: RegistryEntry,
): readonly Instruction[] {
  if (found !== undefined && isLocked(found.lifeCycle))
    throw new Refusal('card.refused', 'The SP area of the SIM is locked.', { whose: 'sim' })
  const isPersonalized = found?.lifeCycle === securityDomainStates.PERSONALIZED
  return [
    ...(found === undefined ? [domain(terms)] : []),
    ...(isPersonalized ? [] : setUp === undefined ? initial(channel, terms, keySet) : relayed(channel, setUp.message)),
  ]
}

const domain = (terms: DomainTerms): Instruction =>
  makeDomain({
    loadFile: securityDomainPackage,
    module: securityDomainModule,
    aid: spSecurityDomain,
    model: terms.management,
    terms,
    tar: spSecurityDomainTar,
  })

const initial = ({ session }: DomainChannel, terms: DomainTerms, keySet: Uint8Array) =>
  giveKeys(session, spSecurityDomain, {
    keys: keySetOf(keySet, terms),
    keyVersion: domainKeyVersions.initial(terms),
    terms,
  })

const relayed = ({ blockLength }: DomainChannel, message: Uint8Array) =>
  relaySetUp(spSecurityDomain, message, blockLength)
