/** ./jpki card attach over the town's cards: from their files, or from the running town that holds them. */
import { resolve } from 'node:path'
import { NvmError } from '@mobile-jpki/nvm'
import { exchangeApdu, type Reader, resetCard } from '@mobile-jpki/phone/contract'
import { Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service/call'
import { openMyNumberCardIn, openSimIn } from '../town/cards.ts'
import { defaultData, layoutOf } from '../town/layout.ts'
import { runningTown } from '../town/running.ts'
import { type CardKind, cardAttach, type OpenCard } from './card.ts'

const readers: Readonly<Record<CardKind, Reader>> = { 'my-number-card': 'NFC', phone: 'SIM1' }

const openCard: OpenCard = async (kind, given) => {
  const data = resolve(given ?? defaultData)
  const town = await runningTown(data)
  if (town !== undefined) return { card: cardAt(town.phone, readers[kind]), close: () => undefined }
  const directory = layoutOf(data).of('cards')
  try {
    const { card, close } = await (kind === 'phone' ? openSimIn(directory) : openMyNumberCardIn(directory))
    return { card, close }
  } catch (error) {
    if (error instanceof NvmError && error.code === 'nvm.busy')
      throw new Refusal('store.busy', `The cards in ${data} are held by another process.`, { cause: error })
    throw error
  }
}

/** The card in a running phone. */
function cardAt(url: string, reader: Reader) {
  const phone = { url, actor: 'phone', as: 'user' } as const
  return {
    reset: async () => (await call(phone, resetCard, { reader })).answerToReset,
    transmit: async (command: Uint8Array) => (await call(phone, exchangeApdu, { reader, command })).response,
  }
}

export default cardAttach(openCard)
