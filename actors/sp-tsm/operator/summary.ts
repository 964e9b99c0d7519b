/** An order as the help desk sees it: enough to talk with the person about it, and nothing that opens anything. */
import { isRefusalCode, refusals } from '@mobile-jpki/refusal'
import type { LifeTaskSummary, OrderSummary, OrderTrouble } from '../contract.ts'
import { mostWrongTries } from '../domain/authentication.ts'
import type { Order, Trouble } from '../domain/order.ts'
import { waitsFor } from '../domain/waiting.ts'
import { type OpenTaskState, type Task, turnOf } from '../life/task.ts'

export function summaryOf(order: Order): OrderSummary {
  const { form, trouble, setback, codeExpires, replacedBy, discardOwed, terminateOwed } = order
  const waits = waitsFor(order)
  return {
    orderId: order.id,
    state: order.state,
    carrier: form.carrier,
    iccid: lastFour(form.iccid),
    msisdn: lastFour(form.msisdn),
    mail: maskedMail(form.mail),
    keyGeneration: form.keyGeneration,
    createdAt: order.createdAt,
    ...(codeExpires && { codeExpires }),
    isLocked: order.wrongTries >= mostWrongTries,
    ...(waits && { waitsFor: waits }),
    ...(trouble && { trouble: told(trouble) }),
    ...(setback && {
      setback: { ...told(setback.trouble), count: setback.count, ...(setback.next && { next: setback.next }) },
    }),
    owed: [...(discardOwed ? (['jpki-system'] as const) : []), ...(terminateOwed ? (['mno-tsm'] as const) : [])],
    ...(replacedBy !== undefined && { replacedBy }),
  }
}

export const taskTold = ({ id, orderId, event, state, askedAt, trouble, tries, due }: Task): LifeTaskSummary => ({
  ...{ taskId: id, orderId, event, state, askedAt },
  ...(state in turnOf && { waitsFor: turnOf[state as OpenTaskState] }),
  ...(trouble && { setback: { ...told(trouble), count: tries, ...(due && { next: due }) } }),
})

/** With what to do about it. */
export const told = ({ code, detail, whose }: Trouble): (typeof OrderTrouble)['_output'] => ({
  code,
  detail,
  ...(whose && { whose }),
  whatToDo: isRefusalCode(code) ? refusals[code].whatToDo : '',
})

const lastFour = (digits: string): string => `…${digits.slice(-4)}`

const maskedMail = (mail: string): string => {
  const at = mail.lastIndexOf('@')
  return `${mail.slice(0, 1)}…${mail.slice(at)}`
}
