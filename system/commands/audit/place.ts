/** Where a journal is: the JPKI system's of a town's folder, running or not, or in a PostgreSQL. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { type JournalTables, keyOf } from '@mobile-jpki/journal'
import { Refusal } from '@mobile-jpki/refusal'
import { openStore, type Store } from '@mobile-jpki/store'
import { z } from 'zod'
import { flag, value } from '../../command.ts'
import { layoutOf } from '../../town/layout.ts'
import { dataOption } from '../../town/options.ts'

export const name = 'jpki-system'

export const placeOptions = {
  data: dataOption,
  database: value(
    'URL',
    "postgres://…, where the town's tables are there",
    z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'write postgres://…')
      .optional(),
  ),
  json: flag('for machines'),
} as const

export interface Place {
  readonly data: string
  readonly database?: string | undefined
}

/** Checkpoints and their public key. */
export const journalFolder = ({ data }: Place): string => join(layoutOf(data).of(name), 'journal')
export const keyFile = (place: Place): string => keyOf(journalFolder(place))

export const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

export type Database = Store<JournalTables>['db']

/** Read as it is: nothing is made, nothing migrated. */
export async function inJournal<T>(place: Place, work: (db: Database) => Promise<T>): Promise<T> {
  const file = join(layoutOf(place.data).of(name), `${name}.db`)
  if (place.database === undefined && !(await isThere(file)))
    throw new Refusal('reference.not-found', `There is no journal in ${place.data}: --data names a town's folder.`)
  const store = await openStore<JournalTables>({ url: place.database ?? `sqlite:${file}`, name })
  try {
    await store.db.selectFrom('journal_head').select('position').limit(1).execute().catch(asMissing)
    return await work(store.db)
  } finally {
    await store.close()
  }
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: undefined_table, invalid_schema_name. */
function asMissing(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const isMissing = code === '42P01' || code === '3F000' || /no such table/.test(String(error))
  if (!isMissing) throw error
  throw new Refusal('reference.not-found', 'There is no journal in that database.', { cause: error })
}
