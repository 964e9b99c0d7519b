/** What MNO-TSM needs of the outside, as its domain says it. */
import type { KeySet } from '@mobile-jpki/globalplatform'
import type { Deployments } from './deployment.ts'
import type { LoadFile } from './load-file.ts'
import type { SupportedDevice } from './profiles.ts'
import type { Sims } from './sim.ts'
import type { Subscriptions } from './subscription.ts'

export interface Records {
  readonly sims: Sims
  readonly subscriptions: Subscriptions
  readonly deployments: Deployments
}

/** The carrier's master keys stay behind this. */
export interface CarrierKeys {
  /** The issuer keys of one SIM: the master key, diversified by the SIM's own data. */
  issuerKeySet(keyDiversificationData: Uint8Array): Promise<KeySet>
  /** Keeps an initial key set over a restart, for that order alone. */
  wrap(keySet: Uint8Array, orderId: string): Promise<Uint8Array>
  unwrap(wrapped: Uint8Array, orderId: string): Promise<Uint8Array>
}

export interface World {
  readonly records: Records
  /** All of the work or none of it; it may run twice. */
  readonly transaction: <T>(work: (records: Records) => Promise<T>) => Promise<T>
  readonly keys: CarrierKeys
  readonly loadFile: LoadFile
  readonly devices: readonly SupportedDevice[]
  readonly now: () => Date
  readonly randomOctets: (length: number) => Uint8Array
  readonly newId: () => string
  /** The P-256 pair of one envelope. */
  readonly oneTimePair: () => Promise<CryptoKeyPair>
  /** Where the phone's agent reports. */
  readonly agentUrl: () => string
  /** A fault of our own, which nobody outside is told. */
  readonly onFault: (error: unknown) => void
}
