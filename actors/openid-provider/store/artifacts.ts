/** Artifacts in the database: content sealed (dates and octets as they are, HTML structured clone), names as their hashes, so that nobody who reads the database holds a code or a session. */
import { createHash } from 'node:crypto'
import { deserialize, serialize } from 'node:v8'
import type { Vault } from '@mobile-jpki/keyring'
import type { Kysely } from 'kysely'
import type { Artifact, Artifacts, KeptArtifact } from '../domain/artifacts.ts'
import type { Tables } from './tables.ts'

const hashOf = (name: string): Uint8Array => new Uint8Array(createHash('sha256').update(name).digest())
const hashIfSaid = (name: string | undefined): Uint8Array | null => (name === undefined ? null : hashOf(name))

export function artifactsIn(db: Kysely<Tables>, vault: Vault): Artifacts {
  const contextOf = (kind: string, id: Uint8Array) => `${kind} ${id.toHex()}`
  const rowOf = async (kind: string, name: string, { content, expires, grantId, uid }: Artifact) => {
    const id = hashOf(name)
    const plain = new Uint8Array(serialize(content))
    return {
      kind,
      id,
      content: await vault.seal(plain, contextOf(kind, id)),
      grant_id: hashIfSaid(grantId),
      uid: hashIfSaid(uid),
      expires_at: expires.getTime(),
      consumed_at: null,
    }
  }
  const found = async (kind: string, column: 'id' | 'uid', name: string): Promise<KeptArtifact | undefined> => {
    const row = await db
      .selectFrom('artifact')
      .select(['id', 'content', 'expires_at', 'consumed_at'])
      .where('kind', '=', kind)
      .where(column, '=', hashOf(name))
      .executeTakeFirst()
    if (row === undefined) return undefined
    const plain = await vault.open(row.content, contextOf(kind, row.id))
    return {
      content: deserialize(plain),
      expires: new Date(row.expires_at),
      ...(row.consumed_at !== null && { consumed: new Date(row.consumed_at) }),
    }
  }

  return {
    save: async (kind, name, artifact) => {
      const row = await rowOf(kind, name, artifact)
      const { content, grant_id, uid, expires_at } = row
      await db
        .insertInto('artifact')
        .values(row)
        .onConflict((conflict) => conflict.columns(['kind', 'id']).doUpdateSet({ content, grant_id, uid, expires_at }))
        .execute()
    },
    saveOnce: async (kind, name, artifact) => {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('artifact')
        .values(await rowOf(kind, name, artifact))
        .onConflict((conflict) => conflict.columns(['kind', 'id']).doNothing())
        .executeTakeFirst()
      return numInsertedOrUpdatedRows === 1n
    },
    find: (kind, name) => found(kind, 'id', name),
    findByUid: (kind, uid) => found(kind, 'uid', uid),
    consume: async (kind, name, at) => {
      const { numUpdatedRows } = await db
        .updateTable('artifact')
        .set({ consumed_at: at.getTime() })
        .where('kind', '=', kind)
        .where('id', '=', hashOf(name))
        .where('consumed_at', 'is', null)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },
    remove: async (kind, name) => {
      await db.deleteFrom('artifact').where('kind', '=', kind).where('id', '=', hashOf(name)).execute()
    },
    removeGrant: async (grantId) => {
      await db.deleteFrom('artifact').where('grant_id', '=', hashOf(grantId)).execute()
    },
    prune: async (at) => {
      await db.deleteFrom('artifact').where('expires_at', '<', at.getTime()).execute()
    },
  }
}
