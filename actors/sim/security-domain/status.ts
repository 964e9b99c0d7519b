/** GET STATUS and SET STATUS: reading the registry, and moving what stands in it along its life cycle. GPCS v2.3.1 §11.4, §11.10. */
import {
  cardStates,
  type GetStatus,
  isLocked,
  RegistryEntry,
  type SetContactlessState,
  type SetStatus,
} from '@mobile-jpki/globalplatform'
import { type ParamsOf, type ResponseApdu, SW } from '@mobile-jpki/iso7816'
import { concat, readTlvs, sameOctets, writeTlv } from '@mobile-jpki/tlv'
import { applicationAfter, cardAfter, isSelectable } from '../domain/life-cycle.ts'
import { type Application, existing, isBelow, isSecurityDomain, type LoadFileEntry } from '../domain/registry.ts'
import { CardRefusal } from '../domain/rules.ts'
import { leaveField } from '../domain/selection.ts'
import { answer } from '../domain/state.ts'
import { stop } from '../program/instances.ts'
import { type DomainAsked, has, isIssuer, needOwn } from './rights.ts'

/** One answer stays below 256 octets under any secure messaging. */
const longestAnswer = 0xe0

export function getStatus(asked: DomainAsked, { p1, p2, data }: ParamsOf<typeof GetStatus>): ResponseApdu {
  const { channel } = asked
  const of = `${p1} ${asked.apdu.data.toHex()}`
  const waiting = channel.listing
  channel.listing = undefined
  if (p2 === 'next' && waiting?.of !== of) throw new CardRefusal('status.no-next')
  const found =
    p2 === 'next' && waiting ? waiting.rest : entries(asked, p1, data.aid).map((entry) => show(entry, data.tags))
  if (found.length === 0) throw new CardRefusal('status.none')

  const page: Uint8Array[] = []
  let size = 0
  for (const entry of found) {
    if (page.length > 0 && size + entry.length > longestAnswer) break
    page.push(entry)
    size += entry.length
  }
  const rest = found.slice(page.length)
  if (rest.length > 0) channel.listing = { of, rest }
  return answer(concat(...page), rest.length > 0 ? SW.moreDataAvailable : SW.ok)
}

/** The issuer sees all; another security domain sees itself and what stands below it, unless it has the global registry. */
function entries(
  { card, domain }: DomainAsked,
  p1: ParamsOf<typeof GetStatus>['p1'],
  aid: Uint8Array,
): RegistryEntry[] {
  const { registry } = card
  const all = isIssuer(registry, domain) || has(domain, 'globalRegistry')
  const isSeen = (one: Application) => all || sameOctets(one.aid, domain.aid) || isBelow(registry, one, domain.aid)
  const fits = (name: Uint8Array) => sameOctets(name.subarray(0, aid.length), aid)
  if (p1 === 'loadFiles' || p1 === 'loadFilesAndModules') {
    const isOwn = ({ securityDomain }: LoadFileEntry) => {
      const owner = registry.application(securityDomain)
      return owner !== undefined && isSeen(owner)
    }
    return registry
      .loadFiles()
      .filter((file) => fits(file.aid) && (all || isOwn(file)))
      .map((file) => ({
        aid: file.aid,
        lifeCycle: file.lifeCycle,
        implicitSelection: [],
        loadFileVersion: file.version,
        modules: p1 === 'loadFiles' ? [] : file.modules,
        securityDomain: file.securityDomain,
      }))
  }
  return registry
    .applications()
    .filter((one) => fits(one.aid) && isSeen(one) && isIssuer(registry, one) === (p1 === 'issuerSecurityDomain'))
    .map(({ aid, lifeCycle, contactless, privileges, loadFile, securityDomain }) => ({
      aid,
      lifeCycle,
      ...(contactless && { contactless }),
      privileges,
      implicitSelection: [],
      modules: [],
      securityDomain,
      ...(loadFile && { loadFile }),
    }))
}

/** A tag list asks for some of the data objects; the AID always comes. */
function show(entry: RegistryEntry, tags: Uint8Array | undefined): Uint8Array {
  const whole = RegistryEntry.encode(entry)
  if (tags === undefined || tags.length === 0) return writeTlv(0xe3, whole)
  const asked = tagsIn(tags)
  const some = [...readTlvs(whole)].filter(({ tag }) => tag === 0x4f || asked.includes(tag))
  return writeTlv(0xe3, concat(...some.map(({ tag, value }) => writeTlv(tag, value))))
}

function tagsIn(list: Uint8Array): readonly number[] {
  const tags: number[] = []
  for (let at = 0; at < list.length; at++) {
    const first = list[at] ?? 0
    const second = (first & 0x1f) === 0x1f ? list[++at] : undefined
    tags.push(second === undefined ? first : (first << 8) | second)
  }
  return tags
}

export function setStatus(asked: DomainAsked, { p1, p2, data }: ParamsOf<typeof SetStatus>): ResponseApdu {
  const { registry } = asked.card
  if (p1 === 'issuerSecurityDomain') return moveCard(asked, p2)
  const target = existing(registry.application(data), 'install.no-application')
  if (isIssuer(registry, target)) throw new CardRefusal('status.transition', 'The card itself is moved by P1 80.')
  const together = p1 === 'securityDomainAndApplications'
  const others = registry.applications().filter((one) => together && isBelow(registry, one, target.aid))
  if (together && !isSecurityDomain(target)) throw new CardRefusal('install.no-domain')
  move(asked, target, p2)
  for (const one of others) if (isLocked(one.lifeCycle) !== isLocked(p2)) move(asked, one, p2)
  return answer()
}

/** For the antenna, by the security domain that an application stands below. It leaves the field at once. Amendment C. */
export function setContactlessState(
  asked: DomainAsked,
  { p2, data }: ParamsOf<typeof SetContactlessState>,
): ResponseApdu {
  const { card } = asked
  const target = existing(card.registry.application(data.aid), 'install.no-application')
  needOwn(asked, target)
  if (target.kind !== 'program' || !isSelectable(target.lifeCycle)) throw new CardRefusal('contactless.none')
  card.registry.put({ ...target, contactless: p2 })
  if (p2 === 'deactivated') leaveField(card)
  return answer()
}

function move({ card, domain }: DomainAsked, target: Application, state: number): void {
  const itself = sameOctets(target.aid, domain.aid)
  if (!itself && !isBelow(card.registry, target, domain.aid) && !has(domain, 'globalLock'))
    throw new CardRefusal('privilege.other-domain')
  const lifeCycle = applicationAfter(target.lifeCycle, state, itself ? 'itself' : 'its domain')
  card.registry.put({ ...target, lifeCycle })
  if (isLocked(lifeCycle) && !itself) stop(card, target.aid)
}

function moveCard({ card, domain }: DomainAsked, state: number): ResponseApdu {
  const { issuer } = card.registry
  if (state === cardStates.TERMINATED) {
    if (!has(domain, 'cardTerminate')) throw new CardRefusal('privilege.terminate')
  } else if (state === cardStates.CARD_LOCKED || issuer.lifeCycle === cardStates.CARD_LOCKED) {
    if (!has(domain, 'cardLock')) throw new CardRefusal('privilege.card-lock')
  } else if (!isIssuer(card.registry, domain)) throw new CardRefusal('privilege.other-domain')
  card.registry.put({ ...issuer, lifeCycle: cardAfter(issuer.lifeCycle, state) })
  return answer()
}
