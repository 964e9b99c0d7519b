/** What the modem needs of the outside: the carrier's network, servers on the internet, time. */
import type { Trace } from '@mobile-jpki/trace'
import type { Slot } from '../domain/slot.ts'

/** A short message for the SIM, 3GPP TS 23.040 §9.2.2.1. */
export interface Message {
  readonly id: string
  /** Telephone number of the service centre. */
  readonly serviceCentre: string
  readonly tpdu: Uint8Array
}

/** What became of it: RP-ACK, or with a cause RP-ERROR; and what the SIM answered. TS 23.040 §9.2.2.1a. */
export interface Report {
  readonly failureCause?: number
  readonly userData?: Uint8Array
}

/** The phone's side of the network, while it is attached. Everything may fail with a Refusal: `peer.unreachable`, or the attachment is over. */
export interface Attachment {
  /** Undefined when none came for a while. */
  next(signal: AbortSignal): Promise<Message | undefined>
  report(id: string, report: Report, signal: AbortSignal): Promise<void>
  send(tpdu: Uint8Array, signal: AbortSignal): Promise<void>
  detach(): Promise<void>
}

export interface CarrierNetwork {
  attach(iccid: string, signal: AbortSignal): Promise<Attachment>
}

/** One TCP connection. */
export interface Connection {
  write(octets: Uint8Array): void
  /** While there is enough to fetch. */
  pause(): void
  resume(): void
  close(): void
}

export interface ConnectionEvents {
  received(octets: Uint8Array): void
  closed(): void
}

export interface ModemWorld {
  readonly slot: Slot
  readonly iccid: () => Promise<string>
  readonly network: CarrierNetwork
  /** Rejects where nobody answers there. */
  readonly connect: (host: string, port: number, events: ConnectionEvents) => Promise<Connection>
  readonly now: () => Date
  /** Resolves early when the signal is aborted. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>
  readonly trace: Trace
}
