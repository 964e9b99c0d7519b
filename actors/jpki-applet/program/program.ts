/**
 * JPKIアプレット: the program that is loaded into the SIM. One instance holds the user-authentication key, its
 * certificate and its PIN, and answers as a My Number card's JPKI application does.
 */
import { SW } from '@mobile-jpki/iso7816'
import { pinLessForm } from '@mobile-jpki/jpki'
import type { Program, ProgramAnswer, ProgramCommand } from '@mobile-jpki/sim/contract'
import { TlvError } from '@mobile-jpki/tlv'
import { fileIn, readBinary, selectFile } from './files.ts'
import { type Context, clear, newSession } from './memory.ts'
import { newRun, storeData } from './personalization.ts'
import { changeReferenceData, verify } from './pin.ts'
import { challenged, externalAuthenticate, setPinLess, setPublicKey, signForTerminal } from './pin-less.ts'
import { digestInfo, sign } from './signature.ts'
import { CommandRefused, refuse } from './status.ts'

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

type Run = (context: Context, command: ProgramCommand) => Uint8Array | undefined

const commands: Readonly<Record<number, { readonly cla: number; readonly run: Run }>> = {
  32: { cla: 0x00, run: verify },
  36: { cla: 0x00, run: changeReferenceData },
  42: { cla: 0x80, run: computeDigitalSignature },
  130: { cla: 0x00, run: externalAuthenticate },
  132: { cla: 0x00, run: getChallenge },
  162: { cla: 0x80, run: setPublicKey },
  164: { cla: 0x00, run: selectFile },
  168: { cla: 0x80, run: setPinLess },
  176: { cla: 0x00, run: readBinary },
}

function execute(context: Context, command: ProgramCommand): Uint8Array {
  if (command.cla !== 0x00 && command.cla !== 0x80) refuse('classNotSupported')
  const { cla, run } = commands[command.ins] ?? refuse('instructionNotSupported')
  if (command.cla !== cla) refuse('classNotSupported')
  return run(context, command) ?? new Uint8Array()
}

/** P1 says what the data is: a block to be padded as it stands, or something to hash or to wrap before. */
function computeDigitalSignature(context: Context, command: ProgramCommand): Uint8Array {
  const { p1, p2, data } = command
  const name = fileIn(context, p2, 'referencedDataNotFound')
  if (name !== 'key') refuse('incompatibleWithFileStructure')
  if (p1 === pinLessForm) return signForTerminal(context, command)
  const { sha256 } = context.card
  const form = [
    () => data,
    () => sha256(data),
    () => (data.length === 32 ? digestInfo(data) : refuse('conditionsOfUseNotSatisfied')),
    () => digestInfo(sha256(data)),
  ][p1]
  if (form === undefined) refuse('wrongP1P2')
  if (!context.session.verified) refuse('securityStatusNotSatisfied')
  if (data.length === 0) refuse('conditionsOfUseNotSatisfied')
  return sign(context, form())
}

function getChallenge(context: Context, { p1, p2, data, le }: ProgramCommand): Uint8Array {
  if (p1 !== 0x00 || p2 !== 0x00) refuse('wrongP1P2')
  if (le === undefined || le > 256 || data.length > 0) refuse('wrongLength')
  const challenge = context.card.random(le)
  challenged(context, challenge)
  return challenge
}

export default program
