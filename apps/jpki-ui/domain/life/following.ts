/** A request on its way: the agent's visit to the SIM, or SP-TSM over the air; the new PIN at its moment. */
import { describeAgent, startAgent } from '@mobile-jpki/phone/contract'
import { Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service/call'
import { getLifeEvent, giveNewPinEnvelope, type TaskState, visitForSim } from '@mobile-jpki/sp-tsm/contract'
import type { Person } from '../download.ts'
import type { Device } from '../phone/device.ts'
import { type Deed, note } from '../phone/history.ts'
import { sealPin } from '../pin/seal-pin.ts'
import { type BegunEvent, forgetBegun, taskIn } from './begun.ts'
import { keepDeletion } from './deletion.ts'
import { life, refusalOf, simIn, unlessPassing } from './standing.ts'

export interface EventProgress {
  readonly state: TaskState
  readonly pin: 'later' | 'wanted' | 'given'
  /** The connection is broken; it goes on when that is back. */
  readonly waiting: boolean
}

export type Waits = Pick<Person, 'pause' | 'now'> & { readonly seen?: (progress: EventProgress) => void }
export type ChoosesPin = Waits & Pick<Person, 'choosePin'>

const pollMilliseconds = 150

/** To its end, which is forgotten then; a Refusal says why it did not come to it. What the agent only broke off can be followed again. */
export async function followBegun(
  device: Device,
  begun: BegunEvent,
  person: Waits & Partial<ChoosesPin>,
): Promise<void> {
  const end =
    begun.session === undefined
      ? await followTask(device, begun, person)
      : await followSession(device, begun.session, person)
  await forgetBegun(device).catch(unlessPassing)
  const deed = deedOf[begun.event]
  await note(device, { deed, ...(end !== undefined && { refused: end.code }) }, person.now())
  if (end !== undefined) throw end
}

const deedOf = {
  pinReset: 'pinReset',
  resume: 'resumed',
  dispose: 'disposed',
  giveUp: 'givenUp',
  rebind: 'phoneRegistered',
} as const satisfies Record<BegunEvent['event'], Deed>

const isDone = (state: TaskState): boolean => state === 'done' || state === 'atCarrier'
const isRefused = (state: TaskState): boolean => state === 'refused' || state === 'overtaken'
const refusalIn = (state: TaskState, trouble?: { readonly code: string; readonly detail: string }): Refusal =>
  refusalOf(trouble ?? { code: 'conditions.not-satisfied', detail: `It is ${state}.` })

/** An envelope is made anew whenever the visit was, for the PIN that was chosen once. Answers the refusal that ended it. */
async function followSession(
  device: Device,
  session: string,
  person: Waits & Partial<ChoosesPin>,
): Promise<Refusal | undefined> {
  let pin: string | undefined
  let sealedFor = ''
  let sent = false
  let last: EventProgress = { state: 'atSim', pin: 'later', waiting: false }
  const see = (changes: Partial<EventProgress>) => {
    last = { ...last, ...changes }
    person.seen?.(last)
  }
  for (;;) {
    const found = await look(device, session)
    if (found === 'unknown') return new Refusal('reference.not-found', 'SP-TSM knows no such request.')
    if (found === undefined) {
      see({ waiting: true })
      await person.pause(pollMilliseconds)
      continue
    }
    const { event, agent } = found
    const wanted = event.pinWanted
    const isWanted = wanted !== undefined && sealedFor !== wanted.attestation.toHex()
    const asks = isWanted && pin === undefined
    const waiting = agent.state === 'waiting' && agent.trouble !== undefined
    see({ state: event.state, waiting, pin: asks ? 'wanted' : pin === undefined ? 'later' : 'given' })
    if (isDone(event.state)) {
      if (event.proof !== undefined) await keepDeletion(device, event.orderId, event.proof, person.now())
      return undefined
    }
    if (isRefused(event.state)) return refusalIn(event.state, event.trouble)
    if (isWanted && pin === undefined && person.choosePin !== undefined) {
      // While it was chosen the visit may have begun anew, with another envelope key.
      pin = await person.choosePin()
      continue
    }
    if (isWanted && pin !== undefined) {
      const envelope = await sealPin(device, { orderId: event.taskId, ...wanted }, pin, person.now()).catch(
        unlessPassing,
      )
      if (envelope !== undefined && (await given(device, session, envelope))) sealedFor = wanted.attestation.toHex()
    } else if (event.bearer === 'agent' && agent.state === 'failed' && sent) {
      throw refusalOf(agent.trouble ?? { code: 'peer.failed', detail: 'The agent failed.' })
    } else if (event.bearer === 'agent' && (!sent || (agent.state !== 'working' && agent.state !== 'waiting'))) {
      sent = true
      await call(device.phone, startAgent, { sessionId: session }).catch(unlessPassing)
    }
    await person.pause(pollMilliseconds)
  }
}

/** Without the bearer: SP-TSM has its part to do first, or the answer was lost. */
async function followTask(
  device: Device,
  { orderId, taskId }: BegunEvent,
  person: Waits,
): Promise<Refusal | undefined> {
  if (orderId === undefined) return undefined
  for (;;) {
    const task = await life(device, orderId).then((now) => taskIn(now, taskId) ?? 'unknown', unlessPassing)
    if (task === 'unknown') return new Refusal('reference.not-found', 'SP-TSM knows no such request.')
    if (task !== undefined) {
      if (isDone(task.state)) return undefined
      if (isRefused(task.state)) return refusalIn(task.state, task.trouble)
      if (task.state === 'atSim') await visit(device, person).catch(unlessPassing)
    }
    person.seen?.({
      state: task?.state ?? 'atJpki',
      pin: 'later',
      waiting: task === undefined || task.trouble !== undefined,
    })
    await person.pause(pollMilliseconds)
  }
}

/** Does whatever waits for the SIM in this phone; false when nothing does. */
export async function visit(device: Device, person: Pick<Waits, 'pause'>): Promise<boolean> {
  const { session } = await call(device.spTsm, visitForSim, { iccid: await simIn(device) })
  if (session === undefined) return false
  await call(device.phone, startAgent, { sessionId: session })
  for (;;) {
    const { state, trouble } = await call(device.phone, describeAgent, {})
    if (state === 'done' || state === 'idle') return true
    if (state === 'failed') throw refusalOf(trouble ?? { code: 'peer.failed', detail: 'The agent failed.' })
    await person.pause(pollMilliseconds)
  }
}

/** undefined while the phone or SP-TSM cannot be reached. */
async function look(device: Device, session: string) {
  try {
    return {
      agent: await call(device.phone, describeAgent, {}),
      event: await call(device.spTsm, getLifeEvent, { session }),
    }
  } catch (error) {
    if (error instanceof Refusal && error.code === 'reference.not-found') return 'unknown'
    return unlessPassing(error)
  }
}

/** Not taken when SP-TSM has just restarted: it will ask again. */
async function given(device: Device, session: string, envelope: Uint8Array): Promise<boolean> {
  try {
    await call(device.spTsm, giveNewPinEnvelope, { session, envelope })
    return true
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'conditions.not-satisfied')) unlessPassing(error)
    return false
  }
}
