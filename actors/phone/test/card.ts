/** The smallest card that the phone can tell from a real one: logical channels, EF.ICCID, one application, an echo. */
import { setImmediate as soon } from 'node:timers/promises'
import { type Card, encodeResponseApdu, logicalChannel, parseCommandApdu, SW } from '@mobile-jpki/iso7816'
import { iccidOctets, jpkiApplication } from '@mobile-jpki/jpki'

export interface TestCard extends Card {
  /** Commands since the last reset, in hex, in the order in which the card began with them. */
  readonly commands: string[]
  readonly channels: Set<number>
  readonly resets: number
}

export const iccid = '8981100022152967705'
/** Answers its own P2. */
export const echo = (p2: number): Uint8Array => Uint8Array.of(0x80, 0x10, 0x00, p2)
/** Is refused. */
export const refused = Uint8Array.of(0x80, 0x66, 0x00, 0x00)

const swapped = (octets: Uint8Array) => octets.map((octet) => (octet >> 4) | ((octet & 0x0f) << 4))

export function testCard({ logical = 3, ef = swapped(iccidOctets(iccid)) } = {}): TestCard {
  const commands: string[] = []
  const channels = new Set([0])
  let resets = 0
  let isBusy = false

  const answer = (octets: Uint8Array): { sw: number; data?: Uint8Array } => {
    const { cla, ins, p1, p2, data } = parseCommandApdu(octets)
    if (!channels.has(logicalChannel(cla))) return { sw: SW.logicalChannelNotSupported }
    if (ins === 0x70 && p1 === 0x00) {
      if (logical === 0) return { sw: SW.logicalChannelNotSupported }
      const free = Array.from({ length: logical }, (_, at) => at + 1).find((number) => !channels.has(number))
      if (free === undefined) return { sw: SW.functionNotSupported }
      channels.add(free)
      return { sw: SW.ok, data: Uint8Array.of(free) }
    }
    if (ins === 0x70) return { sw: channels.delete(p2) ? SW.ok : SW.wrongP1P2 }
    if (ins === 0xa4 && p1 === 0x04)
      return { sw: data.toHex() === jpkiApplication.toHex() ? SW.ok : SW.fileOrApplicationNotFound }
    if (ins === 0xa4) return { sw: SW.ok }
    if (ins === 0xb0) return { sw: SW.ok, data: ef }
    if (ins === 0x10 || ins === 0x20) return { sw: SW.ok, data: Uint8Array.of(p2) }
    return { sw: SW.instructionNotSupported }
  }

  return {
    commands,
    channels,
    get resets() {
      return resets
    },
    reset: async () => {
      resets += 1
      commands.length = 0
      channels.clear()
      channels.add(0)
      return Uint8Array.of(0x3b, 0x00)
    },
    transmit: async (command) => {
      if (isBusy) throw new Error('the card was sent two commands at once')
      isBusy = true
      commands.push(command.toHex())
      await soon()
      isBusy = false
      const { sw, data = new Uint8Array() } = answer(command)
      return encodeResponseApdu({ sw, data })
    },
  }
}
