/** How the system is, in the words of who must do something about it. */
import type { ReplyOf } from '@mobile-jpki/service/endpoint'
import { generationName } from '../ca/authorities.ts'
import type { World } from '../domain/world.ts'
import type { describeHealth } from './contract.ts'

interface Backlog {
  readonly count: number
  readonly oldest?: Date
}

export interface Vitals {
  answersDue(at: Date, atMost: number): Promise<Backlog>
  entriesWaiting(atMost: number): Promise<Backlog>
  lastCheckpoint(): Promise<{ readonly number: number; readonly at: Date } | undefined>
}

type Needs = Pick<World, 'register' | 'authorities' | 'publisher' | 'now'> & { readonly vitals: Vitals }
type Check = ReplyOf<typeof describeHealth>['checks'][number]

/** Beyond these somebody must look. */
const patience = { answersLate: 5 * 60_000, entriesLate: 60_000, caEnds: 365 * 86_400_000 }
const countedTo = 10_000

const minute = 60_000
const ago = (at: Date, now: Date): string =>
  `${Math.max(0, Math.round((now.getTime() - at.getTime()) / minute))} min ago`
const many = ({ count }: Backlog): string => (count >= countedTo ? `${countedTo} or more` : String(count))

/** A check that cannot be made is one that is not well; the others still are. */
const checks: Readonly<Record<string, (needs: Needs, at: Date) => Promise<Omit<Check, 'name'>>>> = {
  database: async ({ register }) => {
    const start = performance.now()
    await register.generations.all()
    return { isWell: true, says: `answers in ${Math.round(performance.now() - start)} ms` }
  },
  'CA keys': async ({ authorities }, at) => {
    const current = (['sign', 'auth'] as const).map((name) => authorities.current(name))
    const left = ({ opened }: (typeof current)[number]) => opened.notAfter.getTime() - at.getTime()
    return {
      isWell: current.every((one) => left(one) > patience.caEnds),
      says: current
        .map((one) => `${generationName(one)} until ${one.opened.notAfter.toISOString().slice(0, 10)}`)
        .join(', '),
    }
  },
  'revocation lists': async ({ register, authorities, publisher }, at) => {
    const due = await publisher.due()
    const full = await Promise.all(
      authorities.all.map(({ name, generation }) => register.lists.head({ authority: name, generation })),
    )
    const times = full.flatMap((head) => (head === undefined ? [] : [head.thisUpdate.getTime()]))
    const oldest =
      times.length === 0 ? 'none published' : `the oldest full one of ${ago(new Date(Math.min(...times)), at)}`
    return { isWell: due.length === 0, says: `${due.length} due, ${oldest}` }
  },
  'OCSP answers': async ({ vitals }, at) => {
    const due = await vitals.answersDue(at, countedTo)
    const isLate = due.oldest !== undefined && at.getTime() - due.oldest.getTime() > patience.answersLate
    return {
      isWell: !isLate,
      says: due.oldest ? `${many(due)} due, the oldest since ${ago(due.oldest, at)}` : `${many(due)} due`,
    }
  },
  journal: async ({ vitals }, at) => {
    const waiting = await vitals.entriesWaiting(countedTo)
    const checkpoint = await vitals.lastCheckpoint()
    const isLate = waiting.oldest !== undefined && at.getTime() - waiting.oldest.getTime() > patience.entriesLate
    const told =
      checkpoint === undefined ? 'no checkpoint yet' : `checkpoint ${checkpoint.number} of ${ago(checkpoint.at, at)}`
    return { isWell: !isLate, says: `${many(waiting)} to be sealed, ${told}` }
  },
}

export async function health(needs: Needs): Promise<ReplyOf<typeof describeHealth>> {
  const at = needs.now()
  const done = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      try {
        return { name, ...(await check(needs, at)) }
      } catch {
        return { name, isWell: false, says: 'does not answer' }
      }
    }),
  )
  return { isWell: done.every(({ isWell }) => isWell), checks: done }
}
