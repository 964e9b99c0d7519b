/** SP-TSM 利用者証明機能ダウンロード管理: applications, orders, downloads; routes readable as a table. */
import { Refusal } from '@mobile-jpki/refusal'
import { conversations } from '@mobile-jpki/seram'
import { type Route, serve } from '@mobile-jpki/service'
import { applyForDownload, authenticate, getApplication, getDownload, givePinEnvelope } from './contract.ts'
import { apply } from './domain/application.ts'
import { authenticate as authenticated } from './domain/authentication.ts'
import { deliver } from './domain/delivery.ts'
import { isDownloading, isFinal, type Order } from './domain/order.ts'
import { pinEnvelopes } from './domain/pin-envelopes.ts'
import type { World } from './domain/world.ts'
import { ownWork, rhythm } from './work.ts'

export type { World } from './domain/world.ts'

export interface SpTsm {
  readonly routes: readonly Route[]
  /** Takes up every order that was cut off, and keeps at it; `close` ends it. */
  resume(): Promise<void>
  close(): Promise<void>
}

export function spTsm(world: World, onFault: (error: unknown) => void, every = rhythm): SpTsm {
  const pins = pinEnvelopes()
  const work = ownWork(world, onFault, every)
  /** The session that each order is being downloaded under, and the end of the one before it. */
  const present = new Map<string, { readonly session: string; readonly after: Promise<void> }>()

  const orderOf = async (session: string): Promise<Order> => {
    const order = await world.orders.findBySession(await world.secrets.mac(new TextEncoder().encode(session)))
    if (order === undefined) throw new Refusal('reference.not-found', 'There is no such download.')
    return order
  }

  /** A new session ends the old one: two of them never drive one order. Resolves when the old one has let go. */
  const enter = ({ id }: Order, session: string): Promise<void> => {
    const before = present.get(id)
    if (before?.session === session) return before.after
    const after = before === undefined ? Promise.resolve() : agents.end(before.session)
    present.set(id, { session, after })
    return after
  }

  const agents = conversations({
    find: async (session) => {
      const order = await orderOf(session)
      const after = enter(order, session)
      return {
        seId: order.form.iccid,
        stage: async (element) => {
          await after
          const outcome = await deliver(world, pins, await current(world, order.id), element)
          const now = await current(world, order.id)
          if (isFinal(now.state)) present.delete(order.id)
          work.take(now)
          return outcome
        },
      }
    },
    onFault,
  })

  const routes = [
    serve(applyForDownload, async ({ application, password }) => {
      const order = await apply(world, application, password)
      work.take(order)
      return { orderId: order.id, state: order.state }
    }),
    serve(getApplication, async ({ orderId }) => ({ orderId, ...progressOf(await current(world, orderId)) })),
    serve(authenticate, async (credentials) => {
      const { order, session } = await authenticated(world, credentials)
      void enter(order, session)
      return { orderId: order.id, session }
    }),
    serve(getDownload, async ({ session }) => {
      const order = await orderOf(session)
      const pinWanted = isDownloading(order.state) ? pins.wanted(order.id) : undefined
      return { orderId: order.id, ...progressOf(order), ...(pinWanted && { pinWanted }) }
    }),
    serve(givePinEnvelope, async ({ session, envelope }) => {
      pins.give((await orderOf(session)).id, envelope)
      return {}
    }),
    ...agents.routes,
  ]

  return {
    routes,
    resume: work.begin,
    close: async () => {
      await Promise.all([work.end(), agents.close()])
    },
  }
}

const current = async ({ orders }: World, id: string): Promise<Order> => {
  const order = await orders.find(id)
  if (order === undefined) throw new Refusal('reference.not-found', 'There is no such application.')
  return order
}

const progressOf = ({ state, trouble }: Order) => ({ state, ...(trouble && { trouble: { ...trouble } }) })
