/** An application that is being filled in, kept on the phone until it is sent: a reload loses nothing but the passwords, which are kept nowhere. */
import type { ApplicationForm } from '@mobile-jpki/sp-tsm/contract'
import { type Device, remember, remembered } from './device.ts'

export interface Draft {
  readonly mail: string
  readonly keyGeneration: ApplicationForm['keyGeneration']
  readonly consent: boolean
}

const key = 'draft'

export const draft = (device: Device): Promise<Draft | undefined> => remembered<Draft>(device, key)
/** One after the other, as it was typed. */
const turns = new WeakMap<Device, Promise<void>>()

const inTurn = (device: Device, filledIn: Draft | undefined): Promise<void> => {
  const kept = (turns.get(device) ?? Promise.resolve()).then(() => remember(device, key, filledIn))
  turns.set(
    device,
    kept.catch(() => undefined),
  )
  return kept
}

export const keepDraft = (device: Device, filledIn: Draft): Promise<void> => inTurn(device, filledIn)
export const forgetDraft = (device: Device): Promise<void> => inTurn(device, undefined)
