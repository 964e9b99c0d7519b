/** Proactive commands: what waits is announced by 91xx, fetched, performed by the terminal, and answered. ETSI TS 102 223 §6, TS 102 221 §7.4.2. */

import { type CommandApdu, type ResponseApdu, SW } from '@mobile-jpki/iso7816'
import { Fetch, ProactiveCommand, TerminalResponse, toolkitStatus } from '@mobile-jpki/ota'
import { CardRefusal } from '../domain/rules.ts'
import { answer } from '../domain/state.ts'
import type { Proactive, Toolkit } from './state.ts'

export function ask(toolkit: Toolkit, proactive: Proactive): void {
  toolkit.waiting = [...toolkit.waiting, proactive]
}

/** Command numbers go from 1 to 254. TS 102 223 §8.6. */
const numberAfter = (number: number): number => (number % 0xfe) + 1

/** A terminal that lost the command fetches it again. */
export function fetch(toolkit: Toolkit, apdu: CommandApdu): ResponseApdu {
  Fetch.fromApdu(apdu)
  if (toolkit.fetched === undefined) {
    const [proactive, ...rest] = toolkit.waiting
    if (proactive === undefined) throw new CardRefusal('toolkit.nothing')
    toolkit.number = numberAfter(toolkit.number)
    toolkit.waiting = rest
    toolkit.fetched = { number: toolkit.number, proactive }
  }
  const { number, proactive } = toolkit.fetched
  return answer(ProactiveCommand.encode(proactive.command(number)))
}

export function takeResponse(toolkit: Toolkit, apdu: CommandApdu): ResponseApdu {
  const { data } = TerminalResponse.fromApdu(apdu)
  const { fetched } = toolkit
  if (fetched === undefined) throw new CardRefusal('toolkit.response', 'None was fetched.')
  const { type } = fetched.proactive.command(fetched.number).details
  if (data.details.number !== fetched.number || data.details.type !== type) throw new CardRefusal('toolkit.response')
  toolkit.fetched = undefined
  fetched.proactive.answered?.(data)
  return answer()
}

/** 91xx in the place of 9000, once the terminal has said what it can do. */
export function announced({ profile, waiting, fetched, number }: Toolkit, response: ResponseApdu): ResponseApdu {
  const [next] = waiting
  if (response.sw !== SW.ok || profile === undefined || next === undefined || fetched !== undefined) return response
  const { length } = ProactiveCommand.encode(next.command(numberAfter(number)))
  return { ...response, sw: toolkitStatus.pending(length) }
}
