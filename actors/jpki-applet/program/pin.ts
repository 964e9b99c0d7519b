/** VERIFY and CHANGE REFERENCE DATA of the user-authentication PIN. ISO/IEC 7816-4:2020 §11.5.6 and §11.5.7. */
import { isPin } from '@mobile-jpki/jpki'
import type { ProgramCommand } from '@mobile-jpki/sim/contract'
import { fileIn } from './files.ts'
import { inUse, stateOf } from './life-cycle.ts'
import type { Context } from './memory.ts'
import { CommandRefused, refuse } from './status.ts'
import { textOf } from './text.ts'

export const maximumTries = 3

/** A longer value was never a PIN of any JPKI card. */
const longest = 16

/** No data asks for the tries left, which are told as '63Cx' at all times. */
export function verify(context: Context, { p1, p2, data }: ProgramCommand): undefined {
  if (p1 !== 0x00) refuse('wrongP1P2')
  const name = pinIn(context, p2)
  const tries = name === 'pin' ? triesLeft(context) : 0
  if (data.length === 0) throw triesLeftAnswer(tries)
  if (data.length > longest) refuse('wrongLength')
  if (tries === 0) refuse('referenceDataNotUsable')

  const { card, session } = context
  session.verified = false
  // Counted before compared: a cut in between costs a try, it never gives one.
  card.nvm.set('tries', Uint8Array.of(tries - 1))
  card.commitNow('tries')
  const pin = card.nvm.get('pin') ?? refuse('referenceDataNotUsable')
  if (pin.length !== data.length || !card.equal(pin, data)) throw triesLeftAnswer(tries - 1)
  card.nvm.set('tries', Uint8Array.of(maximumTries))
  session.verified = true
}

/** The new value alone, after VERIFY of the old one. */
export function changeReferenceData(context: Context, { p1, p2, data }: ProgramCommand): undefined {
  if (p1 !== 0x01) refuse('wrongP1P2')
  const name = pinIn(context, p2)
  if (name !== 'pin' || !context.session.verified) refuse('securityStatusNotSatisfied')
  if (!isPin(textOf(data))) refuse('wrongData')
  context.card.nvm.set('pin', data)
}

function pinIn(context: Context, p2: number): 'pin' | 'signPin' {
  const name = fileIn(context, p2, 'referencedDataNotFound')
  return name === 'pin' || name === 'signPin' ? name : refuse('incompatibleWithFileStructure')
}

const triesLeft = (context: Context): number =>
  inUse(stateOf(context)) ? (context.card.nvm.get('tries')?.[0] ?? 0) : 0

const triesLeftAnswer = (tries: number): CommandRefused => new CommandRefused(0x63c0 | tries)
