/** How a life event begins: whoever asks, it is the same task, and asked again it is not another one. */
import type { Refusal } from '@mobile-jpki/refusal'
import type { LifeEvent } from '../contract/life.ts'
import { troubleOf } from '../domain/order.ts'
import { endedBy, type Life, after as lifeAfter, resumedFrom, type StopCause, stoppedBy } from './life.ts'
import type { Affairs } from './lives.ts'
import { planOf } from './plans.ts'
import { moved, type Particulars, type Task } from './task.ts'
import type { LifeWorld } from './world.ts'

export interface Asked {
  readonly id: string
  readonly orderId: string
  readonly event: LifeEvent
  readonly particulars?: Particulars
  readonly evidence?: Uint8Array
  readonly session?: Uint8Array
}

/** What the life becomes with the event; a Refusal where it cannot happen to it. */
export function lifeWith(event: LifeEvent, life: Life): Life {
  const plan = planOf(event)
  switch (plan.life) {
    case 'stop':
      return stoppedBy(life, event as StopCause)
    case 'resume':
      return resumedFrom(life, plan.lifts ?? [])
    case 'end':
      return endedBy(life, event)
    case 'use':
      lifeAfter('use', life.state)
      return life
    default:
      return life
  }
}

/** Tasks of a life have an order, also within a millisecond. */
const after = (tasks: readonly Task[], now: Date): Date =>
  new Date(Math.max(now.getTime(), (tasks.at(-1)?.askedAt.getTime() ?? 0) + 1))

/** Accepts what can happen to the life as it is; the life itself changes when the JPKI system has done its part. */
export async function ask(world: LifeWorld, { particulars = {}, ...asked }: Asked): Promise<Task> {
  const now = world.now()
  const { tasks } = await world.lives.update(asked.orderId, (affairs) => {
    if (affairs.tasks.some(({ id }) => id === asked.id)) return affairs
    lifeWith(asked.event, affairs.life)
    const task: Task = { ...asked, particulars, state: 'asked', askedAt: after(affairs.tasks, now), tries: 0 }
    return { ...affairs, tasks: [...affairs.tasks, moved(task, 'accept', { due: now })] }
  })
  return taskIn(tasks, asked.id)
}

export const taskIn = (tasks: readonly Task[], id: string): Task => {
  const task = tasks.find((one) => one.id === id)
  if (task === undefined) throw new Error('a task that was asked for is there')
  return task
}

export const withTask = (affairs: Affairs, changed: Task): Affairs => ({
  ...affairs,
  tasks: affairs.tasks.map((one) => (one.id === changed.id ? changed : one)),
})

/** Kept with its reason: a form serves once, also when it was refused. */
export async function keepRefused(world: LifeWorld, asked: Asked, refusal: Refusal): Promise<void> {
  const now = world.now()
  await world.lives.update(asked.orderId, (affairs) => {
    if (affairs.tasks.some(({ id }) => id === asked.id)) return affairs
    const askedAt = after(affairs.tasks, now)
    const task: Task = { ...asked, particulars: asked.particulars ?? {}, state: 'asked', askedAt, tries: 0 }
    return { ...affairs, tasks: [...affairs.tasks, moved(task, 'refuse', { trouble: troubleOf(refusal) })] }
  })
}
