/** Verifies a journal from its first entry to its last, while others go on writing it. */
import { beginningOf, entryIn } from '../entry.ts'
import { lastCheckpoint } from '../sealing/checkpoints.ts'
import type { Link, Waiting } from '../tables.ts'
import { explained } from './explain.ts'
import type { Finding } from './finding.ts'
import { checkpointsOf, type Database, entriesAfter, entryAt, headOf, linesOf, waitingIn } from './pages.ts'
import { equal, type Place, type Walk, walk } from './walk.ts'
import { type Witness, witness } from './witness.ts'

export interface Verifying {
  readonly db: Database
  /** Whose journal it is. */
  readonly name: string
  /** SubjectPublicKeyInfo of the key that signs checkpoints. */
  readonly publicKey: Uint8Array
  /** The checkpoint file beside the database; or a copy of it, which may be older. */
  readonly checkpoints?: string | undefined
  readonly isCopy?: boolean
  readonly now?: () => Date
  /** Told after each page how many entries were read, and of how many. */
  readonly progress?: (read: number, all: number) => void
}

export interface Verdict {
  readonly entries: number
  /** The last place that is sure, and the time of the last entry. */
  readonly end: Place
  readonly at?: string
  readonly checkpoints: number
  /** Entries after the last checkpoint: nobody signed for them yet. */
  readonly unsigned: number
  /** Committed and not sealed yet. */
  readonly waiting: number
  readonly findings: readonly Finding[]
  /** So much is wrong that the rest was not read. */
  readonly isGivenUp: boolean
}

/** More breaks are not named one by one. */
const breaksNamed = 1000
/** What is committed is sealed at once; so long it may wait for a system that is starting. */
const patienceMilliseconds = 60_000
/** Ten times what the sealer allows itself. */
const overdue = { entries: 100_000, milliseconds: 600_000 } as const

export async function verify(verifying: Verifying): Promise<Verdict> {
  const { db, name, publicKey, checkpoints } = verifying
  const inDatabase = await witness(checkpointsOf(db), { journal: name, publicKey, where: 'database' })
  const inFile =
    checkpoints === undefined
      ? undefined
      : await witness(linesOf(checkpoints, name), { journal: name, publicKey, where: 'file' })
  const witnesses = inFile === undefined ? [inDatabase] : [inDatabase, inFile]
  const walker = walk({ position: 0, hash: beginningOf(name) })
  const { entries, head, unsignedSince, last } = await walked(verifying, walker, witnesses)
  const isGivenUp = walker.breaks.length > breaksNamed
  const copies = isGivenUp ? [] : await compared(verifying, witnesses, inFile)
  if (!isGivenUp) walker.end(head)
  const signed = Math.max(...witnesses.map((one) => one.last.position))
  const waiting = await waitingIn(db)
  const findings = [
    ...explained(walker.breaks),
    ...walker.renumbered.map(({ entry: { id, position }, belongs }) => reordered(id, position, belongs)),
    ...(isGivenUp ? [] : await endOf(db, walker, { last, head, signed })),
    ...witnesses.flatMap((one) => one.findings),
    ...copies,
    ...unsignedFindings(walker.good.position, Math.min(signed, walker.good.position), unsignedSince, last),
    ...waiting.flatMap((one) => waitingFindings(one, verifying.now?.() ?? new Date())),
  ]
  return {
    entries,
    end: walker.good,
    ...(last && { at: last.at }),
    checkpoints: inDatabase.last.number,
    unsigned: Math.max(0, walker.good.position - signed),
    waiting: waiting.length,
    findings: distinct(findings),
    isGivenUp,
  }
}

interface End {
  readonly last: Link | undefined
  readonly head: Place
  /** The last position that somebody signed for. */
  readonly signed: number
}

const reordered = (id: string, position: number, belongs: number): Finding => ({
  what: 'reordered',
  position,
  id,
  belongs,
})

/** All entries, and the head as it was when there were no more. */
async function walked({ db, progress = () => {} }: Verifying, walker: Walk, witnesses: readonly Witness[]) {
  let entries = 0
  let last: Link | undefined
  let unsignedSince: string | undefined
  let head: Place = { position: 0, hash: walker.good.hash }
  let isSecondLook = false
  for (;;) {
    const links = await entriesAfter(db, last?.position ?? Number.MIN_SAFE_INTEGER)
    for (const link of links) {
      const place = walker.take(link)
      last = link
      let signed = false
      for (const one of witnesses) {
        const due = one.reach(place?.position ?? link.position, place)
        if (due !== undefined) await due
        signed ||= one.sure === place?.position
      }
      unsignedSince = signed ? undefined : (unsignedSince ?? link.at)
    }
    entries += links.length
    if (links.length > 0) progress(entries, Math.max(entries, head.position))
    if (walker.breaks.length > breaksNamed) break
    // The head is sealed together with its entries: what it says after an empty page is there, or was taken away.
    const now = (await headOf(db)) ?? { position: 0, hash: walker.good.hash }
    const isEnd =
      links.length === 0 && (now.position <= (last?.position ?? 0) || (isSecondLook && now.position === head.position))
    isSecondLook = links.length === 0
    head = now
    if (isEnd) break
  }
  return { entries, head, unsignedSince, last }
}

/** Where the chain ends, against the sealer's note and what was signed for. */
async function endOf(db: Database, walker: Walk, { last, head, signed }: End): Promise<readonly Finding[]> {
  const end = walker.good
  // A checkpoint may be younger than our look at the chain.
  const isVouched = signed > end.position && (await entryAt(db, signed)) === undefined
  if (isVouched && signed > head.position) return [{ what: 'cut', from: end.position + 1, to: signed }]
  if (head.position > end.position && !equal(head.hash, end.hash)) return []
  if (last === undefined || walker.isOff || (head.position === end.position && equal(head.hash, end.hash))) return []
  const noted = head.position < end.position ? await entryAt(db, head.position) : undefined
  if (noted === undefined || !equal(noted.hash, head.hash))
    return [{ what: 'end.changed', position: last.position, id: last.id }]
  const added = await entriesAfter(db, head.position, breaksNamed)
  return added.map(({ id, position }) => ({ what: 'inserted', position, id }))
}

/** What the file has was in the database. The file lacks at most the newest, which a process that was killed did not copy. */
async function compared(
  { db, isCopy = false }: Verifying,
  witnesses: readonly Witness[],
  inFile?: Witness,
): Promise<readonly Finding[]> {
  const before = (await lastCheckpoint(db))?.number ?? 0
  for (const one of witnesses) await one.end()
  if (inFile === undefined) return []
  const after = (await lastCheckpoint(db))?.number ?? 0
  const { number } = inFile.last
  if (number > after) return [{ what: 'checkpoint.missing', where: 'database', from: after + 1, to: number }]
  if (number >= before - 1 || isCopy) return []
  return [{ what: 'checkpoint.missing', where: 'file', from: number + 1, to: before }]
}

function unsignedFindings(end: number, signed: number, since?: string, last?: Link): readonly Finding[] {
  if (last === undefined || since === undefined) return []
  const isLate = Date.parse(last.at) - Date.parse(since) > overdue.milliseconds
  return end - signed > overdue.entries || isLate ? [{ what: 'checkpoint.overdue', from: signed + 1, to: end }] : []
}

function waitingFindings({ id, text }: Waiting, now: Date): readonly Finding[] {
  try {
    const { at, id: own } = entryIn(text)
    if (own !== id) return [{ what: 'unreadable', where: 'waiting', id }]
    return now.getTime() - Date.parse(at) > patienceMilliseconds ? [{ what: 'unsealed', id, since: at }] : []
  } catch {
    return [{ what: 'unreadable', where: 'waiting', id }]
  }
}

/** Database and file say some things alike; and where an entry was put in, it is no wonder that another one was signed for. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const intruders = new Set(findings.map((finding) => (finding.what === 'inserted' ? finding.position : undefined)))
  const others = findings.filter((finding) => finding.what !== 'rewritten' || !intruders.has(finding.to))
  return [...new Map(others.map((finding) => [JSON.stringify(finding), finding])).values()]
}
