/**
 * The card as the terminal sees it beside its applications: TERMINAL PROFILE, ENVELOPE, FETCH, TERMINAL RESPONSE on the basic
 * channel. ETSI TS 102 221 §11.2, TS 102 223. Until a terminal has told its profile, a program that is selected has these commands for itself.
 */
import { type CommandApdu, encodeResponseApdu, parseResponseApdu, type ResponseApdu } from '@mobile-jpki/iso7816'
import { EnvelopeCommand, TerminalProfile } from '@mobile-jpki/ota'
import type { Application } from '../domain/registry.ts'
import { CardRefusal } from '../domain/rules.ts'
import { type Asked, answer, type CardContext, type RunCommand } from '../domain/state.ts'
import { isFileCommand } from '../uicc/commands.ts'
import { resumeAdministration } from './administration/start.ts'
import { announced, fetch, takeResponse } from './proactive.ts'
import { deliver } from './short-messages.ts'

const ins = { terminalProfile: 0x10, fetch: 0x12, terminalResponse: 0x14, envelope: 0xc2 } as const
const ofTerminal: readonly number[] = Object.values(ins)

const isToolkitCommand = ({ cla, ins: instruction }: CommandApdu): boolean =>
  cla === 0x80 && ofTerminal.includes(instruction)

export const isForTerminal = ({ card, channel, apdu }: Asked, selected: Application | undefined): boolean =>
  channel.number === 0 && isToolkitCommand(apdu) && (card.toolkit.profile !== undefined || selected?.kind !== 'program')

export function askToolkit(asked: Asked, run: RunCommand): ResponseApdu {
  const { card, apdu } = asked
  const { toolkit } = card
  switch (apdu.ins) {
    case ins.fetch:
      return fetch(toolkit, apdu)
    case ins.terminalResponse:
      return takeResponse(toolkit, apdu)
    case ins.envelope:
      return envelope(asked, run)
    default: {
      const { data } = TerminalProfile.fromApdu(apdu)
      const isFirst = toolkit.profile === undefined
      toolkit.profile = data
      if (isFirst) resumeAdministration(card, run)
      return answer()
    }
  }
}

function envelope({ card, apdu }: Asked, run: RunCommand): ResponseApdu {
  const { data } = EnvelopeCommand.fromApdu(apdu)
  if (data.kind === 'smsDownload') return deliver(card, data, run)
  const { administration } = card.toolkit
  if (administration === undefined || administration.isOver) throw new CardRefusal('toolkit.event')
  administration.hear(data)
  return answer()
}

/** What the terminal hears of: its own commands, and STATUS, by which it asks. Others on the card's channels do not know 91xx. */
export function answerToTerminal(card: CardContext, octets: Uint8Array, response: Uint8Array): Uint8Array {
  const [cla = 0, instruction = 0, p1 = 0, p2 = 0] = octets
  const apdu = { cla, ins: instruction, p1, p2, data: new Uint8Array() }
  const channel = card.channels.get(0)
  const isStatus = (cla & 0x03) === 0 && instruction === 0xf2 && channel && isFileCommand({ card, channel, apdu })
  if (!isToolkitCommand(apdu) && !isStatus) return response
  return encodeResponseApdu(announced(card.toolkit, parseResponseApdu(response)))
}
