/**
 * The medium of a real card: one SQLite file, one transaction for each set of changes, flushed before it is
 * acknowledged. Values are AES-256-GCM under the chip's key (NIST SP 800-38D), bound to their names, since no private
 * key or PIN may stand in a file in clear. The file belongs to one process at a time.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { type Medium, NvmError } from './nvm.ts'

const nonceLength = 12
const tagLength = 16

export function sealedFile(file: string, chipKey: Uint8Array): Medium {
  const database = new DatabaseSync(file)
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;')
    database.exec(
      'BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS memory (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID; COMMIT',
    )
  } catch (error) {
    database.close()
    if (error instanceof Error && /locked|busy/i.test(error.message))
      throw new NvmError('nvm.busy', `Another process uses the card in ${file}.`, { cause: error })
    throw new NvmError('nvm.damaged', `${file} is not the memory of a card.`, { cause: error })
  }
  const put = database.prepare('INSERT OR REPLACE INTO memory (name, value) VALUES (?, ?)')
  const erase = database.prepare('DELETE FROM memory WHERE name = ?')

  return {
    *readAll() {
      if (database.isTransaction) database.exec('ROLLBACK')
      for (const row of database.prepare('SELECT name, value FROM memory').all()) {
        const { name, value } = row as { name: string; value: Uint8Array }
        yield [name, unseal(chipKey, name, value)] as const
      }
    },
    write(changes) {
      if (database.isTransaction) database.exec('ROLLBACK')
      database.exec('BEGIN')
      for (const [name, value] of changes) {
        if (value === undefined) erase.run(name)
        else put.run(name, seal(chipKey, name, value))
      }
      database.exec('COMMIT')
    },
    close: () => database.close(),
  }
}

function seal(chipKey: Uint8Array, name: string, value: Uint8Array): Uint8Array {
  const nonce = randomBytes(nonceLength)
  const cipher = createCipheriv('aes-256-gcm', chipKey, nonce).setAAD(new TextEncoder().encode(name))
  return Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()])
}

function unseal(chipKey: Uint8Array, name: string, sealed: Uint8Array): Uint8Array {
  try {
    const decipher = createDecipheriv('aes-256-gcm', chipKey, sealed.subarray(0, nonceLength))
      .setAAD(new TextEncoder().encode(name))
      .setAuthTag(sealed.subarray(sealed.length - tagLength))
    const body = sealed.subarray(nonceLength, sealed.length - tagLength)
    return new Uint8Array(Buffer.concat([decipher.update(body), decipher.final()]))
  } catch (error) {
    throw new NvmError('nvm.damaged', `${name} does not open under this chip key.`, { cause: error })
  }
}
