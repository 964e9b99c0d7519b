/** What persons do in hostile stories, and what others say of them. */
import { setTimeout } from 'node:timers/promises'
import { describe, signForm } from '@mobile-jpki/jpki-ui/domain'
import { call } from '@mobile-jpki/service'
import { askForLifeEvent } from '@mobile-jpki/sp-tsm/contract'
import { readMail } from '../../town/contract.ts'
import type { TownPhone } from '../../town/phones.ts'
import { rowsOf, type StoryTown } from '../stage/town.ts'

export const signerOf = ({ who }: TownPhone) => ({ signPassword: who.card.signPassword })
export const chance = ({ now }: StoryTown) => ({ now, newId: () => crypto.randomUUID() })
export const waits = ({ now }: StoryTown) => ({
  now,
  pause: async (milliseconds: number) => void (await setTimeout(milliseconds)),
})

/** The signed form alone: no agent comes. */
export async function resetAskedFor({ now }: StoryTown, { device, who }: TownPhone) {
  const { iccid } = await describe(device)
  const named = { type: 'mobile-jpki/pin-reset', version: 1, id: crypto.randomUUID(), iccid }
  const form = { ...named, madeAt: now().toISOString() }
  return call(device.spTsm, askForLifeEvent, { request: await signForm(device, form, who.card.signPassword) })
}

export const mailsTo = async ({ places }: StoryTown, { who }: TownPhone) =>
  (await call({ url: places.mailbox, actor: 'user' }, readMail, { to: who.mail })).mails

/** As actors/jpki-system/store/codes.ts has them. */
export const [valid, held] = [2, 3] as const

/** How the certificates of an order stand in the register. */
export const certificatesOf = (town: StoryTown, orderId: string) =>
  rowsOf(
    town,
    'jpki-system',
    `SELECT state FROM phone_order JOIN certificate_status ON certificate_status.serial_number = unhex(phone_order.serial_number)
       WHERE order_id = '${orderId}'`,
  ).map(({ state }) => state)
