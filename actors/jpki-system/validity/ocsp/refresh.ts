/** Renews stored answers before they age, and makes those that are missing. What changes meanwhile keeps the answer that it got. */
import type { CertificateStatus, ValidityRegister } from '../../domain/world.ts'
import type { Issuers } from './issuers.ts'
import { isStored, type PresignWorld, presigner } from './presign.ts'
import type { OcspResponders } from './responders.ts'

export interface RefreshWorld extends PresignWorld {
  readonly register: Pick<ValidityRegister, 'statuses' | 'keep'>
  readonly issuers: Issuers
  readonly responders: OcspResponders
  readonly onFault: (error: unknown) => void
}

/** A transaction's worth: others wait for no longer than that. */
const batch = 200
const pauseMilliseconds = 1_000

/** One batch; answers how many were due. */
export function refreshing(world: RefreshWorld): () => Promise<number> {
  const presign = presigner(world)
  return async () => {
    const due = await world.register.statuses.due(world.now(), batch)
    await renewResponders(world, due)
    const answers = await Promise.all(
      due.map(async (status) => {
        const answer = await presign(status)
        return { status, ...(answer && { answer }) }
      }),
    )
    // Where no responder is there to sign, the old answer stays, and stays due.
    const done = answers.filter(({ status, answer }) => answer !== undefined || !isStored(status, world.now()))
    if (done.length > 0) await world.register.keep(done)
    return done.length
  }
}

async function renewResponders(
  { issuers, responders }: RefreshWorld,
  due: readonly CertificateStatus[],
): Promise<void> {
  const wanted = new Set(due.map(({ authority, generation }) => `${authority}-${generation}`))
  for (const issuer of issuers.all()) if (wanted.has(`${issuer.name}-${issuer.generation}`)) await responders.of(issuer)
}

export function startRefreshing(world: RefreshWorld): { close(): Promise<void> } {
  const refresh = refreshing(world)
  return repeating(
    () =>
      refresh().catch((error: unknown) => {
        world.onFault(error)
        return 0
      }),
    (done) => (done === 0 ? pauseMilliseconds : 0),
  )
}

/** Work, pause, work, until it is closed. */
export function repeating<T>(work: () => Promise<T>, pauseAfter: (outcome: T) => number): { close(): Promise<void> } {
  const closing = new AbortController()
  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const outcome = await work()
      await pause(pauseAfter(outcome), closing.signal)
    }
  }
  const running = run()
  return {
    close: async () => {
      closing.abort()
      await running
    },
  }
}

/** At least one turn of the event loop, in which requests are answered. */
const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal.addEventListener('abort', end)
  })
