/**
 * A register as an earlier version left it: `migration-1.db` in SQLite, `migration-1.sql` in PostgreSQL, `migration-1.json` naming what is in
 * it. Its keys are derived from their names, so that no private key lies in a file, and belong to nobody.
 */
import { createDecipheriv, createECDH, createHash, createPrivateKey, randomUUID } from 'node:crypto'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { keySigner, type Signer } from '@mobile-jpki/pkix/crypto'
import { openStore, type Store } from '@mobile-jpki/store'
import { sql } from 'kysely'
import { migrations, type Tables } from '../../store/index.ts'

const digest = (label: string): Buffer => createHash('sha256').update(`snapshot ${label}`).digest()
const file = (ending: string): string => join(import.meta.dirname, `migration-1.${ending}`)

export interface Named {
  readonly sign: string
  readonly auth: string
  readonly phone: string
  readonly pending: { readonly order: string; readonly serialNumber: string; readonly iccid: string }
  readonly reserved: string
  readonly held: string
  readonly revoked: string
  readonly discarded: string
  readonly superseded: string
  readonly successor: string
  readonly endsSoon: string
  readonly unlisted: string
}
export const named: Named = JSON.parse(readFileSync(file('json'), 'utf8'))

export function signerOf(name: string): Signer {
  const pair = createECDH('prime256v1')
  const d = digest(name)
  pair.setPrivateKey(d)
  const [x, y] = [pair.getPublicKey().subarray(1, 33), pair.getPublicKey().subarray(33)]
  const [d64, x64, y64] = [d, x, y].map((octets) => octets.toString('base64url')) as [string, string, string]
  const key = { kty: 'EC', crv: 'P-256', d: d64, x: x64, y: y64 }
  return keySigner(createPrivateKey({ format: 'jwk', key }))
}

/** What the phones' private keys were sealed with: AES-256-GCM, nonce ‖ ciphertext ‖ tag. */
export async function unseal(sealed: Uint8Array, context: string): Promise<Uint8Array> {
  const decipher = createDecipheriv(
    'aes-256-gcm',
    createHash('sha256').update('snapshot vault').digest(),
    sealed.subarray(0, 12),
  )
  decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(-16))
  return new Uint8Array(Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]))
}

export function openOldFile(directory: string): Promise<Store<Tables>> {
  const copy = join(directory, `${randomUUID()}.db`)
  copyFileSync(file('db'), copy)
  return openStore<Tables>({ url: `sqlite:${copy}`, name: 'jpki-system', migrations })
}

/** The dump, restored into a schema of its own, and opened by the program of today. */
export async function openOldDump(url: string): Promise<Store<Tables>> {
  const name = `old-${randomUUID()}`
  const schema = name.replaceAll('-', '_')
  const empty = await openStore<Tables>({ url, name, migrations: [] })
  await empty.db.schema.dropTable('migration').execute()
  const dump = readFileSync(file('sql'), 'utf8')
    .replaceAll(/^(?:SET|SELECT|CREATE SCHEMA) .*;$/gm, '')
    .replaceAll('jpki_system.', `${schema}.`)
  await sql.raw(dump).execute(empty.db)
  await empty.close()
  return openStore<Tables>({ url, name, migrations })
}
