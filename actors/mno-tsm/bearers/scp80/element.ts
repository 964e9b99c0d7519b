/**
 * A SIM by short messages: batches become chained scripts in the expanded format, in packets under its OTA keys.
 * ETSI TS 102 225, TS 102 226 §5.2; 3GPP TS 31.115.
 */
import {
  type CommandApdu,
  encodeCommandApdu,
  isNormalOrWarning,
  parseResponseApdu,
  type ResponseApdu,
  SW,
} from '@mobile-jpki/iso7816'
import { issuerSecurityDomain } from '@mobile-jpki/jpki'
import { type Chaining, CommandScript, ResponseScript, responseApdus } from '@mobile-jpki/ota'
import { Refusal } from '@mobile-jpki/refusal'
import { Abandoned, type AgentStep, type Element, type Instruction } from '@mobile-jpki/seram'
import { TlvError } from '@mobile-jpki/tlv'
import { isHarmless, packed, piecesOf } from '../batches.ts'
import { type AirSim, keyEncryptionOf } from '../world.ts'
import type { Packets } from './packets.ts'
import { commandHeader, tarOf } from './security.ts'

/** Octets of commands in one packet: nine messages, which a card with 3 KiB of RAM puts together. */
const roomInPacket = 1_130

/** How often commands that only ask are asked anew, when their answer was lost. */
const askedAnew = 3

export function scp80Element(sim: AirSim, packets: Packets, signal: AbortSignal): Element {
  const { keys } = sim
  let target = issuerSecurityDomain
  /** The domains whose scripts follow one that was sent in this run. */
  const chained = new Set<string>()

  /** One packet: the responses as far as the card went. */
  const script = async (commands: readonly CommandApdu[], step: AgentStep): Promise<readonly ResponseApdu[]> => {
    const header = commandHeader(keys, tarOf(target))
    const name = target.toHex()
    for (let asked = 0; asked < askedAnew; asked++) {
      const chaining: Chaining = chained.has(name) ? 'subsequent' : 'first'
      chained.add(name)
      const answer = await packets.exchange(header, written(chaining, commands), step)
      if (answer !== 'lost') return read(answer, commands.length)
      if (!isHarmless(commands)) break
    }
    throw new Abandoned('the SIM ran a script, and its answer was lost')
  }

  const run = async (batch: readonly Instruction[], step: AgentStep): Promise<readonly ResponseApdu[]> => {
    const responses: ResponseApdu[] = []
    for (const commands of packed(
      batch.map(({ apdu }) => apdu),
      roomInPacket,
    )) {
      const some = await script(commands, step)
      responses.push(...some)
      if (some.length < commands.length || !isNormalOrWarning(some.at(-1)?.sw ?? 0)) break
    }
    return responses
  }

  let busy = false
  const send: Element['send'] = async (batch, step) => {
    if (signal.aborted) throw signal.reason
    if (busy) throw new Error('a stage sends one batch at a time')
    busy = true
    try {
      const responses: ResponseApdu[] = []
      for (const piece of piecesOf(batch)) {
        if (piece.kind === 'select') {
          target = piece.aid
          tarOf(target)
          responses.push({ data: new Uint8Array(), sw: SW.ok })
          continue
        }
        const some = await run(piece.batch, step)
        responses.push(...some)
        if (some.length < piece.batch.length || !isNormalOrWarning(some.at(-1)?.sw ?? 0)) break
      }
      return responses
    } finally {
      busy = false
    }
  }

  return {
    seId: sim.iccid,
    signal,
    trust: { domain: issuerSecurityDomain, keyEncryption: keyEncryptionOf(keys.type, keys.dek) },
    send,
    until: (happens) => unlessAborted(happens, signal),
  }
}

const written = (chaining: Chaining, commands: readonly CommandApdu[]): Uint8Array =>
  CommandScript.encode({
    length: 'definite',
    commands: [
      { kind: 'chaining', value: chaining },
      ...commands.map((apdu) => ({ kind: 'command', apdu: encodeCommandApdu(apdu) }) as const),
    ],
  })

/** A script that was not run because the one before it is not there any more: the card was reset meanwhile. */
function read(answer: Uint8Array, most: number): readonly ResponseApdu[] {
  const script = decoded(answer)
  for (const { kind } of script.responses) {
    if (kind === 'chaining') throw new Abandoned('the SIM was reset between two scripts')
    if (kind === 'badFormat') throw refused('a script of ours is malformed to it')
  }
  const apdus = responseApdus(script)
  if (apdus.length > most) throw refused('more responses than commands')
  return apdus.map(parseResponseApdu)
}

function decoded(answer: Uint8Array): ResponseScript {
  try {
    return ResponseScript.decode(answer)
  } catch (error) {
    if (error instanceof TlvError) throw refused(error.message)
    throw error
  }
}

const refused = (what: string) =>
  new Refusal('card.refused', `The SIM’s answer to a script: ${what}.`, { whose: 'sim' })

export const unlessAborted = <T>(happens: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const leave = () => reject(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    void happens.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
