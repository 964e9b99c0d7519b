/**
 * Walks along a chain, entry by entry, and remembers where it breaks and where it goes on.
 *
 * Entry n fits when SHA-256(hash n−1 ‖ n ‖ entry) is its hash. Those that do not are suspects, until one fits again: behind the hash of
 * the suspect before it (the suspect's hash is genuine, its place and content need not be), behind the last entry that fitted (the
 * suspects do not belong there), or behind the hashes that the suspects should have. Numbers may be off by `drift` from there on.
 */
import { canonical, linked } from '../entry.ts'
import type { Link } from '../tables.ts'

export interface Place {
  readonly position: number
  readonly hash: Uint8Array
}

export interface Suspect extends Link {
  /** Canonical. */
  readonly text: string
}

export interface Break {
  /** The last place that is sure. */
  readonly after: Place
  /** The entry there, and the place before it: it may be an intruder that links well. */
  readonly rival?: { readonly entry: Link; readonly after: Place }
  readonly suspects: readonly Suspect[]
  /** The number that the last suspect has in truth, and how far the numbers are off; absent when nothing fitted again. */
  readonly until?: {
    readonly position: number
    readonly drift: number
    /** What fitted again: an entry, or at the end the sealer's note of the last hash. */
    readonly next?: Suspect
    readonly hash?: Uint8Array
  }
  readonly drift: number
}

/** No more are kept of one break, and what comes after is only counted. */
const suspectsKept = 500
/** How far numbers may be off to be found out: widely looked for once, where a break begins. */
const [narrow, wide] = [4, 500] as const

export const fits = (previous: Uint8Array, position: number, { text, hash }: Suspect): boolean =>
  equal(linked(previous, position, text), hash)

export const equal = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0

export type Walk = ReturnType<typeof walk>

export function walk(beginning: Place) {
  const breaks: Break[] = []
  const renumbered: { readonly entry: Link; readonly belongs: number }[] = []
  let good = beginning
  let rival: Break['rival']
  let drift = 0
  let suspects: Suspect[] = []
  let last: Suspect | undefined
  /** The hash that the last suspect should have if only hashes were changed. */
  let computed = beginning.hash
  let isOff = false

  const goOn = (position: number, entry: Suspect, previous: Uint8Array): Place => {
    rival = { entry, after: { position: position - 1, hash: previous } }
    good = { position, hash: entry.hash }
    return good
  }
  const close = (until: Break['until']) => {
    breaks.push({ after: good, suspects, drift, ...(rival && { rival }), ...(until && { until }) })
    suspects = []
    last = undefined
    if (until !== undefined) drift = until.drift
  }
  const suspect = (entry: Suspect) => {
    computed = linked(last === undefined ? good.hash : computed, entry.position + drift, entry.text)
    if (suspects.length < suspectsKept) suspects.push(entry)
    last = entry
  }
  /** Where a suspect's successor stands in truth, if its hash is that of a successor. */
  const resumed = (previous: Suspect, entry: Suspect): number | undefined => {
    const far = suspects.length <= 2 ? wide : narrow
    for (let off = 0; off <= far; off++)
      for (const position of off === 0 ? [0] : [off, -off]) {
        const at = entry.position + drift + position
        if (at > 0 && fits(previous.hash, at, entry)) return at
      }
    return undefined
  }

  return {
    breaks,
    renumbered,
    /** The last place that is sure, and whether the walk is off the chain. */
    get good(): Place {
      return good
    },
    /** Nothing fitted again before the end. */
    get isOff(): boolean {
      return isOff
    },
    /** Where the entry stands in truth, if that is sure. */
    take(link: Link): Place | undefined {
      const entry = { ...link, text: canonical(link) }
      const next = good.position + 1
      if (last === undefined) {
        if (!fits(good.hash, next, entry)) {
          suspect(entry)
          return undefined
        }
        if (entry.position + drift !== next) {
          // After one that was out of place, the next one may be back in its own.
          if (entry.position !== next) renumbered.push({ entry, belongs: next })
          drift = next - entry.position
        }
        return goOn(next, entry, good.hash)
      }
      const { hash } = last
      const at = resumed(last, entry)
      if (at !== undefined) {
        close({ position: at - 1, drift: at - entry.position, next: entry })
        return goOn(at, entry, hash)
      }
      if (fits(good.hash, next, entry)) {
        close({ position: good.position, drift: next - entry.position, next: entry })
        return goOn(next, entry, good.hash)
      }
      const expected = entry.position + drift
      if (fits(computed, expected, entry)) {
        close({ position: expected - 1, drift, next: entry })
        return goOn(expected, entry, computed)
      }
      suspect(entry)
      return undefined
    },
    /** The sealer's own note of the end stands for one more entry. */
    end(head: Place): void {
      const [seen, sure] = [last, good]
      if (seen === undefined) {
        if (head.position > sure.position && !equal(head.hash, sure.hash)) close({ ...head, drift })
        return
      }
      if (equal(seen.hash, head.hash)) close({ ...head, drift: head.position - seen.position })
      else if (equal(computed, head.hash)) close({ ...head, drift })
      else if (equal(sure.hash, head.hash)) close({ ...sure, drift })
      else {
        close(undefined)
        isOff = true
        good = { position: seen.position + drift, hash: seen.hash }
        return
      }
      good = head
    },
  }
}
