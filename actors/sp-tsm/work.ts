/**
 * What SP-TSM does by itself: takes orders and letters whose time has come, each under a lease, and moves them on. Several processes share
 * one store: each order is in one hand at a time, and one that a dead process held is taken up when its lease is over.
 */
import { setTimeout } from 'node:timers/promises'
import { Refusal } from '@mobile-jpki/refusal'
import { isOutOfTime, longestCheck, owingAgain, setBack } from './domain/ending.ts'
import { issue } from './domain/issuance.ts'
import { isDownloading, type Order, type Trouble, troubleOf } from './domain/order.ts'
import { type Leased, LeaseLost, type Outgoing } from './domain/orders.ts'
import type { World } from './domain/world.ts'
import { holding, type LeaseSettings, leaseTime } from './lease.ts'
import { post } from './mail/post.ts'
import { forgetOld } from './rates.ts'

export interface Work {
  /** Something is due now: looks at once instead of at the next turn. */
  wake(): void
  /** Looks for what is due, from now on. */
  begin(): void
  /** Resolves when nothing is under way any more. */
  end(): Promise<void>
}

export interface Rhythm {
  /** How long an order rests when a peer could not do its part; then longer and longer. */
  readonly firstRetry: number
  readonly longestRetry: number
  /** How often a process looks for what became due, or was left by another one. */
  readonly look: number
  readonly lease: number
  /** So much is under way in one process at a time. */
  readonly most: number
}

export const rhythm: Rhythm = { firstRetry: 2000, longestRetry: 3_600_000, look: 1000, lease: 30_000, most: 32 }

/** The delivery of an order whose SIM SP-TSM itself reaches, ⑭ to ⑱. */
export type Carry = (world: World, order: Order, signal: AbortSignal) => Promise<void>

export function ownWork(
  world: World,
  carry: Carry,
  onFault: (error: unknown) => void,
  { firstRetry, longestRetry, look, lease: milliseconds, most }: Rhythm,
): Work {
  const settings: LeaseSettings = { owner: world.newId(), milliseconds }
  const underWay = new Set<Promise<void>>()
  const closing = new AbortController()
  let woken = Promise.withResolvers<void>()
  const wake = () => woken.resolve()

  /** Twice as long each time, and never all at the same moment. */
  const restAfter = (count: number): Date => {
    const rest = Math.min(firstRetry * 2 ** (count - 1), longestRetry)
    const [octet = 0] = world.random(1)
    return new Date(world.now().getTime() + rest * (0.75 + octet / 512))
  }

  const start = (work: Promise<void>) => {
    const running = work.catch(onFault).finally(() => {
      underWay.delete(running)
      wake()
    })
    underWay.add(running)
  }

  const moveOn = async ({ order, lease }: Leased): Promise<void> => {
    try {
      await holding(world, lease, settings, async (held, lost) => {
        try {
          if (order.bearer !== undefined && isDownloading(order.state) && !isOutOfTime(world, order))
            await carry(held, order, AbortSignal.any([lost, closing.signal]))
          else await issue(held, order)
        } catch (error) {
          if (error instanceof LeaseLost || lost.aborted) throw lost.reason ?? error
          if (closing.signal.aborted) return
          await held.orders.update(order.id, (one) => setBack(one, troubleIn(error), (count) => nextOf(one, count)))
          if (!(error instanceof Refusal)) throw error
        }
      })
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error
      await world.orders.update(order.id, owingAgain)
    }
  }

  const nextOf = ({ state, createdAt }: Order, count: number): Date => {
    const next = restAfter(count)
    const end = new Date(createdAt.getTime() + longestCheck + 1)
    return state === 'applied' && end < next ? end : next
  }

  const postHeld = async (letter: Outgoing): Promise<void> => {
    const renew = () => void world.outbox.renew(letter, leaseTime(world, settings).until).catch(() => undefined)
    const timer = setInterval(renew, milliseconds / 3).unref()
    await post(world, letter, restAfter).finally(() => clearInterval(timer))
  }

  const takeDue = async (): Promise<void> => {
    const free = () => most - underWay.size
    if (free() > 0) {
      const letters = await world.outbox.takeDue(leaseTime(world, settings), free())
      for (const letter of letters) start(postHeld(letter))
    }
    if (free() > 0) for (const one of await world.leases.takeDue(leaseTime(world, settings), free())) start(moveOn(one))
  }

  let forgotten = 0
  const forget = async (): Promise<void> => {
    if (world.now().getTime() - forgotten < longestRetry) return
    forgotten = world.now().getTime()
    await forgetOld(world)
  }

  const turns = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await takeDue().then(forget).catch(onFault)
      const resting = new AbortController()
      const signal = AbortSignal.any([closing.signal, resting.signal])
      await Promise.race([woken.promise, setTimeout(look, undefined, { signal }).catch(() => undefined)])
      resting.abort()
      woken = Promise.withResolvers()
    }
  }

  let turning: Promise<void> = Promise.resolve()
  return {
    wake,
    begin: () => {
      turning = turns()
    },
    end: async () => {
      closing.abort()
      await turning
      await Promise.all(underWay)
    },
  }
}

/** A fault of our own is told as no more than that: its place is in the log. */
const troubleIn = (error: unknown): Trouble =>
  error instanceof Refusal ? troubleOf(error) : { code: 'peer.failed', detail: 'SP-TSM failed.', whose: 'sp-tsm' }
