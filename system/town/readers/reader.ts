/** A contactless reader of the town: a My Number card is laid on it, or a phone. A service has what lies there as a card. */
import type { Card } from '@mobile-jpki/iso7816'
import { emptySlot } from '@mobile-jpki/phone'
import { type ReaderName, readerNames } from '../../desk/readers.ts'

export interface TownReader {
  readonly name: ReaderName
  /** Whether a card answers there: a My Number card, or a phone with a SIM. */
  readonly present: boolean
  /** Resolves when what lies there changes or is reset. */
  readonly changed: Promise<void>
  /** What lies there: `card.absent` when nothing does. A reset is the beginning of a tap. */
  readonly card: Card
  put(card: Card): Promise<void>
  takeAway(): void
}

export type TownReaders = Readonly<Record<ReaderName, TownReader>>

export function openReader(name: ReaderName): TownReader {
  const slot = emptySlot()
  return {
    name,
    get present() {
      return slot.present
    },
    get changed() {
      return slot.changed
    },
    card: slot.shared,
    put: (card) => slot.put(card),
    takeAway: () => slot.remove(),
  }
}

export const openReaders = (): TownReaders =>
  Object.fromEntries(readerNames.map((name) => [name, openReader(name)])) as TownReaders
