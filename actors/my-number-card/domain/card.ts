/** The card as a whole: class octets, selection of applications, and one transaction for each command. */
import {
  ApduError,
  type Card,
  type CommandApdu,
  encodeResponseApdu,
  findCommand,
  parseCommandApdu,
  SW,
} from '@mobile-jpki/iso7816'
import { jpkiApplication, SelectApplication } from '@mobile-jpki/jpki'
import type { Nvm } from '@mobile-jpki/nvm'
import { sameOctets } from '@mobile-jpki/tlv'
import type { CardWorld } from '../contract.ts'
import { type Chip, refuse, rules, type Step } from './application.ts'
import { afterReset, afterSelection, type Session } from './session.ts'

/** The contact ATR that OpenSC knows a JPKI card by. */
export const answerToReset = Uint8Array.fromHex('3BE000FF8131FE4514')

/** Issuer security domain, GPCS v2.3.1 §H.1, and its answer to SELECT, table 11-76. */
const cardManager = Uint8Array.fromHex('A000000151000000')
const cardManagerInformation = Uint8Array.fromHex('6F108408A000000151000000A5049F6501FF')

/**
 * Refused as a My Number card was seen to refuse them, by CLA 80 and INS: UNLOCK KEY without the issuer's key,
 * SET PUBLIC IC KEY, SET SESSION KEY, and what only the iPhone's token knows.
 */
const refusedWith: Readonly<Record<number, number>> = {
  84: SW.securityStatusNotSatisfied,
  162: SW.wrongP1P2,
  174: SW.securityStatusNotSatisfied,
  252: SW.wrongLength,
}

const selectInstruction = 0xa4
const readBinaryInstruction = 0xb0
const manageChannelInstruction = 0x70

/** ISO/IEC 7816-4 §5.4.1: no logical channel, no secure messaging, no chaining. */
function checkClass({ cla, ins }: CommandApdu): void {
  if (cla === 0xff || (cla & 0xe0) === 0x20) refuse(SW.classNotSupported)
  if ((cla & 0xc0) === 0x40 || (cla & 0x03) !== 0) refuse(SW.logicalChannelNotSupported)
  if (cla === 0x08 && ins === readBinaryInstruction) refuse(SW.secureMessagingRefused)
  if ((cla & 0x0c) !== 0) refuse(SW.secureMessagingNotSupported)
  if ((cla & 0x10) !== 0) refuse(SW.commandChainingNotSupported)
  if (cla !== 0x00 && cla !== 0x80) refuse(SW.classNotSupported)
}

/** An application answers to its AID and to any beginning of it. */
const begins = (aid: Uint8Array, part: Uint8Array): boolean =>
  part.length <= aid.length && sameOctets(aid.subarray(0, part.length), part)

function selectApplication(apdu: CommandApdu): Step {
  const { p2, data: aid } = SelectApplication.fromApdu(apdu)
  if (aid.length > 0 && begins(jpkiApplication, aid)) return { next: afterSelection, sw: SW.ok }
  if (!begins(cardManager, aid)) refuse(SW.fileOrApplicationNotFound)
  return { next: afterReset, sw: SW.ok, ...(p2 === 'fileControlInformation' && { data: cardManagerInformation }) }
}

/** SELECT of the master file is of no use on this card, but answers: 6A86 after reset, nothing done in an application. */
function selectMasterFile({ data }: CommandApdu, session: Session): Step {
  if (session.selected === 'cardManager') return refuse(SW.wrongP1P2)
  return data.length === 0 ? { next: session, sw: SW.ok } : refuse(SW.fileOrApplicationNotFound)
}

function step(apdu: CommandApdu, session: Session, chip: Chip): Step {
  checkClass(apdu)
  if (apdu.ins === manageChannelInstruction) refuse(SW.logicalChannelNotSupported)
  if (SelectApplication.matches(apdu)) return selectApplication(apdu)
  if (apdu.cla === 0x00 && apdu.ins === selectInstruction && apdu.p1 === 0x00) return selectMasterFile(apdu, session)
  if (session.selected === 'cardManager') return refuse(SW.instructionNotSupported)
  const refusal = apdu.cla === 0x80 ? refusedWith[apdu.ins] : undefined
  if (refusal !== undefined) refuse(refusal)
  const command = findCommand(
    rules.map((rule) => rule.command),
    apdu,
  )
  const rule = rules.find((one) => one.command === command)
  return rule === undefined ? refuse(SW.instructionNotSupported) : rule.run(apdu, session, chip)
}

/** The card in `nvm`, without power until its first reset. Nothing survives a reset but what the memory holds. */
export function openMyNumberCard(nvm: Nvm, world: CardWorld): Card {
  const chip: Chip = { ...world, nvm }
  let session = afterReset

  const answer = (octets: Uint8Array): Step => {
    try {
      return step(parseCommandApdu(octets), session, chip)
    } catch (error) {
      if (error instanceof ApduError) return { next: session, sw: error.sw }
      nvm.rollback()
      throw error
    }
  }

  return {
    reset: async () => {
      nvm.rollback()
      session = afterReset
      return answerToReset.slice()
    },
    transmit: async (octets) => {
      const { next, sw, data = new Uint8Array() } = answer(octets)
      if (sw === SW.ok) nvm.commit()
      else nvm.rollback()
      session = next
      return encodeResponseApdu({ data, sw })
    },
  }
}
