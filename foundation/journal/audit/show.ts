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

/** Where a page begins: behind a position, or so that it ends with the newest. */
export type Page = { readonly size: number } & ({ readonly after: number } | { readonly newest: true })

/** A page of those that match, the oldest first. */
export async function entriesShown(
  db: Database,
  { act, subject, actor, outcome, since }: Question,
  page: Page,
): Promise<readonly Shown[]> {
  const columns = { act, subject, actor, outcome }
  const isForward = 'after' in page
  const found = await db
    .selectFrom('journal_entry')
    .select(['position', 'id', 'at', 'actor', 'request', 'act', 'subject', 'detail', 'outcome'])
    .where(({ eb, and }) =>
      and([
        ...Object.entries(columns).flatMap(([name, value]) =>
          value === undefined ? [] : [eb(name as keyof typeof columns, '=', value)],
        ),
        ...(since === undefined ? [] : [eb('at', '>=', since.toISOString())]),
        ...(isForward ? [eb('position', '>', page.after)] : []),
      ]),
    )
    .orderBy('position', isForward ? 'asc' : 'desc')
    .limit(page.size)
    .execute()
  return isForward ? found : found.reverse()
}
