/** SP-TSM 利用者証明機能ダウンロード管理: applications, orders, downloads; routes readable as a table. */
import { Refusal } from '@mobile-jpki/refusal'
import { type Route, serve } from '@mobile-jpki/service'
import { pinEnvelopes } from './applet/pin-envelopes.ts'
import {
  applyForDownload,
  authenticate,
  cancelApplication,
  checkEligibility,
  getApplication,
  getChallenge,
  getDownload,
  givePinEnvelope,
} from './contract.ts'
import { apply } from './domain/application.ts'
import { authenticate as authenticated } from './domain/authentication.ts'
import { newChallenge } from './domain/device.ts'
import { eligibility } from './domain/eligibility.ts'
import { isDownloading, type Order } from './domain/order.ts'
import type { World } from './domain/world.ts'
import { carryOverTheAir, downloads } from './downloads.ts'
import { lifeRoutes } from './life/routes.ts'
import { visits } from './life/sim/visits.ts'
import { lifeWork } from './life/work.ts'
import { withdraw } from './operator/cancellation.ts'
import { operatorRoutes } from './operator/routes.ts'
import { countFor } from './rates.ts'
import { ownWork, rhythm } from './work.ts'

export type { World } from './domain/world.ts'

export interface SpTsm {
  readonly routes: readonly Route[]
  /** Takes up what is due, and keeps at it; `close` ends it. */
  resume(): void
  close(): Promise<void>
}

export function spTsm(world: World, onFault: (error: unknown) => void, every = rhythm): SpTsm {
  const pins = pinEnvelopes(world, world.pinRelay)
  const work = ownWork(world, carryOverTheAir(pins), onFault, every)
  const lease = { owner: world.newId(), milliseconds: every.lease }
  const lifeWorld = { ...world, pins }
  const life = lifeWork(lifeWorld, onFault, every)
  const visiting = visits(lifeWorld, { end: (session) => agents.end(session), wake: life.wake })
  const { agents, orderOf, enter } = downloads(world, pins, {
    lease,
    onFault,
    wake: work.wake,
    others: visiting.find,
  })

  const routes = [
    serve(checkEligibility, (question) => eligibility(world, question)),
    serve(applyForDownload, async ({ application, password }) => {
      const order = await apply(world, application, password)
      work.wake()
      return { orderId: order.id, state: order.state }
    }),
    serve(getApplication, async ({ orderId }) => ({ orderId, ...progressOf(await current(world, orderId)) })),
    serve(cancelApplication, async (withdrawal) => {
      const { id, state } = await withdraw(world, withdrawal)
      work.wake()
      return { orderId: id, state }
    }),
    serve(getChallenge, () => newChallenge(world)),
    serve(authenticate, async (credentials) => {
      await countFor(world, 'codes', credentials.iccid)
      const { order, session } = await authenticated(world, credentials)
      const { id, bearer } = await enter(order, session)
      return { orderId: id, session, bearer: bearer ?? ('agent' as const) }
    }),
    serve(getDownload, async ({ session }) => {
      const order = await orderOf(session)
      const pinWanted = isDownloading(order.state) ? await pins.wanted(order.id) : undefined
      const { id, bearer = 'agent' as const } = order
      return { orderId: id, ...progressOf(order), bearer, ...(pinWanted && { pinWanted }) }
    }),
    serve(givePinEnvelope, async ({ session, envelope }) => {
      await pins.give((await orderOf(session)).id, envelope)
      return {}
    }),
    ...agents.routes,
    ...operatorRoutes(world, work.wake),
    ...lifeRoutes(lifeWorld, visiting, life.wake),
  ]

  return {
    routes,
    resume: () => {
      work.begin()
      life.begin()
    },
    close: async () => {
      await Promise.all([work.end(), life.end(), agents.close()])
    },
  }
}

const current = async ({ orders }: World, id: string): Promise<Order> => {
  const order = await orders.find(id)
  if (order === undefined) throw new Refusal('reference.not-found', 'There is no such application.')
  return order
}

const progressOf = ({ state, trouble }: Order) => ({ state, ...(trouble && { trouble: { ...trouble } }) })
