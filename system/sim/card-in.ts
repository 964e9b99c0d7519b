/** A card of a running phone, as a PC/SC reader has it. */
import type { Card } from '@mobile-jpki/iso7816'
import { exchangeApdu, type Reader, resetCard } from '@mobile-jpki/phone/contract'
import { call } from '@mobile-jpki/service/call'

export function cardIn(url: string, reader: Reader): Card {
  const phone = { url, actor: 'phone', as: 'user' } as const
  return {
    reset: async () => (await call(phone, resetCard, { reader })).answerToReset,
    transmit: async (command) => (await call(phone, exchangeApdu, { reader, command })).response,
  }
}
