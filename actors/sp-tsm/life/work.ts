/**
 * What SP-TSM does for life events by itself: tasks, reminders, and what the JPKI system has to tell. Several processes share one store:
 * a task is in the hands of whoever took it until its lease is over.
 */
import { setTimeout } from 'node:timers/promises'
import { Refusal } from '@mobile-jpki/refusal'
import { again } from '../conversation/over-the-air.ts'
import { isPassing, troubleOf } from '../domain/order.ts'
import { advanceAll } from './advance.ts'
import { withTask } from './ask.ts'
import { takeChanges } from './asking/changes.ts'
import { bringSim } from './sim/at-sim.ts'
import { setBack, type Task } from './task.ts'
import { remind } from './term.ts'
import type { LifeWorld } from './world.ts'

export interface LifeWork {
  /** Something is due now: looks at once instead of at the next turn. */
  wake(): void
  begin(): void
  /** Resolves when nothing is under way any more. */
  end(): Promise<void>
}

export interface LifeRhythm {
  /** How often it is looked for what became due. */
  readonly look: number
  readonly lease: number
  /** So many at a time. */
  readonly most: number
}

export function lifeWork(
  world: LifeWorld,
  onFault: (error: unknown) => void,
  { look, lease, most }: LifeRhythm,
): LifeWork {
  const closing = new AbortController()
  const { signal } = closing
  let woken = Promise.withResolvers<void>()

  const one = async (task: Task): Promise<void> => {
    try {
      const now = await advanceAll(world, task)
      if (now.state === 'atSim') await reach(world, now, signal)
    } catch (error) {
      if (!(error instanceof Refusal)) onFault(error)
    }
  }

  const turn = async (): Promise<void> => {
    await takeChanges(world).catch((error: unknown) => {
      if (!(error instanceof Refusal && isPassing(error))) throw error
    })
    const now = world.now()
    const tasks = await world.lives.takeDueTasks(now, new Date(now.getTime() + lease), most)
    await Promise.all(tasks.map(one))
    for (const life of await world.lives.dueReminders(now, most)) await remind(world, life)
  }

  const turns = async (): Promise<void> => {
    while (!signal.aborted) {
      await turn().catch(onFault)
      await Promise.race([woken.promise, setTimeout(look, undefined, { signal }).catch(() => undefined)])
      woken = Promise.withResolvers()
    }
  }

  let turning: Promise<void> = Promise.resolve()
  return {
    wake: () => woken.resolve(),
    begin: () => {
      turning = turns()
    },
    end: async () => {
      closing.abort()
      await turning
    },
  }
}

/** A SIM that SP-TSM reaches by itself, over the air: tried again, later and later, until it answers. */
async function reach(world: LifeWorld, task: Task, signal: AbortSignal): Promise<void> {
  const order = await world.orders.find(task.orderId)
  const way = order && world.carriers.get(order.form.carrier)?.overTheAir
  if (order?.bearer === undefined || way === undefined) return
  try {
    await again(signal, async () => {
      const { element, end } = await way.converse(order, signal)
      try {
        const outcome = await bringSim(world, order.id, element)
        if (outcome.outcome === 'stop') throw outcome.trouble
      } finally {
        await end()
      }
    })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const trouble = troubleOf(error)
    await world.lives.update(task.orderId, (affairs) => {
      const now = affairs.tasks.find(({ id }) => id === task.id)
      return now?.state === 'atSim' ? withTask(affairs, setBack(now, trouble, world.now())) : affairs
    })
  }
}
