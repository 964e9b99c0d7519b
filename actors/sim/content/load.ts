/** INSTALL [for load] and LOAD: a load file comes in blocks, is checked as a whole, and only then lasts. GPCS v2.3.1 §9.3, §11.6. */
import { type InstallForLoad, type Load, loadFileStates } from '@mobile-jpki/globalplatform'
import type { CommandApdu, ParamsOf, ResponseApdu } from '@mobile-jpki/iso7816'
import { needRoom, roomFor } from '../domain/memory.ts'
import { existing, isSecurityDomain } from '../domain/registry.ts'
import { CardRefusal } from '../domain/rules.ts'
import { answer, type CardContext, type LoadInProgress } from '../domain/state.ts'
import { confirm, managementOf, needToken, type Permission } from '../security-domain/delegation.ts'
import { type DomainAsked, needOwn } from '../security-domain/rights.ts'
import { checkLoadFile } from './load-file.ts'

export const done = (): ResponseApdu => answer(Uint8Array.of(0))

export function announceLoad(asked: DomainAsked, params: ParamsOf<typeof InstallForLoad>): ResponseApdu {
  const permission = managementOf(asked)
  if (permission === 'delegated') needToken(asked)
  return announce(asked, params, permission)
}

/** The token of a combined process comes with its last INSTALL. */
export const announceCombined = (asked: DomainAsked, params: ParamsOf<typeof InstallForLoad>): ResponseApdu =>
  announce(asked, params, managementOf(asked), asked.apdu)

function announce(
  asked: DomainAsked,
  { data }: ParamsOf<typeof InstallForLoad>,
  permission: Permission,
  combined?: CommandApdu,
): ResponseApdu {
  const { card, channel, domain } = asked
  channel.load = undefined
  if (permission === 'delegated' && data.hash === undefined) throw new CardRefusal('load.no-hash')
  if (card.registry.isTaken(data.loadFile)) throw new CardRefusal('install.aid-in-use')
  const target = existing(card.registry.application(data.securityDomain ?? domain.aid), 'install.no-domain')
  if (!isSecurityDomain(target)) throw new CardRefusal('install.no-domain')
  needOwn(asked, target)
  const { codeSize = 0, nonVolatileMemory = 0, volatileMemory = 0 } = data.parameters?.system ?? {}
  needRoom(card, target.aid, codeSize + nonVolatileMemory, volatileMemory)
  channel.load = {
    loadFile: data.loadFile,
    securityDomain: target.aid,
    hash: data.hash,
    permission,
    blocks: [],
    ...(combined && { combined }),
  }
  return done()
}

export function load(asked: DomainAsked, { p1, p2, data }: ParamsOf<typeof Load>): ResponseApdu {
  const { card, channel } = asked
  const { load: loading } = channel
  channel.load = undefined
  if (loading === undefined || loading.complete) throw new CardRefusal('load.not-announced')
  if (p2 !== loading.blocks.length % 0x100) throw new CardRefusal('load.order')
  const next = { ...loading, blocks: [...loading.blocks, data] }
  const size = next.blocks.reduce((sum, block) => sum + block.length, 0)
  if (size > roomFor(card, loading.securityDomain)) throw new CardRefusal('card.memory')
  if (p1 === 'more') {
    channel.load = next
    return answer()
  }
  if (next.combined !== undefined) {
    checkLoadFile(card, next)
    channel.load = { ...next, complete: true }
    return done()
  }
  keepLoadFile(card, next)
  const { loadFile, securityDomain } = loading
  return confirm(asked, loading.permission, { of: 'load', loadFile, securityDomain })
}

export function keepLoadFile(card: CardContext, loading: LoadInProgress): void {
  const { octets, ...checked } = checkLoadFile(card, loading)
  const { loadFile: aid, securityDomain } = loading
  card.registry.putLoadFile({ aid, lifeCycle: loadFileStates.LOADED, securityDomain, ...checked }, octets)
}
