/** How much of the card's memory is in use, and by whom. GPCS v2.3.1 §9.7, §H.6 (GET DATA FF21). */
import { CardRefusal } from './rules.ts'
import type { CardContext } from './state.ts'

/** What the card itself keeps (identifiers, order of the entries) is the maker's and does not count. */
const counted = ['application/', 'load-file/', 'program/', 'instance/'] as const

export const usedMemory = ({ nvm }: Pick<CardContext, 'nvm'>): number =>
  counted.reduce((sum, prefix) => sum + nvm.used(prefix), 0)

export const freeMemory = (card: CardContext): number => Math.max(0, card.nvmSize - usedMemory(card))

/** Before anything lasts, what it takes must be there. */
export function checkMemory(card: CardContext): void {
  if (card.nvm.changed().length > 0 && usedMemory(card) > card.nvmSize) throw new CardRefusal('card.memory')
}
