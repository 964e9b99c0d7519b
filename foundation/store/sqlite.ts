/** Kysely's dialect for SQLite as built into Node: one connection, statements kept prepared. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { Refusal } from '@mobile-jpki/refusal'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { Store } from './index.ts'

const statementsKept = 256

/**
 * WAL with a sync at each commit: what was acknowledged survives a power cut. Deleted octets are overwritten,
 * because some of them were sealed keys. The timeout comes first: a new file is turned to WAL by one of those who open it together.
 */
const pragmas = ['busy_timeout=5000', 'journal_mode=WAL', 'synchronous=FULL', 'foreign_keys=ON', 'secure_delete=ON']

export const openDatabase = (file: string): DatabaseSync =>
  orBusy(() => {
    const opened = new DatabaseSync(file)
    for (const pragma of pragmas) opened.exec(`PRAGMA ${pragma}`)
    return opened
  })

export const sqliteDialect = (database: DatabaseSync, written: () => void): Dialect => ({
  createAdapter: () => new SqliteAdapter(),
  createDriver: () => driverOf(database, written),
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
})

/** Pages of a large table are found in memory that the system shares, and are not read again for each look-up. */
const lookupPragmas = ['busy_timeout=5000', 'mmap_size=2147418112', 'cache_size=-65536']

export interface Lookups {
  readonly lookup: Store<never>['lookup']
  /** What was committed in this process is seen by the next look-up. */
  renew(): void
  close(): void
}

/** Look-ups that share a snapshot at most: less than one turn of the event loop takes from its sockets at once. */
const sharing = 256

/**
 * By a connection of its own, opened at the first use: on that of the transactions it would see what is not committed yet.
 * A database in memory has only the one.
 *
 * To begin and to end a snapshot costs as much as to look. One serves the look-ups of a turn of the event loop: whoever was told of a
 * commit asks in a later turn, or, in this process, after `renew`.
 */
export function sqliteLookup(file: string, shared: DatabaseSync): Lookups {
  let own: DatabaseSync | undefined
  let left = 0
  const database = (): DatabaseSync => {
    if (file === ':memory:') return shared
    own ??= orBusy(() => {
      const opened = new DatabaseSync(file, { readOnly: true })
      for (const pragma of lookupPragmas) opened.exec(`PRAGMA ${pragma}`)
      return opened
    })
    return own
  }
  const renew = (): void => {
    left = 0
    if (own?.isOpen && own.isTransaction) own.exec('commit')
  }
  const begin = (): void => {
    if (left > 0) {
      left--
      return
    }
    renew()
    own?.exec('begin')
    left = sharing
    setImmediate(renew)
  }
  return {
    lookup: <Row>({ sql }: CompiledQuery<Row>) => {
      let statement: StatementSync | undefined
      return (...values) => {
        statement ??= database().prepare(sql)
        begin()
        const prepared = statement
        return orBusy(() => prepared.get(...values)) as Row | undefined
      }
    },
    renew,
    close: () => {
      renew()
      if (own?.isOpen) own.close()
    },
  }
}

function driverOf(database: DatabaseSync, written: () => void): Driver {
  const connection = connectionTo(database, written)
  const run = (sql: string) => async () => {
    await connection.executeQuery(CompiledQuery.raw(sql))
  }
  const savepoint = (verb: string) => async (_connection: DatabaseConnection, name: string) => {
    await connection.executeQuery(CompiledQuery.raw(`${verb} "${name.replaceAll('"', '""')}"`))
  }
  return {
    init: async () => undefined,
    acquireConnection: async () => connection,
    releaseConnection: async () => undefined,
    /** A writer from the start: a transaction that reads first can then never fail because another one wrote. */
    beginTransaction: run('begin immediate'),
    commitTransaction: run('commit'),
    rollbackTransaction: run('rollback'),
    savepoint: savepoint('savepoint'),
    rollbackToSavepoint: savepoint('rollback to'),
    releaseSavepoint: savepoint('release'),
    destroy: async () => database.close(),
  }
}

/** SQLITE_BUSY after the timeout: another process writes. https://sqlite.org/rescode.html#busy */
function orBusy<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === 5)
      throw new Refusal('store.busy', undefined, { cause: error })
    throw error
  }
}

function connectionTo(database: DatabaseSync, written: () => void): DatabaseConnection {
  const statements = new Map<string, StatementSync>()
  const prepared = (sql: string): StatementSync => {
    const statement = statements.get(sql) ?? database.prepare(sql)
    statements.delete(sql)
    statements.set(sql, statement)
    const [oldest] = statements.keys()
    if (statements.size > statementsKept && oldest !== undefined) statements.delete(oldest)
    return statement
  }
  return {
    executeQuery: async <R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> => {
      const statement = orBusy(() => prepared(sql))
      const values = parameters as readonly SQLInputValue[]
      if (statement.columns().length > 0)
        return { rows: orBusy(() => statement.all(...values)).map((row) => ({ ...row }) as R) }
      const { changes, lastInsertRowid } = orBusy(() => statement.run(...values))
      written()
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
    },
    /** PostgreSQL streams only with a cursor that we do not carry; what runs on one database must run on the other. */
    streamQuery: () => {
      throw new Error('rows are read in pages, not streamed')
    },
  }
}
