/** After the download, as the app sees it: requests signed with the My Number card, the agent's visits, and how the certificate stands. docs/protocols/life-events.md. */
import { describeAgent, startAgent } from '@mobile-jpki/phone/contract'
import { isRefusalCode, Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service/call'
import {
  askForLifeEvent,
  checkBinding,
  describeLife,
  getLifeEvent,
  giveNewPinEnvelope,
  type LifeRequest,
  visitForSim,
} from '@mobile-jpki/sp-tsm/contract'
import { type Applicant, apply, type Chance, signForm } from './apply.ts'
import { type Device, describe, isPassing } from './device.ts'
import { devicePoint, deviceProof } from './device-key.ts'
import type { Person } from './download.ts'
import { keepOrderInUse, orderInUse } from './order-in-use.ts'
import { sealPin } from './seal-pin.ts'

export const life = (device: Device, orderId: string) => call(device.spTsm, describeLife, { orderId })

export interface Signer {
  /** 署名用パスワード of the My Number card. */
  readonly signPassword: string
  /** Absent: the certificate that the signer has now. */
  readonly orderId?: string | undefined
}

type Rest<T extends LifeRequest['type']> = Omit<
  Extract<LifeRequest, { type: T }>,
  'type' | 'version' | 'id' | 'madeAt' | 'orderId'
>

async function asked<T extends LifeRequest['type']>(
  device: Device,
  type: T,
  rest: Rest<T>,
  { signPassword, orderId }: Signer,
  { now, newId }: Chance,
) {
  const common = { version: 1, id: newId(), madeAt: now().toISOString(), ...(orderId !== undefined && { orderId }) }
  const request = await signForm(device, { type, ...common, ...rest }, signPassword)
  return { ...(await call(device.spTsm, askForLifeEvent, { request })), request }
}

/** The PIN is forgotten or locked: the person signs, and chooses a new one, which goes sealed into the applet. */
export async function resetPin(device: Device, signer: Signer, chance: Chance, person: ChoosesPin): Promise<void> {
  const { session } = await asked(device, 'mobile-jpki/pin-reset', { iccid: await simIn(device) }, signer, chance)
  if (session === undefined) throw new Refusal('conditions.not-satisfied')
  await followEvent(device, session, person)
}

/** The phone was found again. What was locked in the SIM is unlocked by the visit that follows. */
export async function resume(device: Device, signer: Signer, chance: Chance, person: Waits): Promise<void> {
  const { session } = await asked(device, 'mobile-jpki/resume', { iccid: await simIn(device) }, signer, chance)
  if (session !== undefined) await followEvent(device, session, person)
}

/** The phone will not be found: whatever phone or reader the person signs with, it is about the lost one. */
export const giveUp = (device: Device, signer: Signer, chance: Chance) =>
  asked(device, 'mobile-jpki/give-up', {}, signer, chance)

/** The SIM is given away or thrown away: it is wiped, and proves it. */
export async function dispose(device: Device, signer: Signer, chance: Chance, person: Waits): Promise<void> {
  const { session } = await asked(device, 'mobile-jpki/dispose', {}, signer, chance)
  if (session !== undefined) await followEvent(device, session, person)
}

/** The SIM is in this phone now. */
export async function rebind(device: Device, signer: Signer, chance: Chance): Promise<string> {
  const { model, os } = await describe(device)
  const key = (await devicePoint(device)).toBase64()
  const rest = { iccid: await simIn(device), device: { model, os, key } }
  const { orderId } = await asked(device, 'mobile-jpki/rebind', rest, signer, chance)
  await keepOrderInUse(device, orderId)
  return orderId
}

/** At next use: refused as `device.not-the-bound-one` in a phone that the SIM was moved into. */
export async function checkPhone(device: Device): Promise<string> {
  const proof = await deviceProof(device, 'use', (await orderInUse(device)) ?? '')
  const { orderId } = await call(device.spTsm, checkBinding, { iccid: await simIn(device), device: proof })
  return orderId
}

/** Another certificate in the place of an order's: another SIM, a renewal, or after the card was renewed. A code follows by mail, as ever. */
export const applyInPlaceOf = (device: Device, orderId: string, applicant: Applicant, chance: Chance) =>
  apply(device, { ...applicant, replaces: orderId }, chance)

/** Does whatever waits for the SIM in this phone; false when nothing does. */
export async function visit(device: Device, person: Waits): Promise<boolean> {
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

export type Waits = Pick<Person, 'pause' | 'now'>
export type ChoosesPin = Waits & Pick<Person, 'choosePin'>

const pollMilliseconds = 150

/** Until it is done in the SIM. An envelope is made anew whenever the visit was, for the PIN that was chosen once. */
async function followEvent(device: Device, session: string, person: Waits & Partial<ChoosesPin>): Promise<void> {
  let pin: string | undefined
  let sealedFor = ''
  let sent = false
  for (;;) {
    const seen = await look(device, session)
    if (seen === undefined) {
      await person.pause(pollMilliseconds)
      continue
    }
    const { event, agent } = seen
    if (event.state === 'done' || event.state === 'atCarrier') return
    if (event.state === 'refused' || event.state === 'overtaken')
      throw refusalOf(event.trouble ?? { code: 'conditions.not-satisfied', detail: `It is ${event.state}.` })
    const wanted = event.pinWanted
    if (wanted !== undefined && sealedFor !== wanted.attestation.toHex() && person.choosePin !== undefined) {
      pin ??= await person.choosePin()
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

async function look(device: Device, session: string) {
  try {
    return {
      agent: await call(device.phone, describeAgent, {}),
      event: await call(device.spTsm, getLifeEvent, { session }),
    }
  } catch (error) {
    return unlessPassing(error)
  }
}

async function given(device: Device, session: string, envelope: Uint8Array): Promise<boolean> {
  try {
    await call(device.spTsm, giveNewPinEnvelope, { session, envelope })
    return true
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'conditions.not-satisfied')) unlessPassing(error)
    return false
  }
}

async function simIn(device: Device): Promise<string> {
  const { iccid } = await describe(device)
  if (iccid === undefined) throw new Refusal('card.absent', 'There is no SIM in the phone.')
  return iccid
}

function unlessPassing(error: unknown): undefined {
  if (!isPassing(error)) throw error
}

const refusalOf = ({ code, detail }: { readonly code: string; readonly detail: string }): Refusal =>
  new Refusal(isRefusalCode(code) ? code : 'peer.failed', detail)
