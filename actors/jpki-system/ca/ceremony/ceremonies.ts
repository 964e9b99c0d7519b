/** What the register remembers of ceremonies: intent before the act, outcome after it. */
import type { CeremonyRecord } from './record.ts'

export interface BegunCeremony {
  readonly digest: string
  /** 1, 2, 3 …: the last finished one names the officers of record. */
  readonly number: number
  /** The octets of the file. */
  readonly document: Uint8Array
  readonly signatures: readonly Uint8Array[]
  readonly begunAt: Date
  /** Absent while it is under way. */
  readonly outcome?: 'finished' | 'abandoned'
  readonly record?: CeremonyRecord
}

export interface Ceremonies {
  find(digest: string): Promise<BegunCeremony | undefined>
  /** All, in their order: they are few. */
  all(): Promise<readonly BegunCeremony[]>
  /** Refused by the store when there is one of that number or digest. */
  begin(ceremony: Omit<BegunCeremony, 'outcome' | 'record'>): Promise<void>
  /** Only when it is under way; the answer says whether it was. */
  end(digest: string, outcome: 'finished' | 'abandoned', at: Date, record?: CeremonyRecord): Promise<boolean>
}
