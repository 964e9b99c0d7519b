/** Where the waiting private key of an order ends: erased in the transaction of what ends it, and the journal says so. */
import type { Caller, Held, PhoneOrder } from '../domain/world.ts'

/** What ended it: the applet has it, or nobody shall have it any more. */
export type Cause = 'possession' | 'revocation' | 'hold' | 'discard' | 'expiry' | 'unusable'

export interface Ending {
  readonly at: Date
  readonly cause: Cause
  readonly by: Caller
}

/** The applet proved that it has the key. */
export async function proveOrder(held: Held, order: PhoneOrder, at: Date, by: Caller): Promise<void> {
  await held.orders.prove(order.orderId, at)
  record(held, order, { at, cause: 'possession', by })
}

/** No key comes any more; the certificate is the caller's. */
export async function endOrder(held: Held, order: PhoneOrder, ending: Ending): Promise<void> {
  await held.orders.end(order.orderId, ending.at)
  record(held, order, ending)
}

/** A pair of the stock that does not open: the order goes on without it. */
export async function destroyUnusable(held: Held, order: PhoneOrder, { at, by }: Omit<Ending, 'cause'>): Promise<void> {
  if (order.taken === undefined || !(await held.orders.leaveTaken(order.orderId, order.taken.id))) return
  record(held, order, { at, cause: 'unusable', by })
}

/** In on-card mode there was never a key here, and after the first ending there is none left. */
function record({ journal }: Held, order: PhoneOrder, { cause, by }: Ending): void {
  const { orderId, serialNumber, sealedPrivateKey, taken } = order
  if (sealedPrivateKey === undefined && taken === undefined) return
  const detail = { cause, ...(serialNumber !== undefined && { serialNumber }) }
  journal.record({ by, act: 'key.destroyed', subject: orderId, detail })
}
