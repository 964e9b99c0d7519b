/** ./jpki card attach over the town's cards: from their files, or from the running town that holds them. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Card } from '@mobile-jpki/iso7816'
import { NvmError } from '@mobile-jpki/nvm'
import { Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service/call'
import { describeDesk } from '../desk/contract.ts'
import { cardIn } from '../sim/card-in.ts'
import { openSimFile } from '../sim/files.ts'
import { openSimIn } from '../town/cards/sims.ts'
import { moveIntoWallet, openWallets } from '../town/cards/wallets.ts'
import { exchangeApduWithCardOf, type Places, resetCardOf } from '../town/contract.ts'
import { defaultData, layoutOf } from '../town/layout.ts'
import { hanako } from '../town/people.ts'
import { runningTown } from '../town/running.ts'
import { type CardKind, cardAttach, type OpenCard } from './card.ts'

const ofTown: OpenCard['ofTown'] = async (kind, given, person) => {
  const data = resolve(given ?? defaultData)
  const town = await runningTown(data)
  if (town !== undefined) return { card: await inRunning(town, kind, person), close: () => undefined }
  const directory = layoutOf(data).of('cards')
  if (!existsSync(directory))
    throw new Refusal('reference.not-found', `There are no cards in ${data}: ./jpki up makes them.`)
  try {
    if (kind === 'phone') return await openSimIn(directory)
    await moveIntoWallet(directory, directory, hanako.id, hanako.card.serialNumber)
    const wallets = openWallets(directory)
    const card = wallets.cardOf(person ?? hanako.id)
    await card.reset()
    return { card, close: () => void wallets.close() }
  } catch (error) {
    if (error instanceof NvmError && error.code === 'nvm.busy')
      throw new Refusal('store.busy', `The cards in ${data} are held by another process.`, { cause: error })
    throw error
  }
}

/** The phone shares the card that is held against it; the others are in their wallets. */
async function inRunning({ phone, town: url }: Places, kind: CardKind, person: string = hanako.id): Promise<Card> {
  if (kind === 'phone') return cardIn(phone, 'SIM1')
  const town = { url, actor: 'system', as: 'user' } as const
  const { card } = await call(town, describeDesk, {})
  if (card.at === 'phone' && card.of === person) return cardIn(phone, 'NFC')
  const reset = async () => (await call(town, resetCardOf, { person })).answerToReset
  await reset()
  return {
    reset,
    transmit: async (command) => (await call(town, exchangeApduWithCardOf, { person, command })).response,
  }
}

export default cardAttach({ ofTown, inFile: openSimFile })
