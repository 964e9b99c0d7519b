/** What MNO-TSM needs of the outside, as its domain says it. */
import type { KeySet } from '@mobile-jpki/globalplatform'
import type { CommandApdu } from '@mobile-jpki/iso7816'
import type { Vault } from '@mobile-jpki/keyring'
import type { Bearers } from '../bearers/bearers.ts'
import type { IssuerKeySet } from '../contract.ts'
import type { Carriers } from './carriers.ts'
import type { Deployments } from './deployment.ts'
import type { FunctionCalls } from './function-call.ts'
import type { LoadFile } from './load-file.ts'
import type { NotificationName, Notifications } from './notification.ts'
import type { Sim, Sims } from './sim.ts'
import type { Subscriptions } from './subscription.ts'

export interface Records {
  readonly sims: Sims
  readonly subscriptions: Subscriptions
  readonly deployments: Deployments
  readonly functionCalls: FunctionCalls
  readonly notifications: Notifications
  readonly signingKeys: SigningKeyRecords
}

/** The carriers' private keys of tokens and load files, sealed. */
export interface SigningKeyRecords {
  find(name: string): Promise<Uint8Array | undefined>
  /** The one that is there afterwards: another process may have been first. */
  keep(name: string, sealed: Uint8Array): Promise<Uint8Array>
}

export type KeyedSim = Pick<Sim, 'iccid' | 'carrier' | 'profile' | 'keyDiversificationData'>

/** The carriers' master and private keys stay behind this. */
export interface CarrierKeys {
  /** The issuer's keys of one SIM: a master key of its carrier, diversified by the SIM's own data. */
  issuerKeySet(sim: KeyedSim, keySet: IssuerKeySet): Promise<KeySet>
  /** SCP80, ETSI TS 102 225. */
  overTheAir(sim: KeyedSim): Promise<OverTheAirKeys>
  /** SCP81, GPCS Amendment B. */
  preShared(sim: KeyedSim): Promise<PreSharedKeys>
  /** Under which the SIM makes receipts; refused for a type without delegated management. */
  receipt(sim: KeyedSim): Promise<ReceiptKey>
  /** Signs tokens of delegated management; refused for a type without it. */
  token(sim: KeyedSim): Promise<TokenKey>
  /** Signs load files where the type mandates it; refused where it does not. */
  dap(sim: KeyedSim): Promise<DapKey>
  /** The same, inside a transaction. */
  within(records: SigningKeyRecords): CarrierKeys
  /** Keeps an initial key set over a restart, for that order alone. */
  wrap(keySet: Uint8Array, orderId: string): Promise<Uint8Array>
  unwrap(wrapped: Uint8Array, orderId: string): Promise<Uint8Array>
}

export interface OverTheAirKeys {
  readonly keyVersion: number
  readonly type: 'DES' | 'AES'
  readonly kic: Uint8Array
  readonly kid: Uint8Array
  readonly dek: Uint8Array
}

export interface PreSharedKeys {
  readonly keyVersion: number
  readonly keyIdentifier: number
  readonly identity: string
  readonly key: Uint8Array
  /** Key identifier one higher. */
  readonly dek: Uint8Array
}

export interface ReceiptKey {
  readonly keyVersion: number
  readonly type: 'DES' | 'AES'
  readonly key: Uint8Array
}

interface PublicKey {
  readonly keyVersion: number
  /** SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
}

export interface TokenKey extends PublicKey {
  /** GPCS §C.4: for a command that is complete but for its token. */
  readonly sign: (apdu: CommandApdu, first?: CommandApdu) => Uint8Array
}

export interface DapKey extends PublicKey {
  /** That verifies. */
  readonly securityDomain: Uint8Array
  /** GPCS §C.3: over the hash of a load file data block. */
  readonly sign: (hash: Uint8Array) => Uint8Array
}

export interface World {
  readonly records: Records
  /** All of the work or none of it; it may run twice. */
  readonly transaction: <T>(work: (records: Records) => Promise<T>) => Promise<T>
  readonly carriers: Carriers
  readonly keys: CarrierKeys
  /** For the answers of function calls. */
  readonly answers: Vault
  readonly loadFile: LoadFile
  readonly now: () => Date
  readonly randomOctets: (length: number) => Uint8Array
  readonly newId: () => string
  /** The P-256 pair of one envelope. */
  readonly oneTimePair: () => Promise<CryptoKeyPair>
  /** Where the phone's agent reports. */
  readonly agentUrl: () => string
  /** Absent where the phone's agent is the only way to a SIM. */
  readonly bearers?: Bearers
  /** Is there anybody to whom that is told? */
  readonly tells: (name: NotificationName) => boolean
  /** There is something to tell SP-TSM or the network. */
  readonly onNews: () => void
  /** A fault of our own, which nobody outside is told. */
  readonly onFault: (error: unknown) => void
}
