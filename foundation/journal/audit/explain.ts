/** From the breaks of a chain to what was done to it: what is missing, what stands elsewhere, what was changed, what was put in. */
import { linked } from '../entry.ts'
import type { Link } from '../tables.ts'
import type { Finding } from './finding.ts'
import { type Break, equal, fits, type Suspect } from './walk.ts'

/** Of so many suspects is each tried in each place. */
const tried = 400

interface Moves {
  readonly everywhere: readonly Suspect[]
  /** Where an entry belongs that stands elsewhere. */
  readonly homes: Map<Suspect, number>
  /** What stands in the place of such a one. */
  readonly displaced: Set<Suspect>
}

export function explained(breaks: readonly Break[]): readonly Finding[] {
  const everywhere = breaks.flatMap(({ suspects }) => suspects).slice(0, tried)
  const [homes, displaced] = [new Map<Suspect, number>(), new Set<Suspect>()]
  const found = breaks.flatMap((one) => explainedOne(one, { everywhere, homes, displaced }))
  const findings = [...found, ...[...displaced].map(insertedAt)]
  const moved = [...homes].flatMap(([one, belongs]) => reordered(one, belongs))
  // An entry that has its home elsewhere was neither put in nor changed where it stands now.
  const away = new Set([...homes.keys()].map(({ position }) => position))
  const others = findings.filter((finding) => !('id' in finding && 'position' in finding && away.has(finding.position)))
  const between = breaks.flatMap((one, index) => strayBehind(one, breaks[index + 1]))
  const named = [...[...moved, ...between].sort((one, other) => one.belongs - other.belongs), ...others]
  // Whatever escapes all of this: a chain that breaks is never called whole.
  return named.length > 0 ? named : breaks.slice(0, 1).map(unexplained)
}

const unexplained = ({ after, suspects: [first] }: Break): Finding => ({
  what: 'changed',
  position: first?.position ?? after.position + 1,
  id: first?.id ?? '?',
})

type Reordered = Extract<Finding, { what: 'reordered' }>

const reordered = ({ id, position }: Link, belongs: number): readonly Reordered[] =>
  position === belongs ? [] : [{ what: 'reordered', position, id, belongs }]

/** One entry that fits under another number between two breaks, behind which the numbers are what they were, or the chain ends. */
function strayBehind({ drift, until }: Break, next: Break | undefined): readonly Reordered[] {
  if (until?.next === undefined || until.drift === drift || next?.until === undefined) return []
  if (next.until.drift !== drift && next.until.hash === undefined) return []
  return next.after.position === until.position + 1 ? reordered(until.next, until.position + 1) : []
}

function explainedOne(
  { after, rival, suspects, until, drift: before }: Break,
  { everywhere, homes, displaced }: Moves,
): readonly Finding[] {
  const [first] = suspects
  const drift = until?.drift ?? before
  if (isRival(first, rival) && until !== undefined && rival !== undefined) return [insertedAt(rival.entry)]
  const findings: Finding[] = []
  const accounted = new Set<Suspect>()
  const own = new Map(suspects.map((one) => [one.position + drift, one]))
  const end = until?.position ?? Math.max(...own.keys())
  let hash: Uint8Array | undefined = after.hash
  for (let position = after.position + 1; position <= end; position++) {
    const here = own.get(position)
    if (here !== undefined) accounted.add(here)
    if (here !== undefined && (hash === undefined || fits(hash, position, here))) {
      hash = here.hash
      continue
    }
    const from: Uint8Array | undefined = hash
    const mover: Suspect | undefined =
      from && everywhere.find((one) => one !== here && belongs(one, from, position, here))
    if (from !== undefined && mover !== undefined) {
      homes.set(mover, position)
      if (here !== undefined) displaced.add(here)
      hash = linked(from, position, mover.text)
      continue
    }
    if (here === undefined && until?.hash !== undefined && own.size === 0)
      return [...findings, { what: 'cut', from: position, to: end }]
    if (here === undefined) {
      remember(findings, position, drift !== before)
      hash = undefined
      continue
    }
    const computed: Uint8Array | undefined = from && linked(from, position, here.text)
    const isHash: boolean = computed !== undefined && goesOn(computed, position, own.get(position + 1), until)
    findings.push({ what: 'changed', position: here.position, id: here.id, ...(isHash && { column: 'hash' }) })
    hash = isHash ? computed : here.hash
  }
  return [...findings, ...suspects.filter((one) => !accounted.has(one)).map(insertedAt)]
}

/** The hash that an entry should have is the one that the chain goes on from. */
function goesOn(hash: Uint8Array, position: number, after: Suspect | undefined, until: Break['until']): boolean {
  if (after !== undefined) return fits(hash, position + 1, after)
  if (until?.position !== position) return false
  return until.next === undefined
    ? until.hash !== undefined && equal(hash, until.hash)
    : fits(hash, position + 1, until.next)
}

const insertedAt = ({ position, id }: Link): Finding => ({ what: 'inserted', position, id })

/** Its own hash says so; or the hash that was left in that place, when only the contents were exchanged. */
function belongs(one: Suspect, hash: Uint8Array, position: number, here: Suspect | undefined): boolean {
  const link = linked(hash, position, one.text)
  return equal(link, one.hash) || (here !== undefined && equal(link, here.hash))
}

/** The last entry that fitted and this one claim the same place, and the chain goes on from this one. */
const isRival = (first: Suspect | undefined, rival: Break['rival']): boolean =>
  first !== undefined && rival !== undefined && fits(rival.after.hash, rival.after.position + 1, first)

function remember(findings: Finding[], position: number, isRenumbered: boolean): void {
  const last = findings.at(-1)
  if (last?.what === 'removed' && last.to === position - 1) findings[findings.length - 1] = { ...last, to: position }
  else findings.push({ what: 'removed', from: position, to: position, ...(isRenumbered && { renumbered: true }) })
}
