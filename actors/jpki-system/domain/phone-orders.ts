/** What the register remembers of SP-TSM's orders, and of the keys that wait for them. */
import type { AttestedBy, KeyGeneration } from '../contract.ts'

/** An order of SP-TSM, and the linkage of ⑧: phone's certificate ↔ sign certificate ↔ card auth certificate. */
export interface PhoneOrder {
  readonly orderId: string
  readonly personId: string
  readonly iccid: string
  readonly keyGeneration: KeyGeneration
  /** Who vouches for the applet's keys in this SIM. */
  readonly attestedBy: AttestedBy
  readonly signSerialNumber: string
  readonly authSerialNumber: string
  readonly serialNumber?: string
  /** The private key under the keyring, until the applet has it. */
  readonly sealedPrivateKey?: Uint8Array
  /** The pair made ahead that it got, until that has a certificate. */
  readonly taken?: StockedKey
  /** Until then the key and its certificate wait for an applet; nothing waits any more where it is not said. */
  readonly waitsUntil?: Date
  /** The applet proved that it has the key. */
  readonly provenAt?: Date
  /** Thrown away, or revoked. */
  readonly endedAt?: Date
  /** SP-TSM had its certificate put on hold: it may be resumed. */
  readonly stoppedAt?: Date
}

export interface PhoneOrders {
  find(orderId: string): Promise<PhoneOrder | undefined>
  findByCertificate(serialNumber: string): Promise<PhoneOrder | undefined>
  /** Whether an order was brought to its end in that SIM on the word of its CASD. */
  provenByCasd(iccid: string): Promise<boolean>
  /** Nothing happens when the order is known already. */
  reserve(order: PhoneOrder): Promise<void>
  /** Only when it is open and has none, or the one that this comes instead of; the answer says whether it was. */
  attach(
    orderId: string,
    issued: { readonly serialNumber: string; readonly sealedPrivateKey?: Uint8Array; readonly waitsUntil: Date },
    instead?: string,
  ): Promise<boolean>
  /** Erases a pair made ahead that cannot be used; the answer says whether the order had it. */
  leaveTaken(orderId: string, id: string): Promise<boolean>
  /** Either erases the sealed private key, and no other comes. */
  prove(orderId: string, at: Date): Promise<void>
  end(orderId: string, at: Date): Promise<void>
  /** Its certificate went on hold for SP-TSM, and is good again. */
  stop(orderId: string, at: Date): Promise<void>
  resume(orderId: string): Promise<void>
  /** A page of those whose time is over, the oldest first, after the last of the page before. */
  overdue(at: Date, page: { readonly after?: OverdueOrder; readonly size: number }): Promise<readonly OverdueOrder[]>
}

export interface OverdueOrder {
  readonly orderId: string
  readonly waitsUntil: Date
}

/** A key pair made ahead, its private key under the keyring. */
export interface StockedKey {
  readonly id: string
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  readonly sealedPrivateKey: Uint8Array
}

export interface KeyStock {
  size(): Promise<number>
  add(key: StockedKey): Promise<void>
  /** One of them, which is then no longer here; from about that place, so that many who take at once do not reach for the same. */
  take(near: string): Promise<StockedKey | undefined>
}
