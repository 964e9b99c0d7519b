/** An operator of SP-TSM's database: reads and writes every table, hears every value that is ever written, and has no key file. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import type { StoryTown } from '../stage/town.ts'

export type Row = Readonly<Record<string, SQLInputValue>>

export interface CuriousOperator extends Disposable {
  run(statement: string, ...values: readonly SQLInputValue[]): void
  row(query: string, ...values: readonly SQLInputValue[]): Row
  /** Puts a whole row of that table back, as it was. */
  putBack(table: string, key: string, row: Row): void
  /** Every value that any row ever had since he came, in hexadecimal. */
  heard(): Uint8Array
  /** Values that a column had in rows with that id, in hexadecimal. */
  heardOf(table: string, id: string, column: string): readonly string[]
  /** Files of the database, and the trace as SP-TSM writes it. */
  files(): Promise<readonly Uint8Array[]>
}

const tables = ['sp_order', 'sp_order_event', 'sp_letter', 'sp_pin', 'sp_life', 'sp_life_task', 'sp_rate'] as const

export function curiousOperator({ data }: StoryTown): CuriousOperator {
  const folder = join(data, 'sp-tsm')
  const database = new DatabaseSync(join(folder, 'sp-tsm.db'), { timeout: 5000 })
  database.exec('CREATE TABLE heard (what TEXT)')
  for (const table of tables) {
    const columns = database.prepare(`SELECT name FROM pragma_table_info('${table}')`).all()
    const values = columns.map(({ name }) => `hex(coalesce(NEW.${name}, ''))`).join(" || ' ' || ")
    for (const event of ['INSERT', 'UPDATE'])
      database.exec(`CREATE TRIGGER hears_${event}_${table} AFTER ${event} ON ${table}
        BEGIN INSERT INTO heard VALUES ('${table} ' || ${values}); END`)
  }
  const all = (query: string) => database.prepare(query).all() as Row[]
  const heard = () => all('SELECT what FROM heard').map(({ what }) => String(what))
  return {
    run: (statement, ...values) => void database.prepare(statement).run(...values),
    row: (query, ...values) => {
      const found = database.prepare(query).get(...values)
      if (found === undefined) throw new Error(`there is no such row: ${query}`)
      return { ...found } as Row
    },
    putBack: (table, key, row) => {
      const names = Object.keys(row)
      database
        .prepare(`UPDATE ${table} SET ${names.map((name) => `${name} = ?`).join(', ')} WHERE ${key} = ?`)
        .run(...Object.values(row), row[key] ?? null)
    },
    heard: () => Buffer.from(heard().join('\n')),
    heardOf: (table, id, column) => {
      const columns = database.prepare(`SELECT name FROM pragma_table_info('${table}')`).all()
      const place = 1 + columns.findIndex(({ name }) => name === column)
      const named = Buffer.from(id).toString('hex').toUpperCase()
      const lines = heard().map((line) => line.split(' '))
      return lines.flatMap((values) => (values[0] === table && values.includes(named) ? values[place] || [] : []))
    },
    files: async () => {
      const names = (await readdir(folder)).filter((name) => name.startsWith('sp-tsm.db'))
      const traces = await readdir(join(data, 'trace'), { recursive: true, withFileTypes: true })
      const lines = traces.filter((one) => one.isFile()).map(({ parentPath, name }) => join(parentPath, name))
      const written = await Promise.all(lines.map((file) => readFile(file, 'utf8')))
      const ofSpTsm = written.flatMap((text) => text.split('\n').filter((line) => line.includes('"sp-tsm"')))
      const files = await Promise.all(names.map((name) => readFile(join(folder, name))))
      return [...files.map((one) => new Uint8Array(one)), new Uint8Array(Buffer.from(ofSpTsm.join('\n')))]
    },
    [Symbol.dispose]: () => {
      for (const { name } of all("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        database.exec(`DROP TRIGGER ${name}`)
      database.exec('DROP TABLE heard')
      database.close()
    },
  }
}
