/** INSTALL [for install] and [for make selectable], alone or behind LOAD. GPCS v2.3.1 §9.3.3, §9.3.6, §9.3.7, §11.5. */
import {
  type InstallCombinedLast,
  type InstallForInstall,
  type InstallForMakeSelectable,
  SecurityDomainParameters,
  type UiccParameters,
} from '@mobile-jpki/globalplatform'
import type { ParamsOf, ResponseApdu } from '@mobile-jpki/iso7816'
import { sameOctets } from '@mobile-jpki/tlv'
import { INSTALLED, SELECTABLE } from '../domain/life-cycle.ts'
import { checkMemory, needRoom } from '../domain/memory.ts'
import { type Application, existing, isBelow, isSecurityDomain, type LoadFileEntry } from '../domain/registry.ts'
import { CardRefusal } from '../domain/rules.ts'
import { isTarTaken, keepTars } from '../over-the-air/target.ts'
import { forget, runningProgram } from '../program/instances.ts'
import { confirm, needContentManagement, needToken } from '../security-domain/delegation.ts'
import { asScp, keepDomainOptions } from '../security-domain/keys.ts'
import { type DomainAsked, needOwn } from '../security-domain/rights.ts'
import { keepLoadFile } from './load.ts'
import { checkPrivileges, putWithPrivileges } from './privileges.ts'

type Installation = ParamsOf<typeof InstallForInstall>['data']

export function install(asked: DomainAsked, { p1, data }: ParamsOf<typeof InstallForInstall>): ResponseApdu {
  const permission = needContentManagement(asked)
  putInstance(asked, data, p1 === 'install' ? INSTALLED : SELECTABLE)
  return confirm(asked, permission, { of: 'install', loadFile: data.loadFile, instance: data.instance })
}

/** The last INSTALL of a combined process: load file and application are there together, or neither. GPCS §9.3.3. */
export function installCombined(asked: DomainAsked, { data }: ParamsOf<typeof InstallCombinedLast>): ResponseApdu {
  const { card, channel } = asked
  const { load: loading } = channel
  channel.load = undefined
  if (loading?.combined === undefined || !loading.complete) throw new CardRefusal('load.not-announced')
  if (!sameOctets(loading.loadFile, data.loadFile)) throw new CardRefusal('install.no-load-file')
  if (loading.permission === 'delegated') needToken(asked, loading.combined)
  keepLoadFile(card, loading)
  putInstance(asked, data, SELECTABLE)
  return confirm(asked, loading.permission, { of: 'install', loadFile: data.loadFile, instance: data.instance })
}

function putInstance(asked: DomainAsked, data: Installation, lifeCycle: number): void {
  const { card } = asked
  const { registry } = card
  const loadFile = existing(registry.loadFile(data.loadFile), 'install.no-load-file')
  if (!loadFile.modules.some((module) => sameOctets(module, data.module))) throw new CardRefusal('install.no-module')
  if (registry.isTaken(data.instance)) throw new CardRefusal('install.aid-in-use')
  if (loadFile.content === 'bytecode') throw new CardRefusal('install.bytecode')

  const application: Application = {
    aid: data.instance,
    lifeCycle,
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
  putWithPrivileges(registry, application)
  const parameters = data.parameters?.application ?? new Uint8Array()
  if (isSecurityDomain(application)) setUpDomain(asked, application, parameters, data.parameters?.uicc)
  else setUpProgram(asked, application, parameters)
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

function setUpDomain(
  { card }: DomainAsked,
  { aid }: Application,
  parameters: Uint8Array,
  uicc: UiccParameters | undefined,
): void {
  const options = SecurityDomainParameters.decode(parameters)
  for (const [scp = 0, i = 0] of options.secureChannelProtocols)
    if (asScp(scp, i) === undefined) throw new CardRefusal('install.scp')
  keepDomainOptions(card.nvm, aid, options)
  const { tars = [], minimumSecurityLevel } = uicc?.toolkit ?? {}
  if (tars.some((tar) => isTarTaken(card, tar, aid))) throw new CardRefusal('install.tar')
  keepTars(card.nvm, aid, tars, minimumSecurityLevel)
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
  const privileges = [...new Set([...application.privileges, ...data.privileges])]
  const selectable = { ...application, lifeCycle: SELECTABLE, privileges }
  if (data.privileges.length > 0) checkPrivileges(asked, selectable)
  putWithPrivileges(registry, selectable)
  const loadFile = application.loadFile ?? new Uint8Array()
  return confirm(asked, permission, { of: 'install', loadFile, instance: application.aid })
}
