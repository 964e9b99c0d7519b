/** Checkpoints: forged, missing, cut off, in the database and in the file; checked by openssl as README.md says; entries that nobody sealed. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Signer } from '@mobile-jpki/pkix/crypto'
import { openStore } from '@mobile-jpki/store'
import fc from 'fast-check'
import type { UpdateObject } from 'kysely'
import { type Finding, verify } from '../index.ts'
import { lineOf, signed } from '../sealing/checkpoint.ts'
import { checkpointDue } from '../sealing/checkpoints.ts'
import { sealBatch } from '../sealing/sealer.ts'
import {
  act,
  byHand,
  migrations,
  name,
  type Surroundings,
  signer,
  stranger,
  surroundings,
  type Tables,
} from './surroundings.ts'

const count = 6
const changes: Readonly<Record<string, UpdateObject<Tables, 'journal_checkpoint'>>> = {
  position: { position: 1000 },
  hash: { hash: new Uint8Array(32) },
  at: { at: '2026-04-01T03:00:00.001Z' },
  signature: { signature: new Uint8Array(70) },
}

describe('checkpoints of a journal', () => {
  let town: Surroundings
  let directory: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'jpki-checkpoints-'))
    town = await surroundings(await openStore<Tables>({ url: `sqlite:${directory}/town.db`, name, migrations }))
    const sealer = await town.sealer({ ...byHand, checkpointEntries: 2 })
    for (let number = 1; number <= count; number++) {
      for (let entry = 0; entry < 2; entry++) await town.done()
      await sealer.seal()
    }
    await sealer.close()
  })
  after(async () => {
    await town.close()
    await town.store.close()
    await rm(directory, { recursive: true })
  })

  const verdict = (file: string | undefined = town.checkpoints, now = town.now) =>
    verify({ db: town.store.db, name, publicKey: signer.publicKey, checkpoints: file, now })
  const found = async (file?: string) => (await verdict(file)).findings
  /** What is found while the work is done, which is undone afterwards. */
  const during = async (work: (town: Surroundings) => Promise<unknown>, file?: string): Promise<readonly Finding[]> => {
    const before = await town.store.db.selectFrom('journal_checkpoint').selectAll().execute()
    await work(town)
    const findings = await found(file)
    await town.store.db.deleteFrom('journal_checkpoint').execute()
    await town.store.db.insertInto('journal_checkpoint').values(before).execute()
    return findings
  }
  const withLines = async (change: (lines: string[]) => readonly string[]): Promise<string> => {
    const file = join(directory, 'copy')
    await writeFile(
      file,
      change([...(await town.lines())])
        .join('\n')
        .concat('\n'),
    )
    return file
  }

  it('hold where nothing was done, with the file and without it', async () => {
    const { findings, checkpoints, unsigned, entries } = await verdict()
    assert.deepEqual(
      { findings, checkpoints, unsigned, entries },
      { findings: [], checkpoints: count, unsigned: 0, entries: 12 },
    )
    assert.deepEqual(await found(undefined), [])
  })

  it('vouch for everything, also where another process signed for less meanwhile', async () => {
    let others = 0
    const last = async () =>
      town.store.db.selectFrom('journal_checkpoint').select(['number', 'position']).orderBy('number', 'desc').execute()
    await during(async ({ store: { db }, now }) => {
      await db.deleteFrom('journal_checkpoint').execute()
      const other = async () => {
        if (others++ > 0) return
        const { position, hash } = await db
          .selectFrom('journal_entry')
          .select(['position', 'hash'])
          .where('position', '=', 2)
          .executeTakeFirstOrThrow()
        const first = await signed(name, { number: 1, position, hash, at: now().toISOString() }, signer)
        await db.insertInto('journal_checkpoint').values(first).execute()
      }
      const overtaken: Signer = {
        ...signer,
        sign: async (octets) => {
          await other()
          return signer.sign(octets)
        },
      }
      const terms = { checkpointEntries: 1, checkpointMilliseconds: 1e9 }
      assert.ok(await checkpointDue(db, { name, signer: overtaken, now, terms }))
      assert.deepEqual(await last(), [
        { number: 2, position: 12 },
        { number: 1, position: 2 },
      ])
    })
  })

  it('are forged when any column was changed', async () => {
    for (let number = 1; number <= count; number++)
      for (const [column, change] of Object.entries(changes)) {
        const findings = await during(({ store: { db } }) =>
          db.updateTable('journal_checkpoint').set(change).where('number', '=', number).execute(),
        )
        assert.deepEqual(findings, [{ what: 'checkpoint.forged', where: 'database', number }], `${column} of ${number}`)
      }
  })

  it('are forged when somebody else signed', async () => {
    const findings = await during(async ({ store: { db } }) => {
      const last = await db
        .selectFrom('journal_checkpoint')
        .selectAll()
        .where('number', '=', count)
        .executeTakeFirstOrThrow()
      const { signature } = await signed(name, last, stranger)
      await db.updateTable('journal_checkpoint').set({ signature }).where('number', '=', count).execute()
    })
    assert.deepEqual(findings, [{ what: 'checkpoint.forged', where: 'database', number: count }])
  })

  it('are missed when one is gone, in the database or in the file', async () => {
    for (let number = 1; number <= count; number++) {
      const inDatabase = await during(({ store: { db } }) =>
        db.deleteFrom('journal_checkpoint').where('number', '=', number).execute(),
      )
      assert.deepEqual(inDatabase, [{ what: 'checkpoint.missing', where: 'database', from: number, to: number }])
      if (number === count) continue
      const inFile = await found(await withLines((lines) => lines.toSpliced(number - 1, 1)))
      assert.deepEqual(inFile, [{ what: 'checkpoint.missing', where: 'file', from: number, to: number }])
    }
    const withoutTail = await found(await withLines((lines) => lines.slice(0, 3)))
    assert.deepEqual(withoutTail, [{ what: 'checkpoint.missing', where: 'file', from: 4, to: count }])
    const older = { checkpoints: await withLines((lines) => lines.slice(0, 3)), isCopy: true }
    const { store, now } = town
    const { findings } = await verify({ db: store.db, name, publicKey: signer.publicKey, now, ...older })
    assert.deepEqual(findings, [], 'a copy may be older')
  })

  it('are unreadable or forged when any character of their line was changed', () =>
    fc.assert(
      fc.asyncProperty(
        fc.nat(count - 1),
        fc.nat(300),
        fc.constantFrom('0', '1', 'f', 'Z', 'é', ' '),
        async (index, at, to) => {
          const [line = ''] = (await town.lines()).slice(index)
          const place = at % line.length
          fc.pre(line[place] !== to)
          const changed = `${line.slice(0, place)}${to}${line.slice(place + 1)}`
          const findings = await found(await withLines((lines) => lines.with(index, changed)))
          assert.ok(
            findings.length > 0 && findings.every(({ what }) => /^(unreadable|checkpoint\.)/.test(what)),
            changed,
          )
        },
      ),
      { numRuns: 100 },
    ))

  it('may have a last line that is only half written, or one that was copied twice', async () => {
    const half = await withLines((lines) => lines)
    await appendFile(half, 'mobile-jpki/checkpoint/1 test 7')
    assert.deepEqual(await found(half), [])
    assert.deepEqual(await found(await withLines(([first = '', ...rest]) => [first, first, ...rest])), [])
  })

  it('speak for no other journal', async () => {
    const last = await town.store.db
      .selectFrom('journal_checkpoint')
      .selectAll()
      .where('number', '=', 1)
      .executeTakeFirstOrThrow()
    const line = lineOf('other', await signed('other', last, signer))
    const findings = await found(await withLines((lines) => lines.with(0, line)))
    assert.deepEqual(findings[0], { what: 'unreadable', where: 'file', line: 1 })
  })

  it('are checked by openssl, by the lines of README.md', async () => {
    const readme = await readFile(join(import.meta.dirname, '..', 'README.md'), 'utf8')
    const [, script = ''] = /```\n(line=[^`]*)```/.exec(readme) ?? []
    const copy = join(directory, 'elsewhere')
    await cp(town.directory, copy, { recursive: true })
    const run = () => execFileSync('sh', ['-ec', script], { encoding: 'utf8', cwd: copy, stdio: 'pipe' })
    assert.equal(run(), 'Verified OK\n')
    const lines = await readFile(join(copy, 'checkpoints'), 'utf8')
    await writeFile(join(copy, 'checkpoints'), lines.replace(` test ${count} `, ` test ${count + 1} `))
    assert.throws(run)
  })

  it('are overdue where nobody signs for what goes on', async () => {
    const { store, journal } = town
    const later = new Date(town.now().getTime() + 3_600_000)
    await town.done()
    await sealBatch(store.db, 10)
    town.at(later)
    await journal.atomically(store, async (_db, { record }) => record(act()))
    await sealBatch(store.db, 10)
    assert.deepEqual(await found(), [{ what: 'checkpoint.overdue', from: 13, to: 14 }])
    const sealer = await town.sealer()
    await sealer.close()
    assert.deepEqual(await found(), [])
  })

  it('leave nothing out: entries that nobody sealed, or that cannot be read, are named', async () => {
    await town.done()
    const [{ id = '' } = {}] = await town.store.db.selectFrom('journal_waiting').select('id').execute()
    const since = town.now().toISOString()
    assert.deepEqual(await found(), [])
    const later = () => new Date(town.now().getTime() + 61_000)
    assert.deepEqual((await verdict(town.checkpoints, later)).findings, [{ what: 'unsealed', id, since }])
    await town.store.db.updateTable('journal_waiting').set({ text: '[' }).execute()
    assert.deepEqual(await found(), [{ what: 'unreadable', where: 'waiting', id }])
    await town.store.db.deleteFrom('journal_waiting').execute()
  })

  it('and the note of the end: one that was changed is named', async () => {
    const { db } = town.store
    const head = await db.selectFrom('journal_head').selectAll().executeTakeFirstOrThrow()
    const changes = [{ hash: new Uint8Array(32) }, { position: head.position - 1 }, { position: head.position + 1 }]
    for (const change of changes) {
      await db.updateTable('journal_head').set(change).execute()
      assert.deepEqual(
        (await found()).map(({ what }) => what),
        ['end.changed'],
      )
      await db.updateTable('journal_head').set(head).execute()
    }
    await db.deleteFrom('journal_head').execute()
    assert.deepEqual(
      (await found()).map(({ what }) => what),
      ['end.changed'],
    )
    await db.insertInto('journal_head').values(head).execute()
    assert.deepEqual(await found(), [])
  })
})
