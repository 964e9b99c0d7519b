/** Is the SIM still in the phone that the person named? docs/protocols/access-code.md. */
import { call } from '@mobile-jpki/service/call'
import { checkBinding } from '@mobile-jpki/sp-tsm/contract'
import type { Device } from '../phone/device.ts'
import { deviceProof } from '../phone/device-key.ts'
import { orderInUse } from '../phone/order-in-use.ts'
import { simIn } from './standing.ts'

/** At next use: refused as `device.not-the-bound-one` in a phone that the SIM was moved into. */
export async function checkPhone(device: Device): Promise<string> {
  const proof = await deviceProof(device, 'use', (await orderInUse(device)) ?? '')
  const { orderId } = await call(device.spTsm, checkBinding, { iccid: await simIn(device), device: proof })
  return orderId
}
