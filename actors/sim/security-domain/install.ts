/** INSTALL [for install], [for make selectable] and [for extradition]. GPCS v2.3.1 §9.3.6, §9.3.7, §9.4, §11.5. */
import {
  type InstallForExtradition,
  type InstallForInstall,
  type InstallForMakeSelectable,
  type InstallForRegistryUpdate,
  SecurityDomainParameters,
} from '@mobile-jpki/globalplatform'
import type { ParamsOf, ResponseApdu } from '@mobile-jpki/iso7816'
import { sameOctets } from '@mobile-jpki/tlv'
import { INSTALLED, SELECTABLE } from '../domain/life-cycle.ts'
import { checkMemory, needRoom } from '../domain/memory.ts'
import {
  type Application,
  existing,
  isBelow,
  isSecurityDomain,
  type LoadFileEntry,
  type Registry,
} from '../domain/registry.ts'
import { CardRefusal } from '../domain/rules.ts'
import { forget, runningProgram } from '../program/instances.ts'
import { confirm, needContentManagement } from './delegation.ts'
import { asScp, domainOptions, keepDomainOptions } from './keys.ts'
import { type DomainAsked, grantable, isIssuer, issuersOnly, needOwn } from './rights.ts'

export function install(asked: DomainAsked, { p1, data }: ParamsOf<typeof InstallForInstall>): ResponseApdu {
  const { card } = asked
  const { registry } = card
  const permission = needContentManagement(asked)
  const loadFile = existing(registry.loadFile(data.loadFile), 'install.no-load-file')
  if (!loadFile.modules.some((module) => sameOctets(module, data.module))) throw new CardRefusal('install.no-module')
  if (registry.isTaken(data.instance)) throw new CardRefusal('install.aid-in-use')

  const application: Application = {
    aid: data.instance,
    lifeCycle: p1 === 'install' ? INSTALLED : SELECTABLE,
    privileges: data.privileges,
    kind: registry.program(loadFile.aid) === undefined ? 'securityDomain' : 'program',
    securityDomain: domainFor(asked, loadFile),
    loadFile: loadFile.aid,
    module: data.module,
    memory: memoryOf(data.parameters?.system),
  }
  checkPrivileges(asked, application)
  const { volatile, nonVolatile, reservedVolatile, reservedNonVolatile } = application.memory ?? {}
  needRoom(card, application.securityDomain, reservedNonVolatile ?? nonVolatile ?? 0, reservedVolatile ?? volatile ?? 0)
  registry.put(application)
  const parameters = data.parameters?.application ?? new Uint8Array()
  if (isSecurityDomain(application)) setUpDomain(asked, application, parameters)
  else setUpProgram(asked, application, parameters)
  return confirm(asked, permission, { of: 'install', loadFile: loadFile.aid, instance: application.aid })
}

type SystemParameters = NonNullable<ParamsOf<typeof InstallForInstall>['data']['parameters']>['system']

/** A reservation above the quota contradicts itself. GPCS §11.5.2.3.7. */
function memoryOf(system: SystemParameters): NonNullable<Application['memory']> {
  const { volatileMemory, nonVolatileMemory, reservedVolatileMemory, reservedNonVolatileMemory } = system ?? {}
  const fits = (reserved = 0, quota = Number.POSITIVE_INFINITY) => reserved <= quota
  if (!fits(reservedVolatileMemory, volatileMemory) || !fits(reservedNonVolatileMemory, nonVolatileMemory))
    throw new CardRefusal('apdu.data', 'More memory is to be reserved than the quota allows.')
  return {
    ...(volatileMemory !== undefined && { volatile: volatileMemory }),
    ...(nonVolatileMemory !== undefined && { nonVolatile: nonVolatileMemory }),
    ...(reservedVolatileMemory !== undefined && { reservedVolatile: reservedVolatileMemory }),
    ...(reservedNonVolatileMemory !== undefined && { reservedNonVolatile: reservedNonVolatileMemory }),
  }
}

/** The domain of the load file, if it stands below the one that installs; otherwise that one itself. GPCS §9.3.6. */
function domainFor({ card, domain }: DomainAsked, { securityDomain }: LoadFileEntry): Uint8Array {
  const owner = card.registry.application(securityDomain)
  return owner !== undefined && isBelow(card.registry, owner, domain.aid) ? owner.aid : domain.aid
}

/** Only what this card can keep its word on; global rights come from the issuer alone. GPCS §6.6.2. */
function checkPrivileges({ card, domain }: DomainAsked, { kind, privileges }: Application): void {
  const refuse = (detail: string) => new CardRefusal('privilege.grant', detail)
  const isDomain = kind === 'securityDomain'
  if (privileges.includes('securityDomain') !== isDomain)
    throw refuse('The privilege security domain goes with the security domain package, and with nothing else.')
  if (privileges.includes('delegatedManagement') && privileges.includes('authorizedManagement'))
    throw refuse('Delegated and authorized management exclude each other.')
  for (const privilege of privileges) {
    if (!grantable[kind === 'securityDomain' ? kind : 'application'].includes(privilege))
      throw refuse(`${privilege} is not offered to this kind of application.`)
    if (issuersOnly.includes(privilege) && !isIssuer(card.registry, domain))
      throw refuse(`${privilege} is the issuer's to give.`)
  }
}

function setUpDomain({ card }: DomainAsked, { aid }: Application, parameters: Uint8Array): void {
  const options = SecurityDomainParameters.decode(parameters)
  for (const [scp = 0, i = 0] of options.secureChannelProtocols)
    if (asScp(scp, i) === undefined) throw new CardRefusal('install.scp')
  keepDomainOptions(card.nvm, aid, options)
}

function setUpProgram(asked: DomainAsked, application: Application, parameters: Uint8Array): void {
  try {
    runningProgram(asked, application).call({ name: 'install', data: parameters })
    checkMemory(asked.card)
  } catch (error) {
    forget(asked.card, application.aid)
    if (error instanceof CardRefusal && error.rule === 'program.failed')
      throw new CardRefusal('install.refused', error.message)
    throw error
  }
}

export function makeSelectable(asked: DomainAsked, { data }: ParamsOf<typeof InstallForMakeSelectable>): ResponseApdu {
  const { registry } = asked.card
  const permission = needContentManagement(asked)
  const application = existing(registry.application(data.instance), 'install.no-application')
  needOwn(asked, application)
  if (application.lifeCycle !== INSTALLED) throw new CardRefusal('install.state')
  registry.put({ ...application, lifeCycle: SELECTABLE })
  const loadFile = application.loadFile ?? new Uint8Array()
  return confirm(asked, permission, { of: 'install', loadFile, instance: application.aid })
}

export function extradite(asked: DomainAsked, { data }: ParamsOf<typeof InstallForExtradition>): ResponseApdu {
  const { registry } = asked.card
  const permission = needContentManagement(asked)
  const target = existing(registry.application(data.securityDomain), 'install.no-domain')
  if (!isSecurityDomain(target)) throw new CardRefusal('install.no-domain')
  const file = registry.loadFile(data.application)
  const from = file === undefined ? extraditeApplication(asked, data.application, target) : file.securityDomain
  if (file !== undefined) extraditeLoadFile(asked, file, target)
  return confirm(asked, permission, { of: 'extradition', from, application: data.application, to: target.aid })
}

/** INSTALL [for registry update]: another security domain, other privileges, or both. GPCS §9.4.2. */
export function updateRegistry(asked: DomainAsked, { data }: ParamsOf<typeof InstallForRegistryUpdate>): ResponseApdu {
  const { registry } = asked.card
  const permission = needContentManagement(asked)
  const aid = data.application ?? asked.domain.aid
  const application = existing(registry.application(aid), 'install.no-application')
  needOwn(asked, application)
  if (isIssuer(registry, application) || application.kind === 'authority') throw new CardRefusal('privilege.grant')
  if (data.privileges !== undefined) {
    checkPrivileges(asked, { ...application, privileges: data.privileges })
    registry.put({ ...application, privileges: data.privileges })
  }
  const to = existing(registry.application(data.securityDomain ?? application.securityDomain), 'install.no-domain')
  if (!isSecurityDomain(to)) throw new CardRefusal('install.no-domain')
  const from = application.securityDomain
  if (!sameOctets(from, to.aid)) extraditeApplication(asked, aid, to)
  return confirm(asked, permission, { of: 'extradition', from, application: aid, to: to.aid })
}

function extraditeLoadFile(asked: DomainAsked, file: LoadFileEntry, target: Application): void {
  const { registry } = asked.card
  needOwn(asked, existing(registry.application(file.securityDomain), 'install.no-domain'))
  if (registry.program(file.aid) === undefined) throw new CardRefusal('install.extradition')
  registry.putLoadFile({ ...file, securityDomain: target.aid })
}

function extraditeApplication(asked: DomainAsked, aid: Uint8Array, target: Application): Uint8Array {
  const { registry } = asked.card
  const application = existing(registry.application(aid), 'install.no-application')
  needOwn(asked, application)
  if (!sameOctets(application.securityDomain, asked.domain.aid) && !letsGo(asked, application))
    throw new CardRefusal('privilege.other-domain', 'Its domain does not let it go.')
  checkExtradition(registry, application, target)
  registry.put({ ...application, securityDomain: target.aid })
  return application.securityDomain
}

/** A domain in between decides, by tag 87 of its installation, whether others may take its applications away. UICC Configuration table 3-2. */
const letsGo = ({ card }: DomainAsked, { securityDomain }: Application): boolean =>
  domainOptions(card.nvm, securityDomain).acceptsExtraditionAway?.some((octet) => octet !== 0) ?? false

/** A security domain goes neither below itself nor, here, to itself; the issuer's stays where it is. */
function checkExtradition(registry: Registry, application: Application, target: Application): void {
  const circle = sameOctets(application.aid, target.aid) || isBelow(registry, target, application.aid)
  if (circle || isIssuer(registry, application) || application.kind === 'authority')
    throw new CardRefusal('install.extradition')
}
