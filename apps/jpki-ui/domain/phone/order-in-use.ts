/** The order whose certificate is in use, as far as this phone knows: a phone that the SIM was moved into knows none. */
import { type Device, remember, remembered } from './device.ts'

export const orderInUse = (device: Device): Promise<string | undefined> => remembered<string>(device, 'order')

export const keepOrderInUse = (device: Device, orderId: string): Promise<void> => remember(device, 'order', orderId)
