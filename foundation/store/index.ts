/** A store is opened by its URL: `sqlite:FILE`, or `postgres://…`. The text of a query is the same for both. */
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Refusal } from '@mobile-jpki/refusal'
import { type CompiledQuery, Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'
import { lockMigrations, type Migration, migrate } from './migrations.ts'
import { openDatabase, sqliteDialect, sqliteLookup } from './sqlite.ts'

export type { ColumnTypes, Migration } from './migrations.ts'

export interface Store<Tables> {
  /** Inside `transaction`, use the transaction's own handle and not this one: the two would wait for each other. */
  readonly db: Kysely<Tables>
  /** Where one text will not do: SQLite locks a whole database, PostgreSQL rows, and can pass over those that others hold. */
  readonly dialect: 'sqlite' | 'postgres'
  /** All of the work or none of it. It may run again when another transaction was in the way, so it must do nothing else. */
  transaction<T>(work: (db: Transaction<Tables>) => Promise<T>): Promise<T>
  /**
   * The first row of a query that is asked thousands of times a second, each time with other values. It stands outside of every
   * transaction, sees what is committed, and costs little more than the database does. SQLite answers at once, PostgreSQL later.
   */
  lookup<Row>(query: CompiledQuery<Row>): Lookup<Row>
  close(): Promise<void>
}

export type Lookup<Row> = (
  ...values: readonly (string | number | Uint8Array)[]
) => Row | undefined | Promise<Row | undefined>

export interface StoreOptions {
  readonly url: string
  /** In PostgreSQL the name of the schema: actors may share a database, and never a table. */
  readonly name: string
  /** Absent where the tables are kept by another process: then nothing is made, and no right to make anything is needed. */
  readonly migrations?: readonly Migration[]
}

export async function openStore<Tables>({ url, name, migrations }: StoreOptions): Promise<Store<Tables>> {
  if (url.startsWith('sqlite:')) return openSqlite(url.slice('sqlite:'.length), migrations)
  if (/^postgres(ql)?:/.test(url)) return openPostgres(url, name, migrations)
  throw new Refusal('not-supported', 'A store is opened by sqlite:FILE or postgres://….')
}

async function openSqlite<Tables>(file: string, migrations: readonly Migration[] | undefined): Promise<Store<Tables>> {
  if (file !== ':memory:') {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    createOnce(file)
  }
  const database = openDatabase(file)
  const lookups = sqliteLookup(file, database)
  const db = new Kysely<Tables>({ dialect: sqliteDialect(database, lookups.renew) })
  const transaction: Store<Tables>['transaction'] = (work) => db.transaction().execute(work)
  if (migrations !== undefined)
    await transaction((held) => migrate(held as Transaction<unknown>, migrations, { octets: 'blob' }))
  const close = async () => {
    lookups.close()
    await db.destroy()
  }
  return { db, dialect: 'sqlite', transaction, lookup: lookups.lookup, close }
}

/** Never opened when it is there: closing it beside SQLite would drop the locks of this process (https://sqlite.org/howtocorrupt.html §2.2). */
function createOnce(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

async function openPostgres<Tables>(
  url: string,
  name: string,
  migrations: readonly Migration[] | undefined,
): Promise<Store<Tables>> {
  const schema = name.replaceAll('-', '_')
  const pool = new pg.Pool({
    connectionString: url,
    max: 16,
    options: `-c search_path=${schema}`,
    types: { getTypeParser },
  })
  /** A connection that is lost while idle; the next query opens another. */
  pool.on('error', () => undefined)
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  const insist = insistently()
  const transaction: Store<Tables>['transaction'] = (work) =>
    insist(() => db.transaction().setIsolationLevel('serializable').execute(work))
  /** Whoever waited for the lock must see what was done meanwhile: each statement, not the transaction, has its view of the database. */
  const alone = db.transaction().setIsolationLevel('read committed')
  const migrated = alone.execute(async (held) => {
    if (migrations === undefined) return
    const migrating = held as Transaction<unknown>
    await lockMigrations(migrating)
    await migrating.schema.createSchema(schema).ifNotExists().execute()
    await migrate(migrating, migrations, { octets: 'bytea' })
  })
  await migrated.catch(async (error: unknown) => {
    await db.destroy()
    throw asUnreachable(error, url)
  })
  return { db, dialect: 'postgres', transaction, lookup: postgresLookup(pool), close: () => db.destroy() }
}

/** Prepared once in each connection, under a name of its own. */
const postgresLookup = (pool: pg.Pool): Store<never>['lookup'] => {
  let count = 0
  return <Row>({ sql: text }: CompiledQuery<Row>) => {
    const name = `lookup-${++count}`
    return async (...values) => (await pool.query({ name, text, values: [...values] })).rows[0]
  }
}

/** Where the URL leads nobody: a reason of the operating system, and no word of the password in the URL. */
function asUnreachable(error: unknown, url: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (!/^E[A-Z]{3,}/.test(code)) return error
  return new Refusal(
    'peer.unreachable',
    `PostgreSQL does not answer at ${URL.parse(url)?.host || 'its socket'} (${code}).`,
  )
}

/** Serialization failure and deadlock, PostgreSQL Appendix A: the loser may simply try again. */
const mayTryAgain = new Set(['40001', '40P01'])
const mostTries = 20
const longestPause = 128

const isPassing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && mayTryAgain.has(String(error.code))

/** Those who were in each other's way would be again: the losers of a process go one after the other, with pauses of their own. */
function insistently() {
  let last: Promise<unknown> = Promise.resolve()
  return async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      if (!isPassing(error)) throw error
    }
    const turn = last.then(() => repeated(work))
    last = turn.catch(() => undefined)
    return turn
  }
}

async function repeated<T>(work: () => Promise<T>, tries = 1): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isPassing(error)) throw error
    if (tries >= mostTries) throw new Refusal('store.busy', undefined, { cause: error })
    await setTimeout(Math.random() * Math.min(2 ** tries, longestPause))
    return repeated(work, tries + 1)
  }
}

/** As SQLite answers: octets as Uint8Array, and a bigint as the number that it is. */
function getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === pg.types.builtins.BYTEA) return (value) => Uint8Array.fromHex(value.slice(2))
  if (oid === pg.types.builtins.INT8) return safeInteger
  return pg.types.getTypeParser(oid, format as 'text')
}

const safeInteger = (text: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError('an integer of the database is too large for a number')
  return value
}
