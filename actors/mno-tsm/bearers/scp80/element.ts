/**
 * A SIM by short messages: batches become chained scripts in the expanded format, in packets under its OTA keys.
 * ETSI TS 102 225, TS 102 226 §5.2; 3GPP TS 31.115.
 */
import { type CommandApdu, encodeCommandApdu } from '@mobile-jpki/iso7816'
import { type Chaining, CommandScript, ResponseScript } from '@mobile-jpki/ota'
import { Abandoned, type Element } from '@mobile-jpki/seram'
import { airElement, responsesIn, type ScriptBearer } from '../air-element.ts'
import { isHarmless } from '../batches.ts'
import type { AirSim } from '../world.ts'
import type { Packets } from './packets.ts'
import { commandHeader, tarOf } from './security.ts'

/** Octets of commands in one packet: nine messages, which a card with 3 KiB of RAM puts together. */
const roomInPacket = 1_130

/** How often commands that only ask are asked anew, when their answer was lost. */
const askedAnew = 3

export function scp80Element({ iccid, keys }: AirSim, packets: Packets, signal: AbortSignal): Element {
  /** The domains whose scripts follow one that was sent in this run. */
  const chained = new Set<string>()

  const script: ScriptBearer['script'] = async (target, commands, step) => {
    const header = commandHeader(keys, tarOf(target))
    const name = target.toHex()
    for (let asked = 0; asked < askedAnew; asked++) {
      const chaining: Chaining = chained.has(name) ? 'subsequent' : 'first'
      chained.add(name)
      const answer = await packets.exchange(header, written(chaining, commands), step)
      if (answer !== 'lost') return responsesIn(() => read(answer), commands.length)
      if (!isHarmless(commands)) break
    }
    throw new Abandoned('the SIM ran a script, and its answer was lost')
  }

  return airElement({ seId: iccid, dek: [keys.type, keys.dek], room: roomInPacket, script, select: tarOf }, signal)
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
function read(answer: Uint8Array): ResponseScript {
  const script = ResponseScript.decode(answer)
  if (script.responses.some(({ kind }) => kind === 'chaining'))
    throw new Abandoned('the SIM was reset between two scripts')
  return script
}
