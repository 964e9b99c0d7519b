/** ⑫ to ⑱ as the app sees them: code and password, the agent at work, the PIN sealed for the applet that the SIM vouches for. */
import { Attestation, envelope, flawOfAttestation, iccidOctets, isPin, oneTimePair } from '@mobile-jpki/jpki'
import { askForDownload, describeAgent, startAgent } from '@mobile-jpki/phone/contract'
import { isRefusalCode, Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service/call'
import { authenticate, getDownload, givePinEnvelope, type OrderState } from '@mobile-jpki/sp-tsm/contract'
import { type Device, describe, remember, remembered } from './device.ts'

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
  const begun = await call(device.spTsm, authenticate, { ...credentials, iccid })
  await remember(device, 'download', begun)
  await call(device.phone, startAgent, { sessionId: begun.session })
  return begun
}

export const unfinished = (device: Device): Promise<Begun | undefined> => remembered<Begun>(device, 'download')

export interface Progress {
  readonly state: OrderState
  readonly apdus: number
  readonly octets: number
}

export interface Person {
  /** Asked when the applet is ready for it; asked again if the download had to begin anew. */
  readonly choosePin: () => Promise<string>
  readonly progress: (progress: Progress) => void
  readonly pause: (milliseconds: number) => Promise<void>
  readonly now: () => Date
}

const pollMilliseconds = 150

/** Follows the download to its end. Answers when the certificate is in use; a Refusal says why it is not. */
export async function follow(device: Device, { orderId, session }: Begun, person: Person): Promise<void> {
  let sealedFor = ''
  for (;;) {
    const download = await call(device.spTsm, getDownload, { session }).catch((error: unknown) =>
      restarting(error, orderId),
    )
    const { state: agentState, apdus, octets, trouble: agentTrouble } = await call(device.phone, describeAgent, {})
    if (download !== undefined) {
      const { state, pinWanted, trouble } = download
      person.progress({ state, apdus, octets })
      if (state === 'active') return remember(device, 'download', undefined)
      if (trouble !== undefined) throw refusalOf(trouble)
      // The attestation is new whenever the delivery began anew, and an older envelope is useless then.
      if (pinWanted !== undefined && sealedFor !== pinWanted.attestation.toHex()) {
        const sealed = await sealPin(device, { orderId, ...pinWanted }, await person.choosePin(), person.now())
        await call(device.spTsm, givePinEnvelope, { session, envelope: sealed }).then(
          () => {
            sealedFor = pinWanted.attestation.toHex()
          },
          (error: unknown) => void restarting(error, orderId),
        )
        continue
      }
      if (agentState === 'failed') throw refusalOf(agentTrouble ?? { code: 'peer.failed', detail: 'The agent failed.' })
      if (agentState === 'idle' || agentState === 'done') await call(device.phone, startAgent, { sessionId: session })
    }
    await person.pause(pollMilliseconds)
  }
}

/** SP-TSM may be starting just now; an order that it has finished no longer has a session. */
function restarting(error: unknown, _orderId: string): undefined {
  if (error instanceof Refusal && ['peer.unreachable', 'peer.failed', 'conditions.not-satisfied'].includes(error.code))
    return undefined
  throw error
}

const refusalOf = ({ code, detail }: { readonly code: string; readonly detail: string }): Refusal =>
  new Refusal(isRefusalCode(code) ? code : 'peer.failed', detail)

/** The PIN leaves the app only in an envelope for the key that the SIM's controlling authority attests. */
async function sealPin(
  device: Device,
  wanted: { readonly orderId: string; readonly attestation: Uint8Array; readonly instanceAid: Uint8Array },
  pin: string,
  at: Date,
): Promise<Uint8Array> {
  if (!isPin(pin)) throw new Refusal('pin.malformed')
  const { iccid = '', trust } = await describe(device)
  const binding = { instanceAid: wanted.instanceAid, iccid: iccidOctets(iccid), orderId: wanted.orderId }
  const attestation = Attestation.decode(wanted.attestation)
  const flaw = await flawOfAttestation(attestation, 'envelopeKey', binding, trust.casdAuthorities, at)
  if (flaw !== undefined)
    throw new Refusal('sim.attestation-invalid', `The attestation of the applet's key fails: ${flaw}.`)
  return envelope.seal({
    purpose: 'pin',
    binding,
    receiverPoint: attestation.publicKey,
    sender: await oneTimePair(),
    plain: new TextEncoder().encode(pin),
  })
}
