/**
 * A contactless reader of the town: at the clinic's counter, at the shop's till, at the PC. A My Number card or a phone is laid on it.
 * A service has it by what lies there; another process by the town's own address.
 */
import type { Card } from '@mobile-jpki/iso7816'
import { emptySlot } from '@mobile-jpki/phone'

export const readerNames = ['insurance', 'payment', 'pc'] as const
export type ReaderName = (typeof readerNames)[number]

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
