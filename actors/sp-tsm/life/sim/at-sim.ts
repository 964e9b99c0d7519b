/**
 * What is done in the SIM, as a stage of whatever bearer reaches it: the SIM is brought to what the life is now, so that a visit after
 * many events does what the last of them left to do, and a visit that was cut off is simply made again.
 *
 *   ended ─▶ wipe, with proof of deletion        stopped ─▶ applet locked        inUse ─▶ applet unlocked, new PIN where one is asked for
 */
import { GetStatus, isLocked, locked, SetStatus, unlocked } from '@mobile-jpki/globalplatform'
import { SW } from '@mobile-jpki/iso7816'
import { Refusal } from '@mobile-jpki/refusal'
import { type Element, instruct, type Outcome } from '@mobile-jpki/seram'
import { TlvError } from '@mobile-jpki/tlv'
import { attested } from '../../applet/attestation.ts'
import { type AppletChannel, openApplet } from '../../applet/data-groupings.ts'
import { takeOverDomain } from '../../card/security-domain.ts'
import { type Order, troubleOf } from '../../domain/order.ts'
import { writtenInSim } from '../advance.ts'
import type { Life } from '../life.ts'
import { type InSim, planOf } from '../plans.ts'
import type { Task } from '../task.ts'
import type { LifeWorld } from '../world.ts'

export async function bringSim(world: LifeWorld, orderId: string, element: Element): Promise<Outcome> {
  const waiting = (await world.lives.tasksOf(orderId)).filter(({ state }) => state === 'atSim')
  const [life, order] = [await world.lives.find(orderId), await world.orders.find(orderId)]
  if (waiting.length === 0 || life === undefined || order === undefined) return { outcome: 'done' }
  try {
    const reset = waiting.findLast(({ event }) => planOf(event).sim === 'newPin')
    const proof = await bring(world, { life, order, ...(reset && { reset }) }, element)
    const isDone = (task: Task) => suits(life, task) && (planOf(task.event).sim !== 'newPin' || task === reset)
    const { done = [], overtaken = [] } = Object.groupBy(waiting, (task) => (isDone(task) ? 'done' : 'overtaken'))
    await writtenInSim(world, orderId, { done: done.map(idOf), overtaken: overtaken.map(idOf), proof })
    return { outcome: 'done' }
  } catch (error) {
    const trouble = asRefusal(error)
    await keepTrouble(world, orderId, trouble)
    return { outcome: 'stop', trouble }
  }
}

const idOf = ({ id }: Task): string => id

/** Which parts a SIM that was brought to that has had; the others were overtaken. */
const suited: Readonly<Record<Life['state'], readonly InSim[]>> = {
  inUse: ['unlock', 'newPin'],
  stopped: ['lock'],
  ended: ['wipe'],
}

const suits = ({ state }: Life, { event }: Task): boolean => {
  const { sim } = planOf(event)
  return sim !== undefined && suited[state].includes(sim)
}

interface Visit {
  readonly life: Life
  readonly order: Order
  /** The last one counts where several ask for a new PIN. */
  readonly reset?: Task
}

async function bring(
  world: LifeWorld,
  { life, order, reset }: Visit,
  element: Element,
): Promise<Uint8Array | undefined> {
  const { instanceAid } = order
  if (instanceAid === undefined) throw new Error('an order with an applet has its instance')
  const channel = await takeOverDomain(world, order, element)
  await setLocked(channel, instanceAid, life.state === 'stopped')
  if (life.state === 'ended') {
    const write = openApplet(channel, instanceAid)
    return attested(world, order, { channel, write, instanceAid, about: order.id }, 'wipe')
  }
  if (life.state === 'inUse' && reset !== undefined)
    await setPin(world, { order, instanceAid, reset, channel }, element)
  return undefined
}

/** SET STATUS by the applet's own security domain, GPCS v2.3.1 §11.10; of what is so already nothing is asked. */
async function setLocked(channel: AppletChannel, application: Uint8Array, isToBe: boolean): Promise<void> {
  const asking = instruct(GetStatus, { p1: 'applications', p2: 'first', data: { aid: application } })
  const [found = new Uint8Array()] = await channel.transmitAll([asking])
  const [entry] = GetStatus.fromResponse({ data: found, sw: SW.ok })
  if (entry === undefined) throw new Refusal('card.refused', 'The applet is not in the SIM.', { whose: 'sim' })
  const { lifeCycle } = entry
  if (isLocked(lifeCycle) === isToBe) return
  const p2 = isToBe ? locked(lifeCycle) : unlocked(lifeCycle)
  await channel.transmitAll([instruct(SetStatus, { p1: 'application', p2, data: application })])
}

/** DGI '0E30': the PIN comes sealed from the app of the person who signed, for an envelope key that was made for this task. */
async function setPin(
  world: LifeWorld,
  {
    order,
    instanceAid,
    reset,
    channel,
  }: { order: Order; instanceAid: Uint8Array; reset: Task; channel: AppletChannel },
  element: Element,
): Promise<void> {
  const write = openApplet(channel, instanceAid)
  const attestation = await attested(world, order, { channel, write, instanceAid, about: reset.id }, 'envelopeKey')
  const envelope = await element.until(world.pins.want(reset.id, { attestation, instanceAid }, element.signal))
  await write('unlock', envelope)
}

/** What a card answered in another format is a matter of the card; everything else that is no refusal is a fault of ours. */
function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (!(error instanceof TlvError)) throw error
  const detail = `The SIM answered in another format: ${error.message}.`
  return new Refusal('card.refused', detail, { whose: 'sim', cause: error })
}

async function keepTrouble(world: LifeWorld, orderId: string, refusal: Refusal): Promise<void> {
  const trouble = troubleOf(refusal)
  await world.lives.update(orderId, (affairs) => ({
    ...affairs,
    tasks: affairs.tasks.map((task) => (task.state === 'atSim' ? { ...task, trouble } : task)),
  }))
}
