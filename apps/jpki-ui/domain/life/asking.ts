/** After the download: requests signed with the My Number card. docs/protocols/life-events.md. */
import { Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service/call'
import { askForLifeEvent, type LifeRequest, stopPhone } from '@mobile-jpki/sp-tsm/contract'
import { type Chance, signForm } from '../apply.ts'
import { type Device, describe, isPassing } from '../phone/device.ts'
import { devicePoint } from '../phone/device-key.ts'
import { note } from '../phone/history.ts'
import { keepOrderInUse } from '../phone/order-in-use.ts'
import { type Askable, type BegunEvent, begunEvent, forgetBegun, keepBegun } from './begun.ts'
import { type ChoosesPin, followBegun, type Waits } from './following.ts'
import { simIn } from './standing.ts'

export interface Signer {
  /** 署名用パスワード of the My Number card. */
  readonly signPassword: string
  /** Absent: the certificate that the signer has now. */
  readonly orderId?: string | undefined
}

const types = {
  pinReset: 'mobile-jpki/pin-reset',
  resume: 'mobile-jpki/resume',
  giveUp: 'mobile-jpki/give-up',
  dispose: 'mobile-jpki/dispose',
  rebind: 'mobile-jpki/rebind',
} as const satisfies Record<Askable, LifeRequest['type']>

type Rest<E extends Askable> = Omit<
  Extract<LifeRequest, { type: (typeof types)[E] }>,
  'type' | 'version' | 'id' | 'madeAt' | 'orderId'
>

/** The request is remembered until its end is known; one that is refused leaves what was remembered before. */
async function asked<E extends Askable>(
  device: Device,
  event: E,
  rest: Rest<E>,
  { signPassword, orderId }: Signer,
  { now, newId }: Chance,
) {
  const taskId = newId()
  const common = { version: 1, id: taskId, madeAt: now().toISOString(), ...(orderId !== undefined && { orderId }) }
  const request = await signForm(device, { type: types[event], ...common, ...rest }, signPassword)
  const before = await begunEvent(device)
  await keepBegun(device, { event, taskId })
  try {
    const { session, ...task } = await call(device.spTsm, askForLifeEvent, { request })
    const begun: BegunEvent = { event, taskId, orderId: task.orderId, ...(session !== undefined && { session }) }
    await keepBegun(device, begun)
    return { ...task, begun, request }
  } catch (error) {
    if (error instanceof Refusal && !isPassing(error))
      await (before === undefined ? forgetBegun(device) : keepBegun(device, before))
    throw error
  }
}

/** The PIN is forgotten or locked: what follows asks for a new one, which goes sealed into the applet. */
export async function askForPinReset(device: Device, signer: Signer, chance: Chance): Promise<BegunEvent> {
  const { begun } = await asked(device, 'pinReset', { iccid: await simIn(device) }, signer, chance)
  return begun
}

/** The phone was found again. What was locked in the SIM is unlocked by the visit that follows. */
export async function askToResume(device: Device, signer: Signer, chance: Chance): Promise<BegunEvent> {
  const { begun } = await asked(device, 'resume', { iccid: await simIn(device) }, signer, chance)
  return begun
}

/** The SIM is given away or thrown away: it is wiped, and proves it. */
export async function askToDispose(device: Device, signer: Signer, chance: Chance): Promise<BegunEvent> {
  const { begun } = await asked(device, 'dispose', {}, signer, chance)
  return begun
}

/** The phone will not be found: whatever phone or reader the person signs with, it is about the lost one. */
export async function giveUp(device: Device, signer: Signer, chance: Chance) {
  const answer = await asked(device, 'giveUp', {}, signer, chance)
  await forgetBegun(device)
  await note(device, { deed: 'givenUp' }, chance.now())
  return answer
}

/** The SIM is in this phone now. */
export async function rebind(device: Device, signer: Signer, chance: Chance): Promise<string> {
  const { model, os } = await describe(device)
  const key = (await devicePoint(device)).toBase64()
  const rest = { iccid: await simIn(device), device: { model, os, key } }
  const { orderId } = await asked(device, 'rebind', rest, signer, chance)
  await keepOrderInUse(device, orderId)
  await forgetBegun(device)
  await note(device, { deed: 'phoneRegistered' }, chance.now())
  return orderId
}

export async function resetPin(device: Device, signer: Signer, chance: Chance, person: ChoosesPin): Promise<void> {
  await followBegun(device, await askForPinReset(device, signer, chance), person)
}

export async function resume(device: Device, signer: Signer, chance: Chance, person: Waits): Promise<void> {
  await followBegun(device, await askToResume(device, signer, chance), person)
}

export async function dispose(device: Device, signer: Signer, chance: Chance, person: Waits): Promise<void> {
  await followBegun(device, await askToDispose(device, signer, chance), person)
}

/** The phone is lost: stopped at once by whoever knows its number and the password of the application. */
export const stopLostPhone = (device: Device, msisdn: string, password: string) =>
  call(device.spTsm, stopPhone, { msisdn, password })
