/** Mutants, one after another, and what must hold for each: read, or refused with an error that says so; in time; in little memory. */
import { type Chance, chanceOf } from '../sim/fuzz/chance.ts'
import { mutate } from './mutate.ts'
import { type Subject, subjectsOf } from './subjects.ts'

export interface Totals {
  readonly mutants: number
  readonly changedOctets: number
  readonly octets: number
  /** Read to the end, trust included: the change was none that counts. */
  readonly accepted: number
  readonly slowestMilliseconds: number
  /** By the name of the error. */
  readonly refused: Readonly<Record<string, number>>
}

export interface Failure {
  readonly subject: string
  readonly mutant: number
  readonly octets: Uint8Array
  readonly what: string
}

export interface Report {
  readonly totals: Totals
  readonly failure?: Failure
}

/** The errors that our readers are declared to throw; any other is a fault. */
const declared: ReadonlySet<string> = new Set([
  'DerError',
  'CertificationRequestError',
  'CmsError',
  'CrlError',
  'OcspError',
  'PathError',
])
/** Of this thread's CPU, for at most 64 KiB; who is slow once, while code is compiled or memory swept, gets three more tries. */
const longestMilliseconds = 250
const tries = 4

export interface Terms {
  readonly seed: number
  readonly mutations: number
  readonly stop?: AbortSignal
  readonly onProgress?: (totals: Totals) => void
}

export async function fuzzPki({ seed, mutations, stop, onProgress }: Terms): Promise<Report> {
  const subjects = await subjectsOf()
  const all = subjects.map(({ octets }) => octets)
  const chance: Chance = chanceOf(seed)
  const refused: Record<string, number> = {}
  let [mutants, changedOctets, octets, accepted, slowestMilliseconds] = [0, 0, 0, 0, 0]
  const totals = (): Totals => ({ mutants, changedOctets, octets, accepted, slowestMilliseconds, refused })
  for (; mutants < mutations && stop?.aborted !== true; mutants++) {
    const subject = subjects[mutants % subjects.length] as Subject
    const mutant = mutate(subject.octets, chance, all)
    octets += mutant.octets.length
    changedOctets += mutant.changed
    const { outcome, milliseconds } = await timed(subject, mutant.octets)
    slowestMilliseconds = Math.max(slowestMilliseconds, milliseconds)
    if (outcome === undefined) accepted++
    else if (declared.has(outcome.name)) refused[outcome.name] = (refused[outcome.name] ?? 0) + 1
    const what = faultOf(outcome, milliseconds)
    if (what !== undefined)
      return { totals: totals(), failure: { subject: subject.name, mutant: mutants, octets: mutant.octets, what } }
    if (mutants % 1000 === 0) onProgress?.(totals())
  }
  return { totals: totals() }
}

function faultOf(outcome: Error | undefined, milliseconds: number): string | undefined {
  if (outcome !== undefined && !declared.has(outcome.name)) return `throws ${outcome.stack ?? outcome}`
  return milliseconds > longestMilliseconds ? `takes ${Math.round(milliseconds)} ms` : undefined
}

async function timed(
  { read }: Subject,
  octets: Uint8Array,
): Promise<{ outcome: Error | undefined; milliseconds: number }> {
  let milliseconds = Number.POSITIVE_INFINITY
  let outcome: Error | undefined
  for (let left = tries; left > 0 && milliseconds > longestMilliseconds; left--) {
    const began = process.threadCpuUsage()
    outcome = await outcomeOf(() => read(octets))
    const { user, system } = process.threadCpuUsage(began)
    milliseconds = Math.min(milliseconds, (user + system) / 1000)
  }
  return { outcome, milliseconds }
}

async function outcomeOf(read: () => unknown): Promise<Error | undefined> {
  try {
    await read()
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
