/** What can be wrong with a journal, and how it is said. Entries are named by their place in the chain and, where they are still there, their identifier. */

export interface Named {
  readonly position: number
  readonly id: string
}

export type Finding =
  /** A column of it is not what the chain took in; `hash` is said where it is that one. */
  | ({ readonly what: 'changed'; readonly column?: 'hash' } & Named)
  /** `renumbered`: the later ones were moved up, so that no gap shows. */
  | { readonly what: 'removed'; readonly from: number; readonly to: number; readonly renumbered?: true }
  | ({ readonly what: 'inserted' } & Named)
  | ({ readonly what: 'reordered'; readonly belongs: number } & Named)
  /** The end of the chain is gone. */
  | { readonly what: 'cut'; readonly from: number; readonly to: number }
  /** The chain is whole, and another one than was signed for. */
  | { readonly what: 'rewritten'; readonly from: number; readonly to: number; readonly checkpoint: number }
  | ({ readonly what: 'end.changed' } & Named)
  | { readonly what: 'checkpoint.forged'; readonly where: Where; readonly number: number }
  | { readonly what: 'checkpoint.missing'; readonly where: Where; readonly from: number; readonly to: number }
  /** Nobody signed for so many entries. */
  | { readonly what: 'checkpoint.overdue'; readonly from: number; readonly to: number }
  | { readonly what: 'unreadable'; readonly where: 'file'; readonly line: number }
  | { readonly what: 'unreadable'; readonly where: 'waiting'; readonly id: string }
  /** Committed and never put into the chain. */
  | { readonly what: 'unsealed'; readonly id: string; readonly since: string }

export type Where = 'database' | 'file'

export function sentenceOf(finding: Finding): string {
  switch (finding.what) {
    case 'changed':
      return finding.column === 'hash'
        ? `${entry(finding)} has another hash than the chain gave it.`
        : `${entry(finding)} was changed, or the one before it together with its hash.`
    case 'removed':
      return `${range(finding)} removed${finding.renumbered ? ', and the later ones renumbered' : ''}.`
    case 'inserted':
      return `${entry(finding)} was put in by somebody other than the sealer.`
    case 'reordered':
      return `${entry(finding)} belongs at ${finding.belongs}.`
    case 'cut':
      return `The chain was cut: ${range(finding)} removed from its end.`
    case 'rewritten':
      return `The chain is not the one that checkpoint ${finding.checkpoint} was signed for: among ${range(finding)} replaced, and the hashes made anew.`
    case 'end.changed':
      return `The chain does not end as the sealer noted: ${entry(finding)} was replaced together with its hash, or the note was changed.`
    case 'checkpoint.forged':
      return `Checkpoint ${finding.number} ${places[finding.where]} is not signed by the journal's key.`
    case 'checkpoint.missing':
      return `${finding.from === finding.to ? `Checkpoint ${finding.from} is` : `Checkpoints ${finding.from} to ${finding.to} are`} missing ${places[finding.where]}.`
    case 'checkpoint.overdue':
      return `No checkpoint was signed for entries ${finding.from} to ${finding.to}; one should have been.`
    case 'unreadable':
      return finding.where === 'file'
        ? `Line ${finding.line} of the checkpoint file is no checkpoint of this journal.`
        : `The entry ${finding.id}, which waits to be sealed, cannot be read.`
    case 'unsealed':
      return `The entry ${finding.id} waits to be sealed since ${finding.since}.`
  }
}

const entry = ({ position, id }: Named): string => `Entry ${position} (${id})`
const range = ({ from, to }: { readonly from: number; readonly to: number }): string =>
  from === to ? `entry ${from} was` : `entries ${from} to ${to} were`
const places: Readonly<Record<Where, string>> = { database: 'in the database', file: 'in the checkpoint file' }
