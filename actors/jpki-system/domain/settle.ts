/** The end of an act: under an Idempotency-Key its answer is kept in the act's own transaction, so that neither is ever there without the other. */
import type { KeptAnswer } from '@mobile-jpki/service'
import type { Held } from './world.ts'

export interface KeptAnswers {
  find(caller: KeptAnswer['caller'], key: string, at: Date): Promise<KeptAnswer | undefined>
  /** Fails when there is one under the same caller and key that is not too old: the transaction that it stands in then fails too. */
  keep(answer: KeptAnswer, at: Date, until: Date): Promise<void>
  /** Takes out the oldest of those that are too old; answers how many. */
  forget(at: Date, atMost: number): Promise<number>
}

/** What an act does with its outcome before its transaction ends. */
export type Settle<Outcome> = (held: Held, outcome: Outcome) => Promise<void>

/** For acts that nobody asked for under a key. */
export const unsettled: Settle<unknown> = async () => {}
