/** Agents that come for a life event: by the bearer that the signer of a request has, or for whatever waits for the SIM in the phone. */
import { Refusal } from '@mobile-jpki/refusal'
import type { Session } from '@mobile-jpki/seram'
import type { Task } from '../task.ts'
import { visitOf } from '../term.ts'
import type { LifeWorld } from '../world.ts'
import { bringSim } from './at-sim.ts'

export interface Visits {
  /** undefined for a session that is not about a life event. */
  find(session: string): Promise<Session | undefined>
  /** The session for the SIM, where something waits for it. */
  forSim(iccid: string): Promise<string | undefined>
  taskOf(session: string): Promise<Task>
}

export interface VisitsOptions {
  /** Ends another agent's conversation; resolves when it has let go. */
  readonly end: (session: string) => Promise<void>
  /** Something may be due now. */
  readonly wake: () => void
}

export function visits(world: LifeWorld, { end, wake }: VisitsOptions): Visits {
  /** The session under which each SIM is visited, and the end of the one before it: two of them never write to one SIM. */
  const present = new Map<string, { readonly session: string; readonly after: Promise<void> }>()

  const enter = (orderId: string, session: string): Promise<void> => {
    const before = present.get(orderId)
    if (before?.session === session) return before.after
    const after = before === undefined ? Promise.resolve() : end(before.session)
    present.set(orderId, { session, after })
    return after
  }

  const isReachedByUs = async (orderId: string) => (await world.orders.find(orderId))?.bearer !== undefined
  const isWaiting = async (orderId: string) =>
    (await world.lives.tasksOf(orderId)).some(({ state }) => state === 'atSim')
  const macOf = (session: string) => world.secrets.mac(new TextEncoder().encode(session))

  return {
    find: async (session) => {
      const mac = await macOf(session)
      const orderId =
        (await world.lives.findTask({ session: mac }))?.orderId ?? (await world.lives.findByVisit(mac))?.orderId
      const life = orderId === undefined ? undefined : await world.lives.find(orderId)
      if (life === undefined) return undefined
      if (await isReachedByUs(life.orderId))
        throw new Refusal('conditions.not-satisfied', 'The SIM is reached over the air: the agent has nothing to do.')
      const after = enter(life.orderId, session)
      return {
        seId: life.iccid,
        stage: async (element) => {
          await after
          const outcome = await bringSim(world, life.orderId, element)
          present.delete(life.orderId)
          wake()
          return outcome
        },
      }
    },
    forSim: async (iccid) => {
      for (const { orderId } of await world.lives.inSim(iccid))
        if ((await isWaiting(orderId)) && !(await isReachedByUs(orderId))) return visitOf(world, orderId)
      return undefined
    },
    taskOf: async (session) => {
      const task = await world.lives.findTask({ session: await macOf(session) })
      if (task === undefined) throw new Refusal('reference.not-found', 'There is no such request.')
      return task
    },
  }
}
