/** How the certificate of an order stands, as SP-TSM tells it. */
import { isRefusalCode, Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service/call'
import type { ReplyOf } from '@mobile-jpki/service/endpoint'
import { describeLife } from '@mobile-jpki/sp-tsm/contract'
import { type Device, describe, isPassing } from '../phone/device.ts'

export type Life = ReplyOf<typeof describeLife>

export const life = (device: Device, orderId: string): Promise<Life> => call(device.spTsm, describeLife, { orderId })

export async function simIn(device: Device): Promise<string> {
  const { iccid } = await describe(device)
  if (iccid === undefined) throw new Refusal('card.absent', 'There is no SIM in the phone.')
  return iccid
}

export function unlessPassing(error: unknown): undefined {
  if (!isPassing(error)) throw error
}

export const refusalOf = ({ code, detail }: { readonly code: string; readonly detail: string }): Refusal =>
  new Refusal(isRefusalCode(code) ? code : 'peer.failed', detail)
