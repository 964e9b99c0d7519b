/** What all processes of the carrier must know alike of the way to its SIMs. The store is the other end of each of these ports. */
import type { Refusal } from '@mobile-jpki/refusal'
import type { AirBearer } from './world.ts'

/** CNTR of TS 102 225 §5.1.4: what was given out is never given out again, whoever asks and whenever it dies. */
export interface Counters {
  next(iccid: string): Promise<number>
}

/** Who talks with the SIM now. Two that did would end each other's scripts and secure channels. */
export interface Leases {
  /** Taken, or held by the same holder already and longer from now on; false while it is another's. */
  take(lease: Lease, now: Date): Promise<boolean>
  release(iccid: string, holder: string): Promise<void>
}

export interface Lease {
  readonly iccid: string
  readonly holder: string
  readonly until: Date
}

/** SP-TSM's way to its domain in one SIM. Its secure channels are with the process that carries it. */
export interface Conversation {
  readonly id: string
  readonly orderId: string
  readonly iccid: string
  readonly bearer: AirBearer
  readonly validUntil: Date
  readonly state: 'open' | 'over'
}

export interface Conversations {
  find(id: string): Promise<Conversation | undefined>
  /** Every other one of the order is over from now on, and their scripts are forgotten: answers their ids. */
  begin(conversation: Conversation): Promise<readonly string[]>
  end(id: string): Promise<void>
}

/** A script is written down before it is sent, and what came of it before that is told. */
export interface Script {
  readonly functionCall: string
  readonly conversation: string
  /** SHA-256 over the commands: one function call is one script. */
  readonly fingerprint: Uint8Array
  readonly outcome?: ScriptOutcome
}

export type ScriptOutcome =
  | { readonly responses: readonly Uint8Array[] }
  | { readonly refusal: Pick<Refusal, 'code' | 'message'> }

export interface Scripts {
  find(functionCall: string): Promise<Script | undefined>
  /** False when there is one by that function call already. */
  begin(script: Script): Promise<boolean>
  finish(functionCall: string, outcome: ScriptOutcome): Promise<void>
}

export interface AirRecords {
  readonly counters: Counters
  readonly leases: Leases
  readonly conversations: Conversations
  readonly scripts: Scripts
}
