/** Who may move what from which life-cycle state to which. GPCS v2.3.1 §5.1 to §5.3, §11.10. */
import { cardStateName, cardStates, cardTransitions, isLocked, locked, unlocked } from '@mobile-jpki/globalplatform'
import { CardRefusal } from './rules.ts'

export const INSTALLED = 0x03
export const SELECTABLE = 0x07
export const PERSONALIZED = 0x0f

export const isSelectable = (lifeCycle: number): boolean =>
  !isLocked(lifeCycle) && (lifeCycle & SELECTABLE) === SELECTABLE

export function cardAfter(present: number, asked: number): number {
  const from = cardStateName(present)
  const to = cardStateName(asked)
  if (to === undefined) throw new CardRefusal('apdu.parameters')
  if (from === undefined || !Object.values(cardTransitions[from]).includes(to))
    throw new CardRefusal('status.transition', `${from} → ${to}.`)
  return cardStates[to]
}

/**
 * SET STATUS on an application or a supplementary security domain, §5.3: its domain locks and unlocks it; it moves itself
 * forward, and may lock itself. A locked state remembers in b1 to b7 the state to return to.
 */
export function applicationAfter(present: number, asked: number, by: 'itself' | 'its domain'): number {
  if (isLocked(asked)) {
    if (isLocked(present)) throw new CardRefusal('status.transition', 'It is locked already.')
    return locked(present)
  }
  if (isLocked(present)) {
    if (by === 'itself') throw new CardRefusal('status.transition', 'It cannot unlock itself.')
    return unlocked(present)
  }
  const forward = (asked & present) === present && asked > present
  if (by !== 'itself' || !forward || present === INSTALLED) throw new CardRefusal('status.transition')
  return asked
}
