/** ./jpki audit show: entries of the journal, by act, subject, actor, outcome and time. */
import { entriesShown, type Question, type Shown } from '@mobile-jpki/journal'
import { z } from 'zod'
import { say, timeOf } from '../../ca/print.ts'
import { command, value } from '../../command.ts'
import { columns } from '../../width.ts'
import { type Database, inJournal, placeOptions } from './place.ts'

const text = z.string().min(1).optional()
const pageSize = 1000

const since = z.iso
  .datetime({ offset: true })
  .or(z.iso.date())
  .transform((when) => new Date(when.length === 10 ? `${when}T00:00:00+09:00` : when))
  .optional()

export default command({
  summary: 'show entries of the journal: who did what, when, to what',
  description:
    'The newest that match, the oldest of them first; with --after those that follow an entry. --json writes a line for each.',
  options: {
    ...placeOptions,
    act: value('ACT', 'certificate.issued, certificate.revoked, list.published, …', text),
    subject: value('SUBJECT', 'what it is about: auth/41b2…, an order, a person, a list', text),
    actor: value('ACTOR', 'who asked for it', text),
    outcome: value('CODE', 'done, or a refusal code', text),
    since: value('TIME', '2026-04-01 (in Japan), or 2026-04-01T12:00:00+09:00', since),
    after: value('N', 'only entries behind that one', z.coerce.number().int().min(0).optional()),
    limit: value('N', 'at most so many', z.coerce.number().int().min(1).default(50)),
  },
  run: async ({ data, database, json, after, limit, ...question }) =>
    inJournal({ data, database }, async (db) => {
      let shown = 0
      for await (const page of pages(db, question, { after, limit })) {
        shown += page.length
        if (json) say(page.map(lineOf))
        else say(columns([heading, ...page.map(rowOf)]))
      }
      if (shown === 0 && !json) say(['No entry is like that.'])
      return 0
    }),
})

/** The newest in one page; from an entry on, as many pages as it takes. */
async function* pages(
  db: Database,
  question: Question,
  { after, limit }: { after?: number | undefined; limit: number },
) {
  if (after === undefined) {
    const newest = await entriesShown(db, question, { newest: true, size: limit })
    if (newest.length > 0) yield newest
    return
  }
  let [behind, left] = [after, limit]
  while (left > 0) {
    const page = await entriesShown(db, question, { after: behind, size: Math.min(left, pageSize) })
    const last = page.at(-1)
    if (last === undefined) return
    yield page
    behind = last.position
    left -= page.length
  }
}

const heading = ['ENTRY', 'AT', 'ACTOR', 'ACT', 'SUBJECT', 'OUTCOME', 'DETAIL', 'REQUEST'] as const

const rowOf = ({ position, at, actor, act, subject, outcome, detail, request }: Shown): readonly string[] => [
  String(position),
  timeOf(new Date(at)),
  actor,
  act,
  subject,
  outcome,
  Object.entries(JSON.parse(detail))
    .map(([name, said]) => `${name}=${said}`)
    .join(' '),
  request ?? '',
]

const lineOf = (entry: Shown): string => JSON.stringify({ ...entry, detail: JSON.parse(entry.detail) })
