/**
 * The medium of a real card: one SQLite file, one transaction for each set of changes, flushed before it is
 * acknowledged. Values are AES-256-GCM under the chip's key (NIST SP 800-38D), bound to their names, since no private
 * key or PIN may stand in a file in clear. The file belongs to one process at a time.
 *
 * A seal over all of it tells a copy of yesterday, whole or in parts, from the memory of today: its version is the chip's
 * counter. The memory is written first and the counter raised behind it, before the write is acknowledged; a cut between
 * the two leaves the memory one ahead, which is taken for what it is.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Counter } from './chip.ts'
import { type Medium, NvmError } from './nvm.ts'

const nonceLength = 12
const tagLength = 16

/** Name under which the seal lies among the values. */
const sealName = 'nvm/seal'

export function sealedFile(file: string, chipKey: Uint8Array, counter?: Counter): Medium {
  const database = open(file)
  const put = database.prepare('INSERT OR REPLACE INTO memory (name, value) VALUES (?, ?)')
  const erase = database.prepare('DELETE FROM memory WHERE name = ?')
  /** The mark of each value as it lies in the file; their sum is what the seal covers. */
  const marks = new Map<string, Uint8Array>()
  let version = 0

  const checkSeal = (stored: Uint8Array | undefined) => {
    const seal = stored && Buffer.from(unseal(chipKey, sealName, stored))
    version = seal === undefined ? 0 : Number(seal.readBigUInt64BE())
    const counted = counter?.read() ?? version
    if (
      (seal !== undefined && !seal.subarray(8).equals(sumOf(marks.values()))) ||
      counted > version ||
      counted < version - 1
    )
      throw new NvmError(
        'nvm.rolled-back',
        'Memory and chip of the card do not belong together any more: one is an old copy.',
      )
    if (counted < version) counter?.raise(version)
  }

  return {
    *readAll() {
      if (database.isTransaction) database.exec('ROLLBACK')
      const rows = database.prepare('SELECT name, value FROM memory').all() as { name: string; value: Uint8Array }[]
      marks.clear()
      for (const { name, value } of rows) if (name !== sealName) marks.set(name, markOf(chipKey, name, value))
      checkSeal(rows.find(({ name }) => name === sealName)?.value)
      for (const { name, value } of rows) if (name !== sealName) yield [name, unseal(chipKey, name, value)] as const
    },
    write(changes) {
      if (database.isTransaction) database.exec('ROLLBACK')
      database.exec('BEGIN')
      for (const [name, value] of changes) {
        if (value === undefined) {
          erase.run(name)
          marks.delete(name)
        } else {
          const sealed = seal(chipKey, name, value)
          put.run(name, sealed)
          marks.set(name, markOf(chipKey, name, sealed))
        }
      }
      const next = counter === undefined ? version : version + 1
      const covered = Buffer.concat([Buffer.alloc(8), sumOf(marks.values())])
      covered.writeBigUInt64BE(BigInt(next))
      put.run(sealName, seal(chipKey, sealName, covered))
      database.exec('COMMIT')
      version = next
      counter?.raise(version)
    },
    close: () => database.close(),
  }
}

/**
 * SQLite gives its journal files the rights of the file itself. A file that is there must not be opened beside it: closing it
 * would drop the locks of this process (https://sqlite.org/howtocorrupt.html §2.2).
 */
function createOnce(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function open(file: string): DatabaseSync {
  createOnce(file)
  const database = new DatabaseSync(file)
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;')
    database.exec(
      'BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS memory (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID; COMMIT',
    )
    return database
  } catch (error) {
    database.close()
    if (error instanceof Error && /locked|busy/i.test(error.message))
      throw new NvmError('nvm.busy', `Another process uses the card in ${file}.`, { cause: error })
    throw new NvmError('nvm.damaged', `${file} is not the memory of a card.`, { cause: error })
  }
}

const markLength = 32

/** Secret, and another one for each nonce: nobody can look for old values whose marks make the same sum. */
const markOf = (chipKey: Uint8Array, name: string, sealed: Uint8Array): Uint8Array =>
  createHmac('sha256', chipKey).update(`mark\0${name}\0`).update(sealed).digest()

function sumOf(marks: Iterable<Uint8Array>): Buffer {
  const sum = Buffer.alloc(markLength)
  for (const mark of marks) for (let at = 0; at < markLength; at++) sum[at] = (sum[at] ?? 0) ^ (mark[at] ?? 0)
  return sum
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
