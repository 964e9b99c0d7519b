/**
 * The card between its contacts and its applications: one APDU in, one answer out, and all that it writes lasts as a
 * whole or not at all. The only place where a refusal becomes a status word.
 */
import { cardStates } from '@mobile-jpki/globalplatform'
import {
  type CommandApdu,
  encodeResponseApdu,
  logicalChannel,
  parseCommandApdu,
  type ResponseApdu,
} from '@mobile-jpki/iso7816'
import { askAccessRules } from '../access-rules/application.ts'
import { askAuthority } from '../controlling-authority/service.ts'
import { needRemoteCommand } from '../over-the-air/script.ts'
import { askToolkit, isForTerminal } from '../over-the-air/toolkit.ts'
import { askProgram } from '../program/instances.ts'
import { askSecurityDomain } from '../security-domain/commands.ts'
import { askFiles, askUsim, isFileCommand, isUsim } from '../uicc/commands.ts'
import { checkMemory } from './memory.ts'
import { CardRefusal, refusedAnswer } from './rules.ts'
import { isLeft, isManageChannel, isSelectByName, manageChannel, select } from './selection.ts'
import {
  type Asked,
  type CardContext,
  type Channel,
  contactlessChannel,
  type Interface,
  isOverTheAir,
  type RunCommand,
  type Transaction,
} from './state.ts'

export const transact = (card: CardContext, octets: Uint8Array, over: Interface = 'contact'): Transaction =>
  perform(card, octets, ({ cla }) =>
    card.channels.get(logicalChannel(cla) + (over === 'contactless' ? contactlessChannel : 0)),
  )

/** A command of a script over the air: the channel of its security domain is the only one there. */
const performOverTheAir: RunCommand = (card, channel, octets) =>
  perform(card, octets, ({ cla }) => (logicalChannel(cla) === 0 ? channel : undefined))

function perform(
  card: CardContext,
  octets: Uint8Array,
  channelOf: (apdu: CommandApdu) => Channel | undefined,
): Transaction {
  try {
    const apdu = readCommand(card, octets)
    const response = dispatch(card, apdu, channelOf(apdu))
    checkMemory(card)
    card.nvm.commit()
    return { answer: encodeResponseApdu(response), refusal: undefined }
  } catch (error) {
    card.nvm.rollback()
    const { response, refusal } = refusedAnswer(error)
    return { answer: encodeResponseApdu(response), refusal }
  }
}

function readCommand({ largestData }: CardContext, octets: Uint8Array): CommandApdu {
  const apdu = parseCommandApdu(octets)
  if (apdu.data.length > largestData)
    throw new CardRefusal('apdu.length', `This card takes ${largestData} octets of data at most.`)
  const { cla } = apdu
  // 20 to 3F are reserved, FF is invalid; A0 to BF belong to other worlds (GSM). ISO/IEC 7816-4 §5.4.1.
  if (cla === 0xff || (cla & 0x60) === 0x20) throw new CardRefusal('apdu.class')
  if ((cla & 0x10) !== 0 && (cla & 0x40) === 0) throw new CardRefusal('apdu.chaining')
  return apdu
}

function dispatch(card: CardContext, apdu: CommandApdu, channel: Channel | undefined): ResponseApdu {
  if (channel === undefined) throw new CardRefusal('channel.not-open')
  const asked: Asked = { card, channel, apdu }
  const { issuer } = card.registry
  if (issuer.lifeCycle === cardStates.TERMINATED && apdu.ins !== 0xca) throw new CardRefusal('card.terminated')
  if (isOverTheAir(channel)) needRemoteCommand(asked)
  if ((apdu.cla & 0x80) === 0) {
    if (isManageChannel(apdu)) return manageChannel(asked)
    if (isSelectByName(apdu)) return select(asked)
  }
  const { selected } = channel
  if (selected === undefined) throw new CardRefusal('select.none')
  if (issuer.lifeCycle === cardStates.CARD_LOCKED && !isLeft(card.registry, selected))
    throw new CardRefusal('card.locked')
  const application = card.registry.application(selected)
  if (isForTerminal(asked, application)) return askToolkit(asked, performOverTheAir)
  if (isUsim(selected)) return askUsim(asked)
  if (application === undefined) throw new CardRefusal('select.none')
  if (application.kind !== 'program' && isFileCommand(asked)) return askFiles(asked)
  switch (application.kind) {
    case 'securityDomain':
      return askSecurityDomain(asked, application)
    case 'authority':
      return askAuthority(asked)
    case 'program':
      return askProgram(asked, application)
    case 'accessRules':
      return askAccessRules(asked)
  }
}
