/** A secure channel to a security domain as its terms say. GPCS v2.3.1 §10. */
import {
  type InitializeUpdateResponse,
  type KeySet,
  type SecurityLevel,
  securityLevels,
} from '@mobile-jpki/globalplatform'
import {
  type AgentStep,
  type ChannelOptions,
  type Element,
  openSecureChannel,
  type SecureChannel,
} from '@mobile-jpki/seram'
import { sameOctets } from '@mobile-jpki/tlv'
import { blockLengthOf, type ChannelTerms, protocolOf, securityLevelOf } from './terms.ts'

export interface DomainChannel extends SecureChannel {
  readonly terms: ChannelTerms
  /** At which commands go; none where something else protects them. */
  readonly level: SecurityLevel
  /** Octets of plain data that one command can carry. */
  readonly blockLength: number
}

export interface DomainOpening extends Pick<ChannelOptions, 'behind' | 'foreseen' | 'whose'> {
  readonly step: AgentStep
  readonly aid: Uint8Array
  readonly terms: ChannelTerms
  readonly keyVersion: number
  readonly keysOf: (answer: InitializeUpdateResponse) => KeySet | Promise<KeySet>
  readonly randomOctets: (length: number) => Uint8Array
}

export async function openDomain(element: Element, { terms, ...opening }: DomainOpening): Promise<DomainChannel> {
  const securityLevel = securityLevelOf(terms)
  const channel = await openSecureChannel(element, { ...opening, scp: protocolOf(terms), securityLevel })
  const isTrusted = element.trust !== undefined && sameOctets(element.trust.domain, opening.aid)
  const level = isTrusted ? securityLevels.none : securityLevel
  return { ...channel, terms, level, blockLength: blockLengthOf(terms, level) }
}
