/**
 * STORE DATA as the security domain hands it on, GPCS v2.3.1 §11.11: data groupings (DGI) that may run over several
 * blocks. A data grouping takes effect with the block that completes it; a block that is refused changes nothing.
 */
import { type DgiName, dgis } from '@mobile-jpki/jpki'
import type { PersonalizationBlock } from '@mobile-jpki/sim/contract'
import { concat } from '@mobile-jpki/tlv'
import { apply } from './delivery.ts'
import type { Context } from './memory.ts'
import { refuse } from './status.ts'

/** P1: b8 last block; b7b6 encryption, of which 11 would be by the security domain's key; b5b4 structure, 01 DGI. Table 11-89. */
const p1 = { last: 0x80, encryption: 0x60, encryptedByDomain: 0x60, structure: 0x18, dgi: 0x08 } as const

/** An issuer envelope with two certificates of the largest size stays below. */
const largestGrouping = 10_240

export interface Run {
  /** Number of the block that may come next. */
  next: number
  /** Octets of a data grouping that has not ended yet. */
  begun: Uint8Array
}

export const newRun = (): Run => ({ next: 0, begun: new Uint8Array() })

export function storeData(context: Context, run: Run, block: PersonalizationBlock): Uint8Array {
  const { next, begun } = run
  Object.assign(run, newRun())
  if ((block.p1 & p1.structure) !== p1.dgi || (block.p1 & p1.encryption) === p1.encryptedByDomain) refuse('wrongP1P2')
  // Block 0 that is not the next one begins anew, whatever was sent before.
  const anew = block.p2 !== next
  if (anew && block.p2 !== 0) refuse('wrongP1P2')
  const last = (block.p1 & p1.last) !== 0

  const { groupings, rest } = readGroupings(concat(anew ? new Uint8Array() : begun, block.data))
  if (last && rest.length > 0) refuse('wrongData')
  const answers = groupings.flatMap(({ name, content }) => apply(context, name, content) ?? [])
  if (answers.length > 1) refuse('wrongData')
  if (!last) Object.assign(run, { next: (block.p2 + 1) & 0xff, begun: rest })
  return answers[0] ?? new Uint8Array()
}

interface Grouping {
  readonly name: DgiName
  readonly content: Uint8Array
}

/** Identifier (2), length (1, or 'FF' and 2), content. GP Systems Scripting Language §4. */
function readGroupings(octets: Uint8Array): { groupings: readonly Grouping[]; rest: Uint8Array } {
  const groupings: Grouping[] = []
  let rest = octets
  for (;;) {
    const [high, low, short, ...long] = rest.subarray(0, 5)
    if (high === undefined || low === undefined) break
    const name = nameOf(high * 256 + low)
    if (short === undefined || (short === 0xff && long.length < 2)) break
    const start = short === 0xff ? 5 : 3
    const length = short === 0xff ? (long[0] ?? 0) * 256 + (long[1] ?? 0) : short
    if (length > largestGrouping) refuse('notEnoughMemory')
    if (rest.length < start + length) break
    groupings.push({ name, content: rest.slice(start, start + length) })
    rest = rest.slice(start + length)
  }
  return { groupings, rest }
}

const nameOf = (identifier: number): DgiName =>
  (Object.keys(dgis) as DgiName[]).find((name) => dgis[name] === identifier) ?? refuse('referencedDataNotFound')
