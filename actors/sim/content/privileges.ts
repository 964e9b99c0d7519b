/** Who may be given which privilege, by whom, and what follows for others. GPCS v2.3.1 §6.6. */
import type { Privilege } from '@mobile-jpki/globalplatform'
import { sameOctets } from '@mobile-jpki/tlv'
import type { Application, Registry } from '../domain/registry.ts'
import { CardRefusal } from '../domain/rules.ts'
import { type DomainAsked, grantable, has, isIssuer, issuersOnly } from '../security-domain/rights.ts'

/** Only what this card can keep its word on; global rights come from the issuer alone. GPCS §6.6.2. */
export function checkPrivileges({ card, domain }: DomainAsked, { kind, privileges }: Application): void {
  const refuse = (detail: string) => new CardRefusal('privilege.grant', detail)
  const isDomain = kind === 'securityDomain'
  if (privileges.includes('securityDomain') !== isDomain)
    throw refuse('The privilege security domain goes with the security domain package, and with nothing else.')
  if (privileges.includes('delegatedManagement') && privileges.includes('authorizedManagement'))
    throw refuse('Delegated and authorized management exclude each other.')
  for (const privilege of privileges) {
    if (!grantable[isDomain ? 'securityDomain' : 'application'].includes(privilege))
      throw refuse(`${privilege} is not offered to this kind of application.`)
    if (issuersOnly.includes(privilege) && !isIssuer(card.registry, domain))
      throw refuse(`${privilege} is the issuer's to give.`)
  }
}

/** One in the card has it at a time: at first the issuer security domain. GPCS §6.6.1. */
const unique = ['cardReset', 'finalApplication'] as const satisfies readonly Privilege[]

/** Puts the entry. A privilege of which there is one passes from the issuer, and from nobody else. */
export function putWithPrivileges(registry: Registry, application: Application): void {
  for (const privilege of unique) {
    const holder = registry.applications().find((one) => has(one, privilege))
    if (!has(application, privilege) || holder === undefined || sameOctets(holder.aid, application.aid)) continue
    if (!isIssuer(registry, holder)) throw new CardRefusal('privilege.grant', `Another application has ${privilege}.`)
    registry.put({ ...holder, privileges: holder.privileges.filter((each) => each !== privilege) })
  }
  registry.put(application)
  giveBack(registry)
}

/** What nobody has any more falls back to the issuer. */
export function giveBack(registry: Registry): void {
  for (const privilege of unique) {
    if (registry.applications().some((one) => has(one, privilege))) continue
    const { issuer } = registry
    registry.put({ ...issuer, privileges: [...issuer.privileges, privilege] })
  }
}
