/** What SP-TSM does by itself: moves on every order that waits for nobody else, again and again until it is done. */
import { setTimeout } from 'node:timers/promises'
import { Refusal } from '@mobile-jpki/refusal'
import { issue } from './domain/issuance.ts'
import type { Order } from './domain/order.ts'
import type { World } from './domain/world.ts'

export interface Work {
  /** Takes up an order, unless it is under way already. */
  take(order: Order): void
  /** Takes up every order that was cut off or whose time is over, now and from time to time. */
  begin(): Promise<void>
  /** Resolves when nothing is under way any more. */
  end(): Promise<void>
}

export interface Rhythm {
  /** How long an order rests when a peer could not do its part; then longer and longer. */
  readonly firstRetry: number
  readonly longestRetry: number
  readonly sweep: number
}

export const rhythm: Rhythm = { firstRetry: 2000, longestRetry: 60_000, sweep: 60_000 }

export function ownWork(
  world: World,
  onFault: (error: unknown) => void,
  { firstRetry, longestRetry, sweep }: Rhythm,
): Work {
  const underWay = new Map<string, Promise<void>>()
  const closing = new AbortController()
  const { signal } = closing

  const untilDone = async (taken: Order) => {
    let rest = firstRetry
    for (let order: Order | undefined = taken; order !== undefined && !signal.aborted; ) {
      try {
        return await issue(world, order)
      } catch (error) {
        if (!(error instanceof Refusal)) onFault(error)
        await pause(rest, signal)
        rest = Math.min(rest * 2, longestRetry)
        order = await world.orders.find(taken.id)
      }
    }
  }

  const take = (order: Order) => {
    if (underWay.has(order.id) || signal.aborted) return
    const work = untilDone(order)
      .catch(onFault)
      .finally(() => underWay.delete(order.id))
    underWay.set(order.id, work)
  }

  const takeAll = async () => {
    for (const order of await world.orders.findToDo(world.now())) take(order)
  }
  let sweeping: Promise<void> = Promise.resolve()
  const sweepOn = async () => {
    for (;;) {
      await pause(sweep, signal)
      if (signal.aborted) return
      await takeAll().catch(onFault)
    }
  }

  return {
    take,
    begin: async () => {
      await takeAll()
      sweeping = sweepOn()
    },
    end: async () => {
      closing.abort()
      await Promise.all([sweeping, ...underWay.values()])
    },
  }
}

/** Ends early when it is aborted, and never fails. */
const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  setTimeout(milliseconds, undefined, { signal }).catch(() => undefined)
