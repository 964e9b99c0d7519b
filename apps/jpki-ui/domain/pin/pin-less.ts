/** Use at a terminal without the PIN: off until the person switches it on, by the PIN. docs/protocols/pin-less.md. */
import { cardClient } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import { type Device, withJpki } from '../phone/device.ts'
import { note } from '../phone/history.ts'
import { refusalOfPin } from './outcome.ts'

export type PinLess = Awaited<ReturnType<typeof cardClient.readPinLess>>

/** undefined while there is no certificate in the SIM. */
export async function pinLessInSim(device: Device): Promise<PinLess | undefined> {
  try {
    return await withJpki(device, 'SIM1', (card) => cardClient.readPinLess(card))
  } catch (error) {
    if (error instanceof Refusal && error.code === 'reference.not-found') return undefined
    throw error
  }
}

export async function switchPinLess(device: Device, on: boolean, pin: string, now: Date): Promise<PinLess> {
  const present = await withJpki(device, 'SIM1', async (card) => {
    // A SIM that cannot is told before a try is spent.
    if ((await cardClient.readPinLess(card)) === 'unavailable') throw new Refusal('not-supported')
    const refusal = await refusalOfPin(() => cardClient.verifyPin(card, 'auth', pin))
    if (refusal !== undefined) throw refusal
    await cardClient.setPinLess(card, on)
    return cardClient.readPinLess(card)
  })
  await note(device, { deed: on ? 'pinLessOn' : 'pinLessOff' }, now)
  return present
}
