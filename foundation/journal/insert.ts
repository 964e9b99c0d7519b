/** Rows into a table by statements whose text is made once: making it anew costs more than all the rest of a journal. */
import type { CompiledQuery, Kysely } from 'kysely'

/** Rows in one statement; more go by several. */
const sizes = [256, 64, 16, 4, 1] as const

/** Kysely makes the text and the order of the parameters, for whichever database; from then on only the parameters change. */
export function inserting<Tables, Row extends object>(table: string, columns: readonly (keyof Row & string)[]) {
  const statements = new WeakMap<object, Map<number, CompiledQuery>>()

  const statementFor = (db: Kysely<Record<string, Row>>, size: number): CompiledQuery => {
    const { adapter } = db.getExecutor()
    const known = statements.get(adapter) ?? new Map<number, CompiledQuery>()
    statements.set(adapter, known)
    const sample = Object.fromEntries(columns.map((name) => [name, '']))
    const statement =
      known.get(size) ??
      db
        .insertInto(table)
        .values(Array.from({ length: size }, () => sample) as never)
        .compile()
    known.set(size, statement)
    return statement
  }

  return async (db: Kysely<Tables>, rows: readonly Row[]): Promise<void> => {
    const tables = db as unknown as Kysely<Record<string, Row>>
    for (let at = 0; at < rows.length; ) {
      const size = sizes.find((one) => one <= rows.length - at) ?? 1
      const parameters: unknown[] = []
      for (const row of rows.slice(at, at + size)) for (const name of columns) parameters.push(row[name])
      await tables.executeQuery({ ...statementFor(tables, size), parameters })
      at += size
    }
  }
}
