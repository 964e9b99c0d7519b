/** Whatever is done to a journal by one who has the database, and not the key, is found and rightly named. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, it } from 'node:test'
import { contractOf } from '@mobile-jpki/store/contract'
import fc from 'fast-check'
import type { Transaction } from 'kysely'
import { beginningOf, canonical, linked } from '../entry.ts'
import { type Finding, verify } from '../index.ts'
import type { Link } from '../tables.ts'
import { act, byHand, migrations, name, type Surroundings, signer, surroundings, type Tables } from './surroundings.ts'

const size = 40
const checkpointEvery = 8
const columns = ['id', 'at', 'actor', 'request', 'act', 'subject', 'detail', 'outcome'] as const

type Database = Transaction<Tables>
/** What is done, and what must be said of it. */
type Tampering = (db: Database, links: readonly Link[]) => Promise<readonly Finding[]>

const at = fc.integer({ min: 1, max: size })
const inside = fc.integer({ min: 2, max: size - 1 })
const at2 = fc.uniqueArray(at, { minLength: 2, maxLength: 2 })

contractOf('tampering with a journal', (open) => {
  let town: Surroundings
  let links: readonly Link[] = []
  let checkpoints: readonly { readonly number: number; readonly position: number }[] = []
  before(async () => {
    town = await surroundings(await open<Tables>(migrations))
    const sealer = await town.sealer({ ...byHand, checkpointEntries: checkpointEvery })
    for (let count = 1; count <= size; count++) {
      await town.done(act({ detail: { count } }))
      if (count % checkpointEvery === 0) await sealer.seal()
    }
    await sealer.close()
    links = await town.store.db.selectFrom('journal_entry').selectAll().orderBy('position').execute()
    assert.equal(links.length, size)
    checkpoints = await town.store.db
      .selectFrom('journal_checkpoint')
      .select(['number', 'position'])
      .orderBy('number')
      .execute()
    assert.equal(checkpoints.at(-1)?.position, size)
  })
  after(() => town.close())

  class Undone extends Error {}

  /** In a transaction that is rolled back: the next one finds the journal as it was. */
  const tampered = async (tampering: Tampering) => {
    let outcome: { readonly found: readonly Finding[]; readonly expected: readonly Finding[] } | undefined
    const work = town.store.db.transaction().execute(async (db) => {
      const expected = await tampering(db, links)
      const { findings } = await verify({
        db: db as never,
        name,
        publicKey: signer.publicKey,
        checkpoints: town.checkpoints,
        now: town.now,
      })
      outcome = { found: findings, expected }
      throw new Undone()
    })
    await assert.rejects(work, Undone)
    assert.deepEqual(outcome?.found, outcome?.expected)
  }
  const property = (one: fc.Arbitrary<Tampering>, numRuns = 50) =>
    fc.assert(
      fc.asyncProperty(one, (tampering) => tampered(tampering)),
      { numRuns },
    )

  it('finds nothing when nothing was done', () => tampered(async () => []))

  it('finds a removed entry, and at the end that the chain was cut', () =>
    property(
      at.map((position) => async (db) => {
        await remove(db, position)
        return [{ what: position === size ? 'cut' : 'removed', from: position, to: position }]
      }),
    ))

  it('finds a removed entry whose gap was closed', () =>
    property(
      inside.map((position) => async (db) => {
        await remove(db, position)
        for (let later = position + 1; later <= size; later++) await move(db, later, later - 1)
        return [{ what: 'removed', from: position, to: position, renumbered: true }]
      }),
      15,
    ))

  it('finds any column of any entry changed', () =>
    property(
      fc.tuple(at, fc.constantFrom(...columns)).map(([position, column]) => async (db, all) => {
        const one = linkAt(all, position)
        const value = `${one[column] ?? ''} `
        await db
          .updateTable('journal_entry')
          .set({ [column]: value })
          .where('position', '=', position)
          .execute()
        return [{ what: 'changed', position, id: column === 'id' ? value : one.id }]
      }),
    ))

  it('finds another hash', () =>
    property(
      at.map((position) => async (db, all) => {
        const hash = new Uint8Array(randomBytes(32))
        await db.updateTable('journal_entry').set({ hash }).where('position', '=', position).execute()
        return [{ what: 'changed', position, id: linkAt(all, position).id, column: 'hash' }]
      }),
    ))

  it('finds an entry that was moved away', () =>
    property(
      fc.tuple(at, fc.constantFrom(-3, 0, size + 1, size + 7)).map(([position, to]) => async (db, all) => {
        await move(db, position, to)
        return [{ what: 'reordered', position: to, id: linkAt(all, position).id, belongs: position }]
      }),
    ))

  it('finds two entries that changed places, with their hashes or without them', () =>
    property(
      fc.tuple(at2, fc.boolean()).map(([[one = 0, other = 0], withHashes]) => async (db, all) => {
        const [first, second] = [linkAt(all, one), linkAt(all, other)]
        await place(db, one, withHashes ? second : { ...second, hash: first.hash })
        await place(db, other, withHashes ? first : { ...first, hash: second.hash })
        return [
          { what: 'reordered', position: other, id: first.id, belongs: one } as const,
          { what: 'reordered', position: one, id: second.id, belongs: other } as const,
        ].sort((a, b) => a.belongs - b.belongs)
      }),
    ))

  it('finds an entry put in, its hash well made or not', () =>
    property(
      fc.tuple(inside, fc.boolean()).map(([position, isLinked]) => async (db, all) => {
        for (let later = size; later >= position; later--) await move(db, later, later + 1)
        const forged = { ...linkAt(all, position), position, id: 'forged', subject: 'forged' }
        const { hash } = linkAt(all, position - 1)
        await insert(db, forged, isLinked ? linked(hash, position, canonical(forged)) : undefined)
        return [{ what: 'inserted', position, id: 'forged' }]
      }),
      15,
    ))

  it('finds an entry added behind the end, its hash well made or not', () =>
    property(
      fc.boolean().map((isLinked) => async (db, all) => {
        const forged = { ...linkAt(all, size), position: size + 1, id: 'forged' }
        await insert(db, forged, isLinked ? linked(linkAt(all, size).hash, size + 1, canonical(forged)) : undefined)
        return [{ what: 'inserted', position: size + 1, id: 'forged' }]
      }),
      4,
    ))

  it('finds by the checkpoint file that the end was cut off, with the note of the end and the checkpoints', () =>
    property(
      fc.integer({ min: 1, max: size - 1 }).map((kept) => async (db, all) => {
        await db.deleteFrom('journal_entry').where('position', '>', kept).execute()
        await db.deleteFrom('journal_checkpoint').where('position', '>', kept).execute()
        await db
          .updateTable('journal_head')
          .set({ position: kept, hash: linkAt(all, kept).hash })
          .execute()
        const signed = checkpoints.filter(({ position }) => position <= kept).length
        const lost = { from: signed + 1, to: checkpoints.length }
        return [
          { what: 'cut', from: kept + 1, to: size },
          { what: 'checkpoint.missing', where: 'database', ...lost },
        ]
      }),
    ))

  it('finds a chain that was made anew from a changed entry on', () =>
    property(
      at.map((position) => async (db, all) => {
        let hash = position === 1 ? undefined : linkAt(all, position - 1).hash
        for (let each = position; each <= size; each++) {
          const one = { ...linkAt(all, each), ...(each === position && { subject: 'changed' }) }
          hash = linked(hash ?? beginningOf(name), each, canonical(one))
          await place(db, each, { ...one, hash })
        }
        await db
          .updateTable('journal_head')
          .set({ hash: hash as Uint8Array })
          .execute()
        const from = (checkpoints.filter((one) => one.position < position).at(-1)?.position ?? 0) + 1
        const others = checkpoints.filter((one) => one.position >= position)
        return others.map(({ number, position: to }) => ({
          what: 'rewritten',
          from,
          to,
          checkpoint: number,
        }))
      }),
      15,
    ))
})

const linkAt = (links: readonly Link[], position: number): Link => links[position - 1] ?? assert.fail('no such entry')

const remove = (db: Database, position: number) =>
  db.deleteFrom('journal_entry').where('position', '=', position).execute()

const move = (db: Database, position: number, to: number) =>
  db.updateTable('journal_entry').set({ position: to }).where('position', '=', position).execute()

const place = (db: Database, position: number, { position: _, ...link }: Link) =>
  db.updateTable('journal_entry').set(link).where('position', '=', position).execute()

const insert = (db: Database, link: Link, hash: Uint8Array = new Uint8Array(randomBytes(32))) =>
  db
    .insertInto('journal_entry')
    .values({ ...link, hash })
    .execute()
