/** What the provider needs around it. Time, chance and neighbours come in here. */
import type { Jpki } from '@mobile-jpki/relying-party'
import type { Artifacts } from './artifacts.ts'
import type { SubjectWorld } from './subject.ts'

export interface World extends SubjectWorld {
  readonly artifacts: Artifacts
  /** The provider is one more site that asks the app, on behalf of a service; and it judges certificates as every site does. */
  readonly site: Pick<Jpki, 'origin' | 'name' | 'challenge' | 'question' | 'verify' | 'outcome' | 'judge' | 'accountOf'>
  readonly now: () => Date
  readonly random: (length: number) => Uint8Array
}
