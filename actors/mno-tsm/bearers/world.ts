/** What the bearers need of the outside. */
import type { KeyEncryption } from '@mobile-jpki/globalplatform'
import type { UserData } from '@mobile-jpki/ota'
import type { AgentStep } from '@mobile-jpki/seram'
import type { Bearer } from '../contract/carrier.ts'
import type { OverTheAirKeys, PreSharedKeys } from '../domain/world.ts'
import type { AirRecords } from './records.ts'

export type AirBearer = Exclude<Bearer, 'agent'>

/** A SIM as it is reached over the air. */
export interface AirSim {
  readonly iccid: string
  /** The number that it is reached by. */
  readonly msisdn: string
  readonly keys: OverTheAirKeys
  /** Of a SIM that is an HTTP client. */
  readonly preShared?: PreSharedKeys
}

/** The carrier's short message service. */
export interface ShortMessages {
  /** Resolves when the service centre has accepted it; refused with `peer.unreachable` or `card.absent` (no such number). */
  submit(message: ShortMessage): Promise<void>
  /** Messages and acknowledgements that come from the number; the answer ends it. */
  listen(msisdn: string, listener: (userData: UserData) => void): () => void
}

export interface ShortMessage {
  readonly to: string
  readonly userData: UserData
  /** How long the service centre keeps it for a phone that is off. */
  readonly validSeconds: number
  readonly step: AgentStep
}

/** How long the network is waited for. */
export interface Patience {
  /** Until a packet is sent once more; after each time twice as long. */
  readonly answerMilliseconds: number
  /** How often one packet is sent. */
  readonly tries: number
  /** How often a stage begins again after an answer was lost. */
  readonly runs: number
  /** How long a SIM that has nothing to do is kept on the line (SCP81). */
  readonly idleMilliseconds: number
}

export const usualPatience: Patience = { answerMilliseconds: 5_000, tries: 5, runs: 4, idleMilliseconds: 60_000 }

export interface AirWorld {
  readonly records: AirRecords
  /** Refused with `reference.not-found` for a SIM that is not the carrier's, and with `subscription.not-eligible` for one without a line. */
  readonly simOf: (iccid: string) => Promise<AirSim>
  readonly shortMessages: ShortMessages
  readonly now: () => Date
  readonly newId: () => string
  readonly patience: Patience
  /** A fault of our own, which nobody outside is told. */
  readonly onFault: (error: unknown) => void
}

/** Under the third key of the set: ECB with DES, CBC with AES. TS 102 225 §5.1.3; GPC Amendment B §3.5. */
export const keyEncryptionOf = (type: OverTheAirKeys['type'], dek: Uint8Array): KeyEncryption => ({
  protocol: type === 'DES' ? '02' : '03',
  dek,
})
