/** What a security domain may do, to whom, and how well the command must be protected. GPCS v2.3.1 §6.6, §9.1.3, §10.4. */
import type { KeyEncryption, Privilege } from '@mobile-jpki/globalplatform'
import { sameOctets } from '@mobile-jpki/tlv'
import { type Application, isBelow, type Registry } from '../domain/registry.ts'
import { CardRefusal } from '../domain/rules.ts'
import type { Asked } from '../domain/state.ts'
import { authenticated } from './secure-channel.ts'

/** A command for a security domain, out of its secure channel. */
export interface DomainAsked extends Asked {
  readonly domain: Application
}

/** What a command needs before it is looked at: nothing, a session, or a session with the card's least security level. */
export type Need = 'nothing' | 'session' | 'protection'

export function need({ card, channel }: DomainAsked, what: Need): void {
  if (what === 'nothing') return
  const protection = authenticated(channel)?.state ?? channel.trust
  if (protection === undefined) throw new CardRefusal('channel.needed')
  if (what === 'protection' && (card.minimumLevel & ~protection.level) !== 0) throw new CardRefusal('channel.needed')
}

/** The key under which secrets come to a security domain, of the session or of the message over the air. */
export function keyEncryptionOf({ channel }: DomainAsked): KeyEncryption {
  const encryption = authenticated(channel)?.state ?? channel.trust?.keyEncryption
  if (encryption === undefined) throw new CardRefusal('channel.needed')
  return encryption
}

export const isIssuer = (registry: Registry, { aid }: Application): boolean => sameOctets(aid, registry.issuer.aid)

export const has = ({ privileges }: Application, privilege: Privilege): boolean => privileges.includes(privilege)

/** Only what is itself or stands below it in the tree of security domains. */
export function needOwn({ card, domain }: DomainAsked, application: Application): void {
  if (sameOctets(application.aid, domain.aid) || isBelow(card.registry, application, domain.aid)) return
  throw new CardRefusal('privilege.other-domain')
}

/** Itself, or what is associated with it and no domain between: the association that personalization follows. GPCS §7.3.3. */
export function needNearest({ domain }: DomainAsked, { aid, securityDomain }: Application): void {
  if (sameOctets(aid, domain.aid) || sameOctets(securityDomain, domain.aid)) return
  throw new CardRefusal('privilege.other-domain')
}

/** Rights over the whole card, which the issuer alone can give. */
export const issuersOnly: readonly Privilege[] = [
  'cardLock',
  'cardTerminate',
  'globalDelete',
  'globalLock',
  'globalRegistry',
  'mandatedDapVerification',
  'cardReset',
  'finalApplication',
]

/**
 * Privileges that this card can keep its word on. Tokens and receipts stay with the issuer; a global PIN (CVM) and global
 * services are not there.
 */
export const grantable: Readonly<Record<'securityDomain' | 'application', readonly Privilege[]>> = {
  securityDomain: [
    'securityDomain',
    'dapVerification',
    'delegatedManagement',
    'authorizedManagement',
    'trustedPath',
    'cipheredLoadFileDataBlock',
    ...issuersOnly,
  ],
  application: ['cardReset', 'finalApplication', 'contactlessActivation', 'contactlessSelfActivation'],
}
