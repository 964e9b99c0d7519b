/** Where card and phone may lie: one thing on a reader, and nothing in a phone that is lost. */
import { Refusal } from '@mobile-jpki/refusal'
import type { CardPlace, PhonePlace } from '../../desk/contract.ts'
import type { ReaderName } from '../../desk/readers.ts'

export interface Lying {
  readonly card: CardPlace
  readonly phone: PhonePlace
}

const refused = (why: string) => new Refusal('conditions.not-satisfied', why, { whose: 'user' })

export function cardTo(at: CardPlace, now: Lying): Lying {
  if (at === 'phone' && now.phone === 'lost') throw refused('The phone is lost.')
  if (at === now.phone) throw refused('The phone lies on that reader.')
  // A phone that lies on a reader is taken up for the card.
  return { card: at, phone: at === 'phone' ? 'hand' : now.phone }
}

export function phoneTo(at: PhonePlace, now: Lying): Lying {
  if (at === now.card) throw refused('A card lies on that reader.')
  return { card: now.card === 'phone' && at !== 'hand' ? 'table' : now.card, phone: at }
}

/** Its SIM tray is opened: it is in the hand, and nothing lies on it. */
export function trayOpened(now: Lying): Lying {
  if (now.phone === 'lost') throw refused('The phone is lost.')
  return { card: now.card === 'phone' ? 'table' : now.card, phone: 'hand' }
}

/** What lies on that reader. */
export const onReader = ({ card, phone }: Lying, reader: ReaderName): 'card' | 'phone' | undefined => {
  if (card === reader) return 'card'
  return phone === reader ? 'phone' : undefined
}
