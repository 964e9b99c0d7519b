/** INSTALL [for extradition] and [for registry update]: another security domain, other privileges. GPCS v2.3.1 §9.4. */
import {
  type InstallForExtradition,
  type InstallForRegistryUpdate,
  readLengthValues,
} from '@mobile-jpki/globalplatform'
import type { ParamsOf, ResponseApdu } from '@mobile-jpki/iso7816'
import { sameOctets } from '@mobile-jpki/tlv'
import {
  type Application,
  existing,
  isBelow,
  isPartOfCard,
  isSecurityDomain,
  type Registry,
} from '../domain/registry.ts'
import { CardRefusal } from '../domain/rules.ts'
import { confirm, needContentManagement } from '../security-domain/delegation.ts'
import { domainOptions } from '../security-domain/keys.ts'
import { type DomainAsked, has, isIssuer, needOwn } from '../security-domain/rights.ts'
import { checkPrivileges, putWithPrivileges } from './privileges.ts'

export function extradite(asked: DomainAsked, { data }: ParamsOf<typeof InstallForExtradition>): ResponseApdu {
  const { registry } = asked.card
  const permission = needContentManagement(asked)
  const to = domainOf(registry, data.securityDomain)
  const file = registry.loadFile(data.application)
  const from = (file ?? existing(registry.application(data.application), 'install.no-application')).securityDomain
  move(asked, data.application, to)
  return confirm(asked, permission, { of: 'extradition', from, application: data.application, to: to.aid })
}

/** INSTALL [for registry update]: another security domain, other privileges, or both. GPCS §9.4.2. */
export function updateRegistry(asked: DomainAsked, { data }: ParamsOf<typeof InstallForRegistryUpdate>): ResponseApdu {
  const { registry } = asked.card
  const permission = needContentManagement(asked)
  const aid = data.application ?? asked.domain.aid
  const from = (registry.loadFile(aid) ?? existing(registry.application(aid), 'install.no-application')).securityDomain
  const application = registry.application(aid)
  if (data.privileges !== undefined) {
    if (application === undefined) throw new CardRefusal('privilege.grant', 'A load file has no privileges.')
    needOwn(asked, application)
    if (isIssuer(registry, application) || isPartOfCard(application)) throw new CardRefusal('privilege.grant')
    const updated = { ...application, privileges: data.privileges }
    checkPrivileges(asked, updated)
    putWithPrivileges(registry, updated)
  }
  const to = data.securityDomain
  if (to !== undefined && !sameOctets(from, to)) move(asked, aid, domainOf(registry, to))
  const [, , , privileges = none, parameters = none] = readLengthValues(asked.apdu.data)
  const context = { of: 'registry update', from, application: aid, to: to ?? none, privileges, parameters } as const
  return confirm(asked, permission, context)
}

const none = new Uint8Array()

function domainOf(registry: Registry, aid: Uint8Array): Application {
  const domain = existing(registry.application(aid), 'install.no-domain')
  if (!isSecurityDomain(domain)) throw new CardRefusal('install.no-domain')
  return domain
}

function move(asked: DomainAsked, aid: Uint8Array, to: Application): void {
  const { registry } = asked.card
  const file = registry.loadFile(aid)
  if (file === undefined) {
    moveApplication(asked, existing(registry.application(aid), 'install.no-application'), to)
    return
  }
  needOwn(asked, existing(registry.application(file.securityDomain), 'install.no-domain'))
  if (registry.program(file.aid) === undefined) throw new CardRefusal('install.extradition')
  needAcceptance(asked, to)
  registry.putLoadFile({ ...file, securityDomain: to.aid })
}

function moveApplication(asked: DomainAsked, application: Application, to: Application): void {
  const { registry } = asked.card
  needOwn(asked, application)
  if (!sameOctets(application.securityDomain, asked.domain.aid) && !letsGo(asked, application))
    throw new CardRefusal('privilege.other-domain', 'Its domain does not let it go.')
  if (isIssuer(registry, application) || isPartOfCard(application)) throw new CardRefusal('install.extradition')
  if (sameOctets(application.aid, to.aid)) needOwnTree(application)
  else {
    if (isBelow(registry, to, application.aid)) throw new CardRefusal('install.extradition')
    needAcceptance(asked, to)
  }
  registry.put({ ...application, securityDomain: to.aid })
}

/** A security domain that is associated with itself begins a tree of its own: it must be able to manage it. GPCS §7.2. */
function needOwnTree(application: Application): void {
  if (!isSecurityDomain(application) || !has(application, 'authorizedManagement'))
    throw new CardRefusal('install.extradition', 'Only authorized management lets a security domain stand by itself.')
}

/** A domain in between decides, by tag 87 of its installation, whether others may take its applications away. UICC Configuration table 3-2. */
const letsGo = ({ card }: DomainAsked, { securityDomain }: Application): boolean =>
  says(domainOptions(card.nvm, securityDomain).acceptsExtraditionAway) ?? false

/** By tag 82, a domain takes from everybody or from nobody; without it, what stands above it may give. */
function needAcceptance({ card, domain }: DomainAsked, to: Application): void {
  const accepts = says(domainOptions(card.nvm, to.aid).acceptsExtraditionHere)
  const near = sameOctets(to.aid, domain.aid) || isBelow(card.registry, to, domain.aid)
  if (!(accepts ?? near)) throw new CardRefusal('install.extradition', 'The security domain does not accept it.')
}

/** Any bit says yes; undefined where the domain was told nothing. */
export const says = (flags: Uint8Array | undefined): boolean | undefined => flags?.some((octet) => octet !== 0)
