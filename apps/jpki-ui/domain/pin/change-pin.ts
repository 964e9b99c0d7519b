/** Another PIN, by whoever knows the present one. JPKI card application: VERIFY, CHANGE REFERENCE DATA. */
import { cardClient, isPin } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import { type Device, withJpki } from '../phone/device.ts'
import { note } from '../phone/history.ts'
import { refusalOfPin } from './outcome.ts'

/** Told at once, and not only when a new one is chosen. */
export async function checkPin(device: Device, pin: string): Promise<void> {
  const refusal = await withJpki(device, 'SIM1', (card) => refusalOfPin(() => cardClient.verifyPin(card, 'auth', pin)))
  if (refusal !== undefined) throw refusal
}

/** The new PIN is looked at first: nobody spends a try for nothing. */
export async function changePin(device: Device, present: string, wanted: string, now: Date): Promise<void> {
  if (!isPin(wanted)) throw new Refusal('pin.malformed')
  await withJpki(device, 'SIM1', async (card) => {
    const refusal = await refusalOfPin(() => cardClient.verifyPin(card, 'auth', present))
    if (refusal !== undefined) throw refusal
    await cardClient.changePin(card, 'auth', wanted)
  })
  await note(device, { deed: 'pinChanged' }, now)
}
