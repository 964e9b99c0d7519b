/** ⑫ to ⑱ as the app sees them: code, password and the phone’s key; the agent at work, or SP-TSM over the air; the PIN sealed for the applet. */
import { askForDownload, describeAgent, startAgent } from '@mobile-jpki/phone/contract'
import { isRefusalCode, Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service/call'
import type { ReplyOf } from '@mobile-jpki/service/endpoint'
import { authenticate, getDownload, givePinEnvelope, type OrderState } from '@mobile-jpki/sp-tsm/contract'
import { applied } from './apply.ts'
import { type Device, isPassing, remember, remembered } from './phone/device.ts'
import { deviceProof } from './phone/device-key.ts'
import { note } from './phone/history.ts'
import { keepOrderInUse } from './phone/order-in-use.ts'
import { sealPin } from './pin/seal-pin.ts'

export interface Begun {
  readonly orderId: string
  readonly session: string
}

/** ⑫ ⑬. What was begun is remembered: after a break the download goes on without the code. */
export async function begin(
  device: Device,
  credentials: { readonly accessCode: string; readonly password: string },
): Promise<Begun> {
  const { iccid } = await call(device.phone, askForDownload, {})
  const { orderId = '' } = (await applied(device)) ?? {}
  const proof = await deviceProof(device, 'download', orderId)
  const { bearer, ...begun } = await call(device.spTsm, authenticate, { ...credentials, iccid, device: proof })
  await remember(device, 'download', begun)
  if (bearer === 'agent') await call(device.phone, startAgent, { sessionId: begun.session })
  return begun
}

export const unfinished = (device: Device): Promise<Begun | undefined> => remembered<Begun>(device, 'download')

export interface Progress {
  readonly state: OrderState
  /** Carried by the agent since it was started; nothing where SP-TSM reaches the SIM over the air. */
  readonly apdus: number
  readonly octets: number
  /** The list of commands that the agent is sending, or sent last. */
  readonly list?: NonNullable<ReplyOf<typeof describeAgent>['list']>
  readonly pin: 'later' | 'wanted' | 'given'
  /** The connection is broken; the download goes on when it is back. */
  readonly waiting: boolean
}

export interface Person {
  /** Asked when the applet is ready for it, and kept until the end: an envelope may have to be made anew. */
  readonly choosePin: () => Promise<string>
  readonly progress: (progress: Progress) => void
  /** Rejects when nobody looks any more; the agent goes on without being watched. */
  readonly pause: (milliseconds: number) => Promise<void>
  readonly now: () => Date
}

const pollMilliseconds = 150

/** Follows the download to its end. Answers when the certificate is in use; a Refusal says why it is not. */
export async function follow(device: Device, { orderId, session }: Begun, person: Person): Promise<void> {
  let progress: Progress = { state: 'authenticated', apdus: 0, octets: 0, pin: 'later', waiting: false }
  let pin: string | undefined
  let sealedFor = ''
  let sent = false
  for (;;) {
    const seen = await look(device, session)
    if (seen === undefined) {
      progress = { ...progress, waiting: true }
      person.progress(progress)
      await person.pause(pollMilliseconds)
      continue
    }
    const { download, agent } = seen
    const wanted = download.pinWanted
    // The attestation is new whenever the delivery began anew, and an older envelope is useless then.
    const isWanted = wanted !== undefined && sealedFor !== wanted.attestation.toHex()
    progress = {
      state: download.state,
      apdus: agent.apdus,
      octets: agent.octets,
      ...(agent.list && { list: agent.list }),
      pin: isWanted && pin === undefined ? 'wanted' : pin === undefined ? 'later' : 'given',
      waiting: agent.state === 'waiting' && agent.trouble !== undefined,
    }
    person.progress(progress)
    if (download.state === 'active') {
      await keepOrderInUse(device, orderId).catch(unlessPassing)
      await note(device, { deed: 'downloaded' }, person.now())
      return forget(device, 'application', 'download').catch(unlessPassing)
    }
    if (isOver(download.state)) {
      await forget(device, 'download')
      throw refusalOf(download.trouble ?? { code: 'conditions.not-satisfied', detail: `It is ${download.state}.` })
    }
    if (isWanted && pin === undefined) {
      pin = await person.choosePin()
      continue
    }
    if (isWanted && pin !== undefined) {
      const sealed = await sealPin(device, { orderId, ...wanted }, pin, person.now()).catch(unlessPassing)
      if (sealed !== undefined && (await given(device, session, sealed))) sealedFor = wanted.attestation.toHex()
      await person.pause(pollMilliseconds)
      continue
    }
    if (download.bearer !== 'agent') {
      await person.pause(pollMilliseconds)
      continue
    }
    if (agent.state === 'failed' && sent)
      throw refusalOf(agent.trouble ?? { code: 'peer.failed', detail: 'The agent failed.' })
    if (agent.state !== 'working' && agent.state !== 'waiting') {
      sent = true
      await call(device.phone, startAgent, { sessionId: session }).catch(unlessPassing)
    }
    await person.pause(pollMilliseconds)
  }
}

/** undefined while the phone or SP-TSM cannot be reached. */
async function look(device: Device, session: string) {
  try {
    const agent = await call(device.phone, describeAgent, {})
    return { agent, download: await call(device.spTsm, getDownload, { session }) }
  } catch (error) {
    if (error instanceof Refusal && error.code === 'reference.not-found') await forget(device, 'download')
    return unlessPassing(error)
  }
}

/** Not taken when SP-TSM has just restarted: it will ask again. */
async function given(device: Device, session: string, sealed: Uint8Array): Promise<boolean> {
  try {
    await call(device.spTsm, givePinEnvelope, { session, envelope: sealed })
    return true
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'conditions.not-satisfied')) unlessPassing(error)
    return false
  }
}

function unlessPassing(error: unknown): undefined {
  if (!isPassing(error)) throw error
}

const isOver = (state: OrderState): boolean => ['refused', 'expired', 'cancelled', 'failed'].includes(state)

async function forget(device: Device, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await remember(device, key, undefined)
}

const refusalOf = ({ code, detail }: { readonly code: string; readonly detail: string }): Refusal =>
  new Refusal(isRefusalCode(code) ? code : 'peer.failed', detail)
