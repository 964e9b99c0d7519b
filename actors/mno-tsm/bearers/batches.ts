/** A stage's batch as scripts for one security domain each: what SELECT means where a script is addressed. ETSI TS 102 226 §5; GPC Amendment B §3.4. */
import { type CommandApdu, encodeCommandApdu } from '@mobile-jpki/iso7816'
import type { Instruction } from '@mobile-jpki/seram'

const insSelect = 0xa4
/** By DF name: GPCS §11.9. */
export const isSelect = ({ apdu }: Pick<Instruction, 'apdu'>): boolean => apdu.ins === insSelect && apdu.p1 === 0x04

export type Piece =
  /** From here on the domain with this AID is addressed. */
  | { readonly kind: 'select'; readonly aid: Uint8Array }
  | { readonly kind: 'commands'; readonly batch: readonly Instruction[] }

/** Cut at each SELECT, which no script holds. */
export function piecesOf(batch: readonly Instruction[]): readonly Piece[] {
  const pieces: Piece[] = []
  for (const instruction of batch) {
    const last = pieces.at(-1)
    if (isSelect(instruction)) pieces.push({ kind: 'select', aid: instruction.apdu.data })
    else if (last?.kind === 'commands') pieces[pieces.length - 1] = { ...last, batch: [...last.batch, instruction] }
    else pieces.push({ kind: 'commands', batch: [instruction] })
  }
  return pieces
}

/** INITIALIZE UPDATE, GET DATA, GET STATUS. */
const harmless: ReadonlySet<number> = new Set([0x50, 0xca, 0xcb, 0xf2])
const insGetStatus = 0xf2

/** Whether these may run twice because nobody heard the answer. GET STATUS [next] goes on where the last one stopped. */
export const isHarmless = (commands: readonly CommandApdu[]): boolean =>
  commands.every(
    ({ cla, ins, p2 }) => harmless.has(ins) && (cla & 0x04) === 0 && (ins !== insGetStatus || (p2 & 0x01) === 0),
  )

/** As many of the commands as fit together, at least one. */
export function packed(commands: readonly CommandApdu[], room: number): readonly (readonly CommandApdu[])[] {
  const packets: CommandApdu[][] = []
  let left = 0
  for (const command of commands) {
    const { length } = encodeCommandApdu(command)
    const size = length + overhead(length)
    const last = packets.at(-1)
    if (last === undefined || size > left) {
      packets.push([command])
      left = room - size
    } else {
      last.push(command)
      left -= size
    }
  }
  return packets
}

/** Tag and length of a command in a script. */
const overhead = (length: number): number => (length < 0x80 ? 2 : length < 0x100 ? 3 : 4)
