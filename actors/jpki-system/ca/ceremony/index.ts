/** Ceremonies: how CA keys come to be and are followed by others. docs/ceremonies tells the procedure. */
export { checkApproved, quorumsOf } from './approvals.ts'
export { type CeremonyText, readCeremony } from './document.ts'
export { draft } from './draft.ts'
export { CeremonyConfiguration, type OpenedForCeremony, openForCeremony } from './open.ts'
export { approve, officerOf, type Papers, readPapers, writeRecord } from './papers.ts'
export type { CeremonyRecord } from './record.ts'
export { abandonCeremony, officersOfRecord, runCeremony } from './run.ts'
export { grouped, inWords } from './words.ts'
