/** What a service keeps: documents by kind and name in one SQLite file, each read by its schema. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { z } from 'zod'

/** Every call is done when it returns: what is found and saved between two awaits is one act. */
export interface Documents<T> {
  find(name: string): T | undefined
  save(name: string, document: T): void
  remove(name: string): void
}

export interface Store {
  documents<T>(kind: string, schema: z.ZodType<T>): Documents<T>
  close(): void
}

export function openStore(file: string): Store {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const database = new DatabaseSync(file)
  for (const pragma of ['busy_timeout=5000', 'journal_mode=WAL', 'synchronous=FULL']) database.exec(`PRAGMA ${pragma}`)
  database.exec('CREATE TABLE IF NOT EXISTS document (kind TEXT, name TEXT, text TEXT, PRIMARY KEY (kind, name))')
  const [finding, saving, removing] = [
    database.prepare('SELECT text FROM document WHERE kind = ? AND name = ?'),
    database.prepare('INSERT OR REPLACE INTO document (kind, name, text) VALUES (?, ?, ?)'),
    database.prepare('DELETE FROM document WHERE kind = ? AND name = ?'),
  ]
  return {
    documents: <T>(kind: string, schema: z.ZodType<T>) => ({
      find: (name) => {
        const row = finding.get(kind, name)
        return row === undefined ? undefined : schema.parse(JSON.parse(String(row['text'])))
      },
      save: (name, document) => void saving.run(kind, name, JSON.stringify(document)),
      remove: (name) => void removing.run(kind, name),
    }),
    close: () => database.close(),
  }
}
