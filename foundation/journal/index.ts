/** A journal: what was done, by whom, in a chain that shows whether anything is missing. */

export { type Finding, sentenceOf } from './audit/finding.ts'
export { entriesShown, type Question, type Shown } from './audit/show.ts'
export { type Verdict, type Verifying, verify } from './audit/verify.ts'
export type { Act, Caller, Detail, Entry } from './entry.ts'
export { type Journal, journal, noJournal, type Recorder } from './journal.ts'
export { checkpointsOf, keyOf } from './sealing/checkpoint-file.ts'
export { type Sealer, type Sealing, startSealer, type Terms } from './sealing/sealer.ts'
export { type JournalTables, journalMigration } from './tables.ts'
