/**
 * What SP-TSM has yet to hear of its phones' certificates: written in the transaction that changes the certificate, and kept until SP-TSM
 * says that it knows. So nothing is lost while SP-TSM is away, and nobody looks through all certificates.
 */
import type { Held, PhoneOrder } from '../domain/world.ts'

export interface PhoneChange {
  readonly id: string
  readonly orderId: string
}

export interface PhoneChanges {
  add(orderId: string, at: Date): Promise<void>
  /** The oldest first. */
  unconfirmed(atMost: number): Promise<readonly PhoneChange[]>
  confirm(ids: readonly string[]): Promise<void>
}

/** Of a certificate that was never delivered SP-TSM knows by its order. */
export async function noteChange(held: Held, order: PhoneOrder | undefined, at: Date): Promise<void> {
  if (order?.provenAt !== undefined) await held.phoneChanges.add(order.orderId, at)
}
