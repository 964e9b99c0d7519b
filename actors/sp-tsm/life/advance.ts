/** What SP-TSM itself does for a task: at the JPKI system, and for the carrier's registry. Intent is written before the act, outcome after it. */
import { Refusal } from '@mobile-jpki/refusal'
import { isPassing, troubleOf } from '../domain/order.ts'
import { lifeWith, taskIn, withTask } from './ask.ts'
import { letterOf } from './letters.ts'
import type { Life } from './life.ts'
import type { Affairs } from './lives.ts'
import { type EndReason, planOf } from './plans.ts'
import { moved, setBack, type Task } from './task.ts'
import type { LifeWorld } from './world.ts'

/** One step; a peer that does not answer leaves the task where it is, to be tried again later. */
export async function advance(world: LifeWorld, task: Task): Promise<Task> {
  try {
    if (task.state === 'atJpki') return await tellJpki(world, task)
    if (task.state === 'atCarrier') return await tellCarrier(world, task)
    return task
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const trouble = troubleOf(error)
    const isFinal = task.state === 'atJpki' && !isPassing(error)
    return change(world, task, (_, now) =>
      isFinal ? moved(now, 'refuse', { trouble }) : setBack(now, trouble, world.now()),
    )
  }
}

/** Until it waits for somebody else, or until later. */
export async function advanceAll(world: LifeWorld, task: Task): Promise<Task> {
  let present = task
  for (;;) {
    const next = await advance(world, present)
    if (next.state === present.state) return next
    present = next
  }
}

async function change(world: LifeWorld, task: Task, step: (affairs: Affairs, now: Task) => Task): Promise<Task> {
  const { tasks } = await world.lives.update(task.orderId, (affairs) => {
    const now = taskIn(affairs.tasks, task.id)
    return now.state === task.state ? withTask(affairs, step(affairs, now)) : affairs
  })
  return taskIn(tasks, task.id)
}

/** A stop of what is stopped already, or a cause that is lifted while another one stays, changes nothing outside. */
const changesState = (before: Life, after: Life): boolean => before.state !== after.state

async function tellJpki(world: LifeWorld, task: Task): Promise<Task> {
  const plan = planOf(task.event)
  const life = await lifeOf(world, task)
  const earlier = (await world.lives.tasksOf(task.orderId)).find(({ state }) => state === 'atJpki')
  if (earlier !== undefined && earlier.id !== task.id) await advance(world, earlier)
  const isFelt = plan.life === undefined || plan.life === 'use' || changesState(life, lifeWith(task.event, life))
  if (isFelt && plan.jpki !== undefined) await act(world, plan.jpki, task.orderId)
  // Another download has the SIM: there is nothing of this one left in it.
  const [present] = await world.lives.inSim(life.iccid)
  const isInSim = isFelt && plan.sim !== undefined && present?.orderId === task.orderId
  const overTheAir = (await world.orders.find(task.orderId))?.bearer !== undefined
  const { tasks } = await world.lives.update(task.orderId, (affairs) => {
    const now = taskIn(affairs.tasks, task.id)
    if (now.state !== 'atJpki') return affairs
    const changed = { ...lifeWith(task.event, affairs.life), ...particularsOf(now) }
    const letter = isFelt && plan.letter !== undefined ? letterOf(plan.letter, now, world.now()) : undefined
    return {
      ...withTask(affairs, isInSim ? moved(now, 'told', overTheAir ? { due: world.now() } : {}) : moved(now, 'finish')),
      life: changed,
      letters: letter === undefined ? [] : [letter],
    }
  })
  return taskIn(tasks, task.id)
}

async function act({ register }: LifeWorld, what: 'stop' | 'resume' | EndReason, orderId: string): Promise<void> {
  if (what === 'stop') await register.stop(orderId)
  else if (what === 'resume') await register.resume(orderId)
  else await register.end(orderId, what)
}

const particularsOf = ({ event, particulars }: Task): Partial<Life> => ({
  ...(particulars.newMsisdn !== undefined && { msisdn: particulars.newMsisdn }),
  ...(event === 'deviceChanged' && { bound: false }),
  ...(event === 'rebind' && { bound: true }),
})

async function lifeOf({ lives }: LifeWorld, { orderId }: Task): Promise<Life> {
  const life = await lives.find(orderId)
  if (life === undefined) throw new Error('a task has its life')
  return life
}

/** The carrier's registry of what is in its SIMs. What it makes of it cannot undo what is done. */
async function tellCarrier(world: LifeWorld, task: Task): Promise<Task> {
  const { carrier: action } = planOf(task.event)
  const { carrier } = await lifeOf(world, task)
  const tsm = world.carriers.get(carrier)
  if (action !== undefined && tsm !== undefined)
    await (action === 'terminate' ? tsm.terminate(task.orderId) : tsm.actionDone(task.orderId, action)).catch(
      (error: unknown) => {
        if (!(error instanceof Refusal) || isPassing(error)) throw error
      },
    )
  return change(world, task, (_, now) => moved(now, 'known'))
}

/** Ids of the tasks that waited when the SIM was reached. What came to it meanwhile is in neither, and waits on. */
export interface Written {
  readonly done: readonly string[]
  /** Made needless by what came after them. */
  readonly overtaken: readonly string[]
  readonly proof?: Uint8Array | undefined
}

export async function writtenInSim(world: LifeWorld, orderId: string, { done, overtaken, proof }: Written) {
  const at = world.now()
  return world.lives.update(orderId, (affairs) => {
    const waiting = affairs.tasks.filter(({ state }) => state === 'atSim')
    const letters = waiting.flatMap((task) => {
      const { letterAfterSim } = planOf(task.event)
      return letterAfterSim !== undefined && done.includes(task.id) ? [letterOf(letterAfterSim, task, at)] : []
    })
    const tasks = affairs.tasks.map((task) => {
      if (task.state !== 'atSim') return task
      if (overtaken.includes(task.id)) return moved(task, 'overtake')
      if (!done.includes(task.id)) return task
      const kept = proof === undefined ? {} : { proof }
      return planOf(task.event).carrier === undefined
        ? moved(task, 'finish', kept)
        : moved(task, 'written', { ...kept, due: at })
    })
    return { ...affairs, tasks, letters }
  })
}
