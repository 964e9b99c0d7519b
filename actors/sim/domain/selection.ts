/** MANAGE CHANNEL and SELECT by name: which application a logical channel speaks with. GPCS v2.3.1 §6.3, §6.4, §11.7, §11.9. */

import { cardStates, FileControlInformation } from '@mobile-jpki/globalplatform'
import { SW } from '@mobile-jpki/iso7816'
import { sameOctets } from '@mobile-jpki/tlv'
import { forget, isRunning, runningProgram } from '../program/instances.ts'
import { enterUsim, isUsim, namesUsim } from '../uicc/commands.ts'
import { isSelectable } from './life-cycle.ts'
import { checkMemory } from './memory.ts'
import type { Application, Registry } from './registry.ts'
import { CardRefusal } from './rules.ts'
import {
  type Asked,
  answer,
  type CardContext,
  contactlessChannel,
  endSession,
  type OnChannel,
  openChannel,
} from './state.ts'

export const isManageChannel = ({ ins }: { ins: number }): boolean => ins === 0x70
export const isSelectByName = ({ ins, p1 }: { ins: number; p1: number }): boolean => ins === 0xa4 && p1 === 0x04

export function manageChannel({ card, channel, apdu: { p1, p2, data } }: Asked) {
  if (channel.number === contactlessChannel) throw new CardRefusal('channel.none-free')
  if (data.length > 0) throw new CardRefusal('apdu.length')
  if (p1 === 0x00) {
    const number = p2 === 0 ? firstFree(card) : p2
    if (number > card.highestChannel) throw new CardRefusal(p2 === 0 ? 'channel.none-free' : 'apdu.parameters')
    if (card.channels.has(number)) throw new CardRefusal('apdu.parameters', 'The channel is open already.')
    card.channels.set(number, openChannel(number, card.registry.issuer.aid))
    return answer(p2 === 0 ? Uint8Array.of(number) : undefined)
  }
  if (p1 !== 0x80) throw new CardRefusal('apdu.parameters')
  if (p2 === 0) throw new CardRefusal('channel.basic')
  if (p2 > card.highestChannel) throw new CardRefusal('apdu.parameters')
  const closing = card.channels.get(p2)
  if (closing === undefined) throw new CardRefusal('channel.not-open')
  leave({ card, channel: closing })
  card.channels.delete(p2)
  return answer()
}

function firstFree({ channels, highestChannel }: CardContext): number {
  for (let number = 1; number <= highestChannel; number++) if (!channels.has(number)) return number
  return highestChannel + 1
}

const firstOrOnly = 0x00
const next = 0x02

export function select(asked: Asked) {
  const { card, channel, apdu } = asked
  const occurrence = apdu.p2 & 0x03
  if ((occurrence !== firstOrOnly && occurrence !== next) || (apdu.p2 & 0xf0) !== 0)
    throw new CardRefusal('apdu.parameters')
  if (apdu.data.length > 16) throw new CardRefusal('apdu.length')
  const { registry } = card
  const overAntenna = channel.number === contactlessChannel
  const reachable = overAntenna ? registry.applications().filter(isActivated) : selectable(registry)
  const found = chosen(registry, reachable, apdu.data, occurrence === next ? channel.selected : undefined)
  if (found === undefined && overAntenna) throw new CardRefusal('select.contactless')
  if (found === undefined) {
    if (occurrence === next || !namesUsim(apdu.data) || registry.issuer.lifeCycle === cardStates.CARD_LOCKED)
      throw new CardRefusal('select.not-found')
    leave(asked)
    return enterUsim(asked)
  }
  if (registry.issuer.lifeCycle === cardStates.CARD_LOCKED && !isLeft(registry, found.aid))
    throw new CardRefusal('select.not-found', 'The card is locked.')
  const elsewhere = [...card.channels.values()].some(
    (other) => other !== channel && other.selected !== undefined && sameOctets(other.selected, found.aid),
  )
  if (elsewhere && found.kind === 'program' && !runningProgram(asked, found).multiSelectable)
    throw new CardRefusal('select.in-use')

  leave(asked)
  const control = enter(asked, found)
  const sw = registry.issuer.lifeCycle === cardStates.CARD_LOCKED ? SW.cardLocked : SW.ok
  return answer((apdu.p2 & 0x0c) === 0x0c ? undefined : control, sw)
}

/** What is left to select while the card is locked. GPCS §5.1.1.4, §6.6.1. */
export const isLeft = (registry: Registry, aid: Uint8Array): boolean =>
  sameOctets(aid, registry.issuer.aid) || (registry.application(aid)?.privileges.includes('finalApplication') ?? false)

/** At reset the application with Card Reset is selected on the basic channel, at first the issuer's. GPCS §6.4.1, JCRE §4.1. */
export function selectDefault(card: CardContext): void {
  const { registry } = card
  const channel = card.channels.get(0)
  const chosen = registry.applications().find(({ privileges }) => privileges.includes('cardReset'))
  if (channel === undefined || chosen === undefined || isIt(registry.issuer)(chosen)) return
  const locked = registry.issuer.lifeCycle === cardStates.CARD_LOCKED && !isLeft(registry, chosen.aid)
  if (locked || !isSelectable(chosen.lifeCycle)) return
  channel.selected = undefined
  try {
    enter({ card, channel }, chosen)
    checkMemory(card)
    card.nvm.commit()
  } catch (error) {
    card.nvm.rollback()
    if (!(error instanceof CardRefusal)) throw error
  }
}

const isIt =
  (one: Application) =>
  ({ aid }: Application): boolean =>
    sameOctets(aid, one.aid)

const selectable = (registry: Registry): readonly Application[] =>
  registry.applications().filter((one) => isSelectable(one.lifeCycle) || isIt(registry.issuer)(one))

/** Security domains stay away from the antenna. Amendment C. */
const isActivated = ({ kind, lifeCycle, contactless }: Application): boolean =>
  kind === 'program' && isSelectable(lifeCycle) && contactless === 'activated'

/** A name of no octets asks for the issuer security domain; a shorter name than five octets is too vague. */
function chosen(
  { issuer }: Registry,
  reachable: readonly Application[],
  name: Uint8Array,
  after: Uint8Array | undefined,
): Application | undefined {
  if (name.length === 0) return after === undefined && reachable.some(isIt(issuer)) ? issuer : undefined
  if (name.length < 5) return undefined
  const exact = reachable.find(({ aid }) => sameOctets(aid, name))
  if (after === undefined && exact !== undefined) return exact
  const matching = reachable.filter(({ aid }) => sameOctets(aid.subarray(0, name.length), name))
  if (after === undefined) return matching[0]
  const position = matching.findIndex(({ aid }) => sameOctets(aid, after))
  return matching[position + 1]
}

/** The old application is told, whatever it answers: JCRE §4.6. */
function leave({ card, channel }: OnChannel): void {
  const { selected } = channel
  channel.selected = undefined
  if (isUsim(selected)) channel.file = { directory: 'mf' }
  endSession(channel)
  const application = selected === undefined ? undefined : card.registry.application(selected)
  if (application?.kind !== 'program' || !isRunning({ card, channel }, application)) return
  try {
    runningProgram({ card, channel }, application).call({ name: 'deselect' })
  } catch (error) {
    if (!(error instanceof CardRefusal)) throw error
  }
}

/** Without a field, what was selected through the antenna has no RAM any more. */
export function leaveField(card: CardContext): void {
  card.channels.set(contactlessChannel, openChannel(contactlessChannel, undefined))
  for (const { aid } of card.registry.applications()) forget(card, aid, contactlessChannel)
}

function enter(on: OnChannel, application: Application): Uint8Array {
  const control =
    application.kind === 'program' ? runningProgram(on, application).call({ name: 'select' }).data : undefined
  on.channel.selected = application.aid
  return control ?? fileControlInformation(on.card, application.aid)
}

/** GPCS §11.9.3.1: the application's AID, and the longest command data field. */
const fileControlInformation = ({ largestData }: CardContext, aid: Uint8Array): Uint8Array =>
  FileControlInformation.encode({ aid, proprietary: { maximumDataLength: largestData } })
