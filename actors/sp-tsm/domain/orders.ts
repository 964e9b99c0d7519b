/** What must be remembered of orders. The domain says what; store/ says how. */
import type { ActorName } from '@mobile-jpki/refusal'
import type { OrderState } from '../contract.ts'
import type { Letter } from './letter.ts'
import type { News, Order } from './order.ts'

export interface Orders {
  /** False when the id was seen before: a form serves once. */
  add(order: Order): Promise<boolean>
  find(id: string): Promise<Order | undefined>
  findByAccessCode(mac: Uint8Array): Promise<Order | undefined>
  findBySession(mac: Uint8Array): Promise<Order | undefined>
  /** The latest order for that SIM that is waiting for its code or being downloaded. */
  findOpenForSim(iccid: string): Promise<Order | undefined>
  /**
   * Reads, changes and writes in one transaction, news and letters with it; `change` may run again and must do nothing else.
   * Under a lease it rejects with `LeaseLost` when somebody else has taken the order since.
   */
  update(id: string, change: (order: Order) => Order, lease?: Lease): Promise<Order>
}

/** An order is worked on by one process at a time. Each taking has another token: whoever was before writes nothing more. */
export interface Lease {
  readonly orderId: string
  readonly owner: string
  readonly token: number
}

/** Another process has the order now. Nothing went wrong: it goes on there. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
}

export interface Leased {
  readonly order: Order
  readonly lease: Lease
}

export interface LeaseTime {
  readonly owner: string
  readonly now: Date
  readonly until: Date
}

export interface Leases {
  /** Takes orders whose time has come and which nobody holds, those that wait longest first. */
  takeDue(time: LeaseTime, atMost: number): Promise<readonly Leased[]>
  /** Takes that order if nobody holds it, or by force. */
  take(orderId: string, time: LeaseTime, force?: 'force'): Promise<Leased | undefined>
  /** False when it is lost. */
  renew(lease: Lease, until: Date): Promise<boolean>
  release(lease: Lease): Promise<void>
}

/** A letter on its way, as the outbox hands it out. */
export interface Outgoing {
  readonly id: string
  readonly orderId: string
  readonly letter: Letter
  /** So often it was tried before. */
  readonly tries: number
  readonly token: number
}

/** Letters reach it with the change of an order that they tell of; see `Order.letters`. */
export interface Outbox {
  /** Takes letters whose time has come and which nobody holds. */
  takeDue(time: LeaseTime, atMost: number): Promise<readonly Outgoing[]>
  /**
   * The mail server took it, will never take it, or it counts for nothing any more: what was secret in it is erased, and the order
   * changes in the same transaction. False when another process had the letter by then.
   */
  done(
    letter: Outgoing,
    end: { readonly at: Date; readonly as: 'sent' | 'refused' | 'dropped' },
    change?: (order: Order) => Order,
  ): Promise<boolean>
  again(letter: Outgoing, due: Date): Promise<void>
  /** The mail server takes its time: nobody else shall try meanwhile. */
  renew(letter: Outgoing, until: Date): Promise<void>
  /** Letters of that order that rest are due at once. */
  hurry(orderId: string, now: Date): Promise<void>
  /** What became of the letters of an order. */
  ofOrder(orderId: string): Promise<readonly Posted[]>
}

export interface Posted {
  readonly kind: Letter['kind']
  readonly writtenAt: Date
  readonly sentAt?: Date
  readonly refusedAt?: Date
  readonly tries: number
}

/** What the operator looks for. */
export interface Sought {
  readonly state?: OrderState | undefined
  readonly waitsFor?: ActorName | undefined
  readonly whose?: ActorName | undefined
  readonly carrier?: string | undefined
  readonly createdBefore?: Date | undefined
}

export interface Place {
  readonly createdAt: Date
  readonly id: string
}

export interface Happened extends News {
  readonly at: Date
}

/** Read by the operator; nothing is counted and nothing walked through. */
export interface Archive {
  /** Oldest first, from behind that place. */
  search(sought: Sought, atMost: number, after?: Place): Promise<readonly Order[]>
  historyOf(orderId: string): Promise<readonly Happened[]>
}

/** How often something was asked, counted for all processes. */
export interface Rates {
  /** Counts one more and answers how many there were in that window. */
  count(what: string, window: Date): Promise<number>
  forgetBefore(window: Date): Promise<void>
}

export interface PinWanted {
  /** Answer to DGI '0E02': the app seals for the key that it attests. */
  readonly attestation: Uint8Array
  readonly instanceAid: Uint8Array
}

/** PIN envelopes on their way from whichever process the app reached to the one whose stage waits. */
export interface PinRelay {
  /** Another `turn` for the same id replaces the one before, and what came for that. */
  want(id: string, turn: string, wanted: PinWanted, until: Date): Promise<void>
  /** Still waiting: false when another turn has begun. */
  stay(id: string, turn: string, until: Date): Promise<boolean>
  wanted(id: string, now: Date): Promise<PinWanted | undefined>
  /** False when nobody waits for one. */
  give(id: string, envelope: Uint8Array, now: Date): Promise<boolean>
  /** The envelope, once: it is not kept. */
  collect(id: string, turn: string): Promise<Uint8Array | undefined>
  forget(id: string, turn: string): Promise<void>
}
