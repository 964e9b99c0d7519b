/** Whom an order waits for, and when SP-TSM itself has to look at it next. */
import type { ActorName } from '@mobile-jpki/refusal'
import type { OrderState } from '../contract.ts'
import { expiringStates, isDownloading, isFinal, type Order } from './order.ts'

/** Where nothing keeps it back: the actor whose turn it is. */
const turns: Readonly<Partial<Record<OrderState, ActorName>>> = {
  applied: 'sp-tsm',
  verified: 'jpki-system',
  certified: 'sp-tsm',
  codeSent: 'user',
  authenticated: 'mno-tsm',
  domainReady: 'mno-tsm',
  appletInstalled: 'phone',
  delivered: 'phone',
}

export function waitsFor(order: Order): ActorName | undefined {
  const { state, setback, discardOwed, terminateOwed } = order
  if (setback?.trouble.whose !== undefined) return setback.trouble.whose
  if (discardOwed) return 'jpki-system'
  if (terminateOwed) return 'mno-tsm'
  return turns[state]
}

/** There is something that SP-TSM itself has to do; otherwise only time can pass. */
const hasWork = (order: Order): boolean => {
  const { state, sealedAccessCode, bearer, discardOwed, terminateOwed } = order
  if (discardOwed || terminateOwed || state === 'applied' || state === 'verified') return true
  // Behind the letter the order waits for the mail server to take it.
  if (state === 'certified') return sealedAccessCode !== undefined
  return bearer !== undefined && isDownloading(state)
}

/** undefined: not before somebody else does something. */
/** Whoever takes an application checks it at once; so long after, it was cut off. */
const longestAnswer = 5000

export function nextDue(order: Order): Date | undefined {
  const { state, createdAt, codeExpires, setback } = order
  const first = state === 'applied' ? new Date(createdAt.getTime() + longestAnswer) : createdAt
  const work = hasWork(order) ? (setback?.next ?? first) : undefined
  const end = !isFinal(state) && expiringStates.includes(state) ? codeExpires : undefined
  if (work === undefined || end === undefined) return work ?? end
  return new Date(Math.min(work.getTime(), end.getTime()))
}
