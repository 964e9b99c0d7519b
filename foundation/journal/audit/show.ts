/** Entries as people ask for them: by act, subject, outcome, actor and time, in pages. */
import type { Entry } from '../entry.ts'
import type { Database } from './pages.ts'

export interface Question {
  readonly act?: string | undefined
  readonly subject?: string | undefined
  readonly actor?: string | undefined
  readonly outcome?: string | undefined
  /** Entries of that moment and later. */
  readonly since?: Date | undefined
}

export type Shown = Entry & { readonly position: number }

/** A page of those that match, after that position, the oldest first. */
export function entriesShown(
  db: Database,
  { act, subject, actor, outcome, since }: Question,
  { after, size }: { readonly after: number; readonly size: number },
): Promise<readonly Shown[]> {
  const columns = { act, subject, actor, outcome }
  return db
    .selectFrom('journal_entry')
    .select(['position', 'id', 'at', 'actor', 'request', 'act', 'subject', 'detail', 'outcome'])
    .where('position', '>', after)
    .where(({ eb, and }) =>
      and([
        ...Object.entries(columns).flatMap(([name, value]) =>
          value === undefined ? [] : [eb(name as keyof typeof columns, '=', value)],
        ),
        ...(since === undefined ? [] : [eb('at', '>=', since.toISOString())]),
      ]),
    )
    .orderBy('position')
    .limit(size)
    .execute()
}
