/** When the app is opened: what waits for the SIM in this phone is done. */
import { describeAgent } from '@mobile-jpki/phone/contract'
import { call } from '@mobile-jpki/service/call'
import { unfinished } from '../download.ts'
import type { Device } from '../phone/device.ts'
import { begunEvent } from './begun.ts'
import { visit, type Waits } from './following.ts'

/** True when something was done. Whatever the person has under way comes first: there is one agent. */
export async function catchUp(device: Device, person: Pick<Waits, 'pause'>): Promise<boolean> {
  if ((await begunEvent(device)) !== undefined || (await unfinished(device)) !== undefined) return false
  const { state } = await call(device.phone, describeAgent, {})
  return state !== 'working' && state !== 'waiting' && visit(device, person)
}
