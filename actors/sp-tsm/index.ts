/** SP-TSM 利用者証明機能ダウンロード管理: applications, orders, downloads; routes readable as a table. */
import { Refusal } from '@mobile-jpki/refusal'
import { type Conversations, conversations } from '@mobile-jpki/seram'
import { type Route, serve } from '@mobile-jpki/service'
import { applyForDownload, authenticate, getApplication, getDownload, givePinEnvelope } from './contract.ts'
import { apply } from './domain/application.ts'
import { authenticate as authenticated } from './domain/authentication.ts'
import { deliver } from './domain/delivery.ts'
import { issue } from './domain/issuance.ts'
import { isDownloading, type Order } from './domain/order.ts'
import { pinEnvelopes } from './domain/pin-envelopes.ts'
import type { World } from './domain/world.ts'

export type { World } from './domain/world.ts'

export interface SpTsm {
  readonly routes: readonly Route[]
  /** Takes up every order that was cut off, and keeps at it; `close` ends it. */
  resume(): Promise<void>
  close(): Promise<void>
}

/** How long an order rests when a peer could not be reached. */
const retryMilliseconds = 2000

export function spTsm(world: World, onFault: (error: unknown) => void): SpTsm {
  const pins = pinEnvelopes()
  const underWay = new Map<string, Promise<void>>()
  const closing = new AbortController()

  /** ⑥ to ⑪ behind the applicant's back, again and again until it is done. */
  const keepIssuing = (order: Order) => {
    if (underWay.has(order.id) || closing.signal.aborted) return
    const work = (async () => {
      for (let now: Order | undefined = order; now !== undefined && !closing.signal.aborted; ) {
        try {
          return await issue(world, now)
        } catch (error) {
          if (!(error instanceof Refusal)) onFault(error)
          await pause(retryMilliseconds, closing.signal)
          now = await world.orders.find(order.id)
        }
      }
    })()
      .catch(onFault)
      .finally(() => underWay.delete(order.id))
    underWay.set(order.id, work)
  }

  const orderOf = async (session: string): Promise<Order | undefined> =>
    world.orders.findBySession(await world.secrets.mac(new TextEncoder().encode(session)))

  const agents: Conversations = conversations({
    find: async (session) => {
      const order = await orderOf(session)
      if (order === undefined) return undefined
      return {
        seId: order.form.iccid,
        stage: async (element) => deliver(world, pins, await current(world, order), element),
      }
    },
    onFault,
  })

  const routes = [
    serve(applyForDownload, async ({ application, password }) => {
      const order = await apply(world, application, password)
      keepIssuing(order)
      return { orderId: order.id, state: order.state }
    }),
    serve(getApplication, async ({ orderId }) => {
      const order = await world.orders.find(orderId)
      if (order === undefined) throw new Refusal('reference.not-found')
      return { orderId: order.id, ...progressOf(order) }
    }),
    serve(authenticate, async (credentials) => {
      const { order, session } = await authenticated(world, credentials)
      return { orderId: order.id, session }
    }),
    serve(getDownload, async ({ session }) => {
      const order = await orderOf(session)
      if (order === undefined) throw new Refusal('reference.not-found', 'There is no such download.')
      const pinWanted = isDownloading(order.state) ? pins.wanted(order.id) : undefined
      return { orderId: order.id, ...progressOf(order), ...(pinWanted && { pinWanted }) }
    }),
    serve(givePinEnvelope, async ({ session, envelope }) => {
      const order = await orderOf(session)
      if (order === undefined) throw new Refusal('reference.not-found', 'There is no such download.')
      pins.give(order.id, envelope)
      return {}
    }),
    ...agents.routes,
  ]

  return {
    routes,
    resume: async () => {
      for (const order of await world.orders.findUnfinished(['applied', 'verified', 'certified'])) keepIssuing(order)
    },
    close: async () => {
      closing.abort()
      await agents.close()
      await Promise.all(underWay.values())
    },
  }
}

const current = async ({ orders }: World, { id }: Order): Promise<Order> => {
  const order = await orders.find(id)
  if (order === undefined) throw new Refusal('reference.not-found')
  return order
}

const progressOf = ({ state, trouble }: Order) => ({ state, ...(trouble && { trouble: { ...trouble } }) })

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done, { once: true })
  })
