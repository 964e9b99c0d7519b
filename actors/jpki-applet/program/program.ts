/**
 * JPKIアプレット: the program that is loaded into the SIM. One instance holds the user-authentication key, its
 * certificate and its PIN, and answers as a My Number card's JPKI application does.
 */
import { SW } from '@mobile-jpki/iso7816'
import type { Program, ProgramAnswer } from '@mobile-jpki/sim/contract'
import { TlvError } from '@mobile-jpki/tlv'
import { execute } from './commands.ts'
import { type Context, clear, newSession } from './memory.ts'
import { newRun, storeData } from './personalization.ts'
import { CommandRefused } from './status.ts'

const program: Program = (card) => {
  const context: Context = { card, session: newSession() }
  const run = newRun()
  return {
    // Nothing is kept outside the memory but the session, which each channel has of its own.
    multiSelectable: true,
    // Configuration comes with personalization, hence there is nothing to set here.
    install: (parameters) => {
      if (parameters.length > 0) throw new CommandRefused(SW.wrongData)
    },
    select: () => {
      clear(context.session)
      return true
    },
    deselect: () => clear(context.session),
    process: (command) => answer(() => execute(context, command)),
    storeData: (block) => answer(() => storeData(context, run, block)),
  }
}

/** The edge of the applet: the one place where a refusal becomes a status word. */
function answer(data: () => Uint8Array): ProgramAnswer {
  try {
    return { data: data(), sw: SW.ok }
  } catch (error) {
    if (error instanceof CommandRefused) return { sw: error.sw }
    if (error instanceof TlvError) return { sw: SW.wrongData }
    throw error
  }
}

export default program
