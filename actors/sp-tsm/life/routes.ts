/** The routes of life events: the person's app, the browser of whoever lost a phone, the help desk, and the carriers' TSMs. */
import { Refusal } from '@mobile-jpki/refusal'
import { type Route, serve } from '@mobile-jpki/service'
import * as contract from '../contract/life.ts'
import * as notifications from '../contract/notifications.ts'
import { mustBeBoundPhone } from '../domain/device.ts'
import { type Notification, notified } from './asking/notified.ts'
import { askSigned } from './asking/request.ts'
import { byHelpDesk, stopByPassword } from './asking/stop.ts'
import type { Life } from './life.ts'
import type { Visits } from './sim/visits.ts'
import type { Task } from './task.ts'
import type { LifeWorld } from './world.ts'

export function lifeRoutes(world: LifeWorld, visits: Visits, wake: () => void): readonly Route[] {
  const told = async (notification: Notification) => {
    const executed = await notified(world, notification)
    wake()
    return executed
  }
  return [
    serve(contract.askForLifeEvent, async ({ request }) => {
      const { task, session } = await askSigned(world, request)
      wake()
      return { ...shown(task), ...(session !== undefined && task.state === 'atSim' && { session }) }
    }),
    serve(contract.getLifeEvent, async ({ session }) => {
      const task = await visits.taskOf(session)
      const pinWanted = task.state === 'atSim' ? await world.pins.wanted(task.id) : undefined
      const { bearer = 'agent' as const } = (await world.orders.find(task.orderId)) ?? {}
      const { proof } = task
      return { ...shown(task), bearer, ...troubleIn(task), ...(pinWanted && { pinWanted }), ...(proof && { proof }) }
    }),
    serve(contract.giveNewPinEnvelope, async ({ session, envelope }) => {
      await world.pins.give((await visits.taskOf(session)).id, envelope)
      return {}
    }),
    serve(contract.visitForSim, async ({ iccid }) => {
      const session = await visits.forSim(iccid)
      return session === undefined ? {} : { session }
    }),
    serve(contract.stopPhone, async ({ msisdn, password }) => {
      const task = await stopByPassword(world, msisdn, password)
      wake()
      return shown(task)
    }),
    serve(contract.recordLifeEvent, async ({ orderId, event }) => {
      const task = await byHelpDesk(world, orderId, event)
      wake()
      return shown(task)
    }),
    serve(contract.describeLife, async ({ orderId }) => {
      const life = await lifeOf(world, orderId)
      const tasks = (await world.lives.tasksOf(orderId)).map((task) => ({
        ...shown(task),
        askedAt: task.askedAt,
        ...troubleIn(task),
      }))
      return { ...standing(life), tasks }
    }),
    serve(contract.checkBinding, async ({ iccid, device }) => {
      const life = (await world.lives.inSim(iccid)).find(({ state }) => state !== 'ended')
      const order = life && (await world.orders.find(life.orderId))
      if (order === undefined) throw new Refusal('reference.not-found', 'Nothing in that SIM is in use.')
      await mustBeBoundPhone(world, order, 'use', device)
      return { orderId: order.id }
    }),
    serve(notifications.handleMobileSubscriptionStatusChange, ({ status, ...one }, { carriers }) =>
      told({ ...one, carriers, event: lineEvents[status] }),
    ),
    serve(notifications.handleMobileSubscriptionIdentifierChanged, ({ newMsisdn, ...one }, { carriers }) =>
      told({ ...one, carriers, event: 'numberChanged', particulars: { newMsisdn } }),
    ),
    serve(notifications.handleSERenewal, ({ oldIccid: iccid, newIccid, ...one }, { carriers }) =>
      told({ ...one, carriers, iccid, event: 'simRenewed', particulars: { newIccid } }),
    ),
    serve(notifications.handleSEDeviceChanged, ({ device, ...one }, { carriers }) =>
      told({ ...one, carriers, event: 'deviceChanged', particulars: { device } }),
    ),
    serve(notifications.handleSEStatusChange, ({ status, ...one }, { carriers }) =>
      told({ ...one, carriers, event: simEvents[status] }),
    ),
  ]
}

const lineEvents = { active: 'lineResumed', suspended: 'lineSuspended', ended: 'lineEnded' } as const
const simEvents = { active: 'simFound', lost: 'simLost', disposed: 'simDisposed' } as const

const shown = ({ id, orderId, event, state }: Task) => ({ taskId: id, orderId, event, state })
const troubleIn = ({ trouble }: Task) => (trouble === undefined ? {} : { trouble: { ...trouble } })

const standing = ({ orderId, state, serialNumber, notAfter, iccid, bound, stops, endedBy }: Life) => ({
  ...{ orderId, state, serialNumber, notAfter, iccid, bound },
  because: state === 'ended' && endedBy !== undefined ? [endedBy] : [...stops],
})

async function lifeOf({ lives }: LifeWorld, orderId: string): Promise<Life> {
  const life = await lives.find(orderId)
  if (life === undefined) throw new Refusal('reference.not-found', 'Nothing of that order is in use.')
  return life
}
