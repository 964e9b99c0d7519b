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
export const keepDraft = (device: Device, filledIn: Draft): Promise<void> => remember(device, key, filledIn)
export const forgetDraft = (device: Device): Promise<void> => remember(device, key, undefined)
