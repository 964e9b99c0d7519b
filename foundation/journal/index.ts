/** A journal: what was done, by whom, in a chain that shows whether anything is missing. */
export type { Act, Caller, Detail, Entry } from './entry.ts'
export { type Journal, journal, noJournal, type Recorder } from './journal.ts'
export { type Sealer, type Sealing, startSealer, type Terms } from './sealer.ts'
export { type JournalTables, journalMigration } from './tables.ts'
