/** Checkpoints, held against the chain as it goes by: each is signed, none is missing, and the chain is the one that it was signed for. */
import type { Checkpoint } from '../sealing/checkpoint.ts'
import { isSigned } from '../sealing/checkpoint.ts'
import type { Finding, Where } from './finding.ts'
import { equal, type Place } from './walk.ts'

/** In the order of their numbers; of a line that is none, its number. */
export type Source = AsyncIterator<Checkpoint | { readonly line: number }>

export interface Vouching {
  readonly journal: string
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  readonly where: Where
}

export interface Witness {
  readonly findings: readonly Finding[]
  /** The last of those that are signed. */
  readonly last: { readonly number: number; readonly position: number }
  /** The place up to which the chain is the one that was signed for. */
  readonly sure: number
  /** Holds those up to that entry against it; only where one is due there is anything to wait for. */
  reach(position: number, place: Place | undefined): Promise<void> | undefined
  /** The rest, which speaks of places beyond the end. */
  end(): Promise<void>
}

export async function witness(source: Source, { journal, publicKey, where }: Vouching): Promise<Witness> {
  const findings: Finding[] = []
  let last = { number: 0, position: 0 }
  let sure = 0
  let next: Checkpoint | undefined

  const advance = async (): Promise<void> => {
    const { value, done } = await source.next()
    next = undefined
    if (done) return
    if ('line' in value) findings.push({ what: 'unreadable', where: 'file', line: value.line })
    else if (!(await isSigned(journal, value, publicKey))) {
      findings.push({ what: 'checkpoint.forged', where, number: value.number })
      // Something stands in its place: it is not missing too.
      if (value.number === last.number + 1) last = { ...last, number: value.number }
    } else if (value.number > last.number) {
      accept(value)
      return
    }
    // Else two processes on one machine copied the same one.
    return advance()
  }
  const accept = (checkpoint: Checkpoint): void => {
    const { number, position } = checkpoint
    if (number > last.number + 1)
      findings.push({ what: 'checkpoint.missing', where, from: last.number + 1, to: number - 1 })
    last = { number, position }
    next = checkpoint
  }
  const hold = async (position: number, place: Place | undefined): Promise<void> => {
    while (next !== undefined && next.position <= position) {
      const isHere = place !== undefined && place.position === next.position
      if (isHere && equal(place.hash, next.hash)) sure = next.position
      else if (isHere) findings.push({ what: 'rewritten', from: sure + 1, to: next.position, checkpoint: next.number })
      await advance()
    }
  }
  await advance()

  return {
    findings,
    get last() {
      return last
    },
    get sure() {
      return sure
    },
    reach: (position, place) => (next === undefined || next.position > position ? undefined : hold(position, place)),
    end: async () => {
      while (next !== undefined) await advance()
    },
  }
}
