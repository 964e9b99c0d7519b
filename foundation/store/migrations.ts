/** A schema grows by migrations: named, in order, each applied once and remembered. */
import { type Kysely, sql, type Transaction } from 'kysely'

/** The column types that the databases name differently. */
export interface ColumnTypes {
  readonly octets: 'blob' | 'bytea'
}

export interface Migration {
  readonly name: string
  readonly up: (db: Kysely<unknown>, types: ColumnTypes) => Promise<void>
}

interface Tables {
  migration: { position: number; name: string; applied_at: string }
}

/** In one transaction: a crash leaves all of the new migrations applied, or none. */
export async function migrate(
  db: Transaction<unknown>,
  migrations: readonly Migration[],
  types: ColumnTypes,
): Promise<void> {
  await db.schema
    .createTable('migration')
    .ifNotExists()
    .addColumn('position', 'integer', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('applied_at', 'text', (column) => column.notNull())
    .execute()
  const remembered = db as unknown as Kysely<Tables>
  const applied = await remembered.selectFrom('migration').select(['position', 'name']).orderBy('position').execute()
  for (const { position, name } of applied)
    if (migrations[position]?.name !== name)
      throw new Error(
        `the store has migration ${position} "${name}", the program has "${migrations[position]?.name ?? 'none'}"`,
      )
  for (const [position, { name, up }] of migrations.entries()) {
    if (position < applied.length) continue
    await up(db, types)
    await remembered.insertInto('migration').values({ position, name, applied_at: new Date().toISOString() }).execute()
  }
}

/** Two processes that start together migrate one after the other. The number is arbitrary, and ours. */
export const lockMigrations = (db: Transaction<unknown>) => sql`select pg_advisory_xact_lock(7217411)`.execute(db)
