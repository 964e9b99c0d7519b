/** ./jpki card attach over the town's cards: from their files, or from the running town that holds them. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { NvmError } from '@mobile-jpki/nvm'
import type { Reader } from '@mobile-jpki/phone/contract'
import { Refusal } from '@mobile-jpki/refusal'
import { openSimFile } from '../sim/files.ts'
import { cardIn } from '../sim/target.ts'
import { openMyNumberCardIn, openSimIn } from '../town/cards.ts'
import { defaultData, layoutOf } from '../town/layout.ts'
import { runningTown } from '../town/running.ts'
import { type CardKind, cardAttach, type OpenCard } from './card.ts'

const readers: Readonly<Record<CardKind, Reader>> = { 'my-number-card': 'NFC', phone: 'SIM1' }

const ofTown: OpenCard['ofTown'] = async (kind, given) => {
  const data = resolve(given ?? defaultData)
  const town = await runningTown(data)
  if (town !== undefined) return { card: cardIn(town.phone, readers[kind]), close: () => undefined }
  const directory = layoutOf(data).of('cards')
  if (!existsSync(directory))
    throw new Refusal('reference.not-found', `There are no cards in ${data}: ./jpki up makes them.`)
  try {
    const { card, close } = await (kind === 'phone' ? openSimIn(directory) : openMyNumberCardIn(directory))
    return { card, close }
  } catch (error) {
    if (error instanceof NvmError && error.code === 'nvm.busy')
      throw new Refusal('store.busy', `The cards in ${data} are held by another process.`, { cause: error })
    throw error
  }
}

export default cardAttach({ ofTown, inFile: openSimFile })
