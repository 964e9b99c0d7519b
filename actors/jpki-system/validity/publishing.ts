/** The publisher at work: partitions at once after a revocation, the lists of all soon after, everything once a day. */
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { ListScope } from '../domain/world.ts'
import { listNamed, type Publisher } from './publisher.ts'

export interface Publishing {
  /** After a revocation. Waits for the lists as long as it is worth while, and never fails. */
  announce(scopes: readonly ListScope[]): Promise<void>
  /** Looks for what is due, again and again. */
  begin(): void
  end(): Promise<void>
}

export interface Rhythm {
  /** How often it is looked whether anything is due. */
  readonly sweepMilliseconds: number
  /** How long an answer waits for its list. A key that does not sign must not keep a revocation from being answered. */
  readonly patienceMilliseconds: number
  /** A list that takes longer than this rests `rest` times as long as it took: a million entries are not written for each revocation. */
  readonly longMilliseconds: number
  readonly rest: number
}

export const rhythm: Rhythm = { sweepMilliseconds: 5000, patienceMilliseconds: 5000, longMilliseconds: 1000, rest: 9 }

export function publishing(
  publisher: Pick<Publisher, 'bring' | 'due'>,
  onFault: (error: unknown) => void,
  { sweepMilliseconds, patienceMilliseconds, longMilliseconds, rest }: Rhythm = rhythm,
): Publishing {
  const closing = new AbortController()
  const { signal } = closing
  const restsUntil = new Map<string, number>()
  let woken = Promise.withResolvers<void>()

  const bring = async (scope: ListScope): Promise<void> => {
    const start = performance.now()
    let restUntil = start + sweepMilliseconds
    try {
      await publisher.bring(scope)
      const took = performance.now() - start
      restUntil = start + (took > longMilliseconds ? took * (rest + 1) : took)
    } catch (error) {
      onFault(error)
    }
    restsUntil.set(listNamed(scope), restUntil)
  }

  /** Answers when to look again. */
  async function pass(): Promise<number> {
    let next = performance.now() + sweepMilliseconds
    for (const scope of await publisher.due()) {
      if (signal.aborted) break
      const until = restsUntil.get(listNamed(scope)) ?? 0
      if (until > performance.now()) next = Math.min(next, until)
      else await bring(scope)
      await setImmediate()
    }
    return next
  }

  async function sweep(): Promise<void> {
    while (!signal.aborted) {
      woken = Promise.withResolvers()
      const next = await pass().catch((error: unknown) => {
        onFault(error)
        return performance.now() + sweepMilliseconds
      })
      await pause(next - performance.now(), woken.promise)
    }
  }

  async function pause(milliseconds: number, until: Promise<unknown>): Promise<void> {
    const over = new AbortController()
    const end = AbortSignal.any([signal, over.signal])
    await Promise.race([
      until,
      setTimeout(Math.max(milliseconds, 0), undefined, { signal: end }).catch(() => undefined),
    ])
    over.abort()
  }

  let sweeping = Promise.resolve()
  return {
    async announce(scopes) {
      await pause(patienceMilliseconds, Promise.all(scopes.map(bring)))
      woken.resolve()
    },
    begin() {
      sweeping = sweep()
    },
    async end() {
      closing.abort()
      woken.resolve()
      await sweeping
    },
  }
}
