/**
 * Downloads under way: ⑭ to ⑱ by the phone's agent, whose conversation runs in this process, or over the air by SP-TSM itself. Either
 * way under the order's lease: whoever comes later, in whichever process, ends what was before.
 */
import { Refusal } from '@mobile-jpki/refusal'
import {
  Abandoned,
  type Conversations,
  conversations,
  type Element,
  type Outcome,
  type Session,
} from '@mobile-jpki/seram'
import type { PinEnvelopes } from './applet/pin-envelopes.ts'
import { deliver } from './card/delivery.ts'
import { again } from './conversation/over-the-air.ts'
import { setBack } from './domain/ending.ts'
import { isDownloading, isFinal, type Order, troubleOf } from './domain/order.ts'
import { LeaseLost } from './domain/orders.ts'
import type { World } from './domain/world.ts'
import { holding, type LeaseSettings, leaseTime } from './lease.ts'
import type { Carry } from './work.ts'

export interface Downloads {
  readonly agents: Conversations
  orderOf(session: string): Promise<Order>
  /** A new session ends the old one: two of them never drive one order. Answers the order with how its SIM is reached. */
  enter(order: Order, session: string): Promise<Order>
}

export interface DownloadsOptions {
  readonly lease: LeaseSettings
  readonly onFault: (error: unknown) => void
  /** Something may be due now. */
  readonly wake: () => void
  /** Sessions that are about something else than a download. */
  readonly others: (session: string) => Promise<Session | undefined>
}

export function downloads(
  world: World,
  pins: PinEnvelopes,
  { lease, onFault, wake, others }: DownloadsOptions,
): Downloads {
  /** The session that each order is being downloaded under, and the end of the one before it. */
  const present = new Map<string, { readonly session: string; readonly after: Promise<void> }>()

  const orderOf = async (session: string): Promise<Order> => {
    const order = await world.orders.findBySession(await world.secrets.mac(new TextEncoder().encode(session)))
    if (order === undefined) throw new Refusal('reference.not-found', 'There is no such download.')
    return order
  }

  /** Resolves when the session before has let go. */
  const replace = ({ id }: Order, session: string): Promise<void> => {
    const before = present.get(id)
    if (before?.session === session) return before.after
    const after = before === undefined ? Promise.resolve() : agents.end(before.session)
    present.set(id, { session, after })
    return after
  }

  const stageOf = async (order: Order, element: Element): Promise<Outcome> => {
    const taken = await world.leases.take(order.id, leaseTime(world, lease), 'force')
    if (taken === undefined) throw new Refusal('reference.not-found', 'There is no such application.')
    try {
      return await holding(world, taken.lease, lease, async (held, lost) => {
        const end = () => void agents.end(present.get(order.id)?.session ?? '')
        lost.addEventListener('abort', end, { once: true })
        const outcome = await deliver(held, pins, taken.order, element)
        if (outcome.outcome === 'stop') await noted(held, order, outcome.trouble)
        return outcome
      })
    } catch (error) {
      throw error instanceof LeaseLost ? new Abandoned(error.message) : error
    }
  }

  const agents = conversations({
    find: async (session) => {
      const other = await others(session)
      if (other !== undefined) return other
      const order = await orderOf(session)
      if (order.bearer !== undefined)
        throw new Refusal('conditions.not-satisfied', 'The SIM is reached over the air: the agent has nothing to do.')
      const after = replace(order, session)
      return {
        seId: order.form.iccid,
        stage: async (element) => {
          await after
          const outcome = await stageOf(order, element)
          const now = await world.orders.find(order.id)
          if (now === undefined || isFinal(now.state)) present.delete(order.id)
          wake()
          return outcome
        },
      }
    },
    onFault,
  })

  return {
    agents,
    orderOf,
    enter: async (order, session) => {
      const bearer = world.carriers.get(order.form.carrier)?.overTheAir?.bearer
      if (bearer === undefined) {
        void replace(order, session)
        return order
      }
      const known = await world.orders.update(order.id, (one) => (isDownloading(one.state) ? { ...one, bearer } : one))
      wake()
      return known
    },
  }
}

/** What kept it back; whether anything is tried again is the agent's or the person's matter. */
const noted = ({ orders }: World, { id }: Order, trouble: Refusal): Promise<Order> =>
  orders.update(id, (one) => (isFinal(one.state) ? one : setBack(one, troubleOf(trouble))))

/** ⑭ to ⑱ without the agent: the app gives the PIN, and asks how far it is. */
export const carryOverTheAir =
  (pins: PinEnvelopes): Carry =>
  async (world, order, signal) => {
    const way = world.carriers.get(order.form.carrier)?.overTheAir
    if (way === undefined)
      throw new Refusal('sim.not-eligible', `The carrier ${order.form.carrier} is not reached over the air any more.`)
    await again(signal, async () => {
      const { element, end } = await way.converse(order, signal)
      try {
        const outcome = await deliver(world, pins, (await world.orders.find(order.id)) ?? order, element)
        if (outcome.outcome === 'stop' && !(await isOver(world, order))) throw outcome.trouble
        if (outcome.outcome === 'visit')
          throw new Refusal('peer.failed', 'The carrier has not yet put the applet into the SIM.', { whose: 'mno-tsm' })
      } finally {
        await end()
      }
    })
  }

const isOver = async ({ orders }: World, { id }: Order): Promise<boolean> => {
  const now = await orders.find(id)
  return now === undefined || isFinal(now.state)
}
