/** Acts and entries stand and fall together; what is committed comes into the chain, once. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Refusal } from '@mobile-jpki/refusal'
import { contractOf } from '@mobile-jpki/store/contract'
import { entriesShown, noJournal, startSealer, verify } from '../index.ts'
import { act, migrations, name, signer, surroundings, type Tables } from './surroundings.ts'

contractOf('a journal', (open) => {
  const opened = async () => surroundings(await open<Tables>(migrations))
  const shown = ({ store: { db } }: Awaited<ReturnType<typeof opened>>) =>
    entriesShown(db, {}, { after: 0, size: 1000 })

  it('has the entry of an act that was done, and none of one that was rolled back', async () => {
    const town = await opened()
    const sealer = await town.sealer()
    const failing = town.journal.atomically(town.store, async (db, { record }) => {
      await db.insertInto('thing').values({ name: 'rolled back' }).execute()
      record(act({ subject: 'rolled back' }))
      throw new Error('in the middle')
    })
    await assert.rejects(failing, /in the middle/)
    await town.journal.atomically(town.store, async (db, { record }) => {
      await db.insertInto('thing').values({ name: 'done' }).execute()
      record(act({ subject: 'done' }))
      record(act({ subject: 'pulled down' }))
    })
    await sealer.seal()
    const entries = await shown(town)
    assert.deepEqual(
      entries.map(({ position, subject, outcome }) => [position, subject, outcome]),
      [
        [1, 'done', 'done'],
        [2, 'pulled down', 'done'],
      ],
    )
    await sealer.close()
    await town.close()
  })

  it('keeps who asked, by which request, about what, and how it ended', async () => {
    const town = await opened()
    const sealer = await town.sealer()
    const one = act({ by: { actor: 'municipality' }, detail: { z: 1, a: 'あ"\n', n: -0.5 } })
    await town.done(one)
    await sealer.seal()
    const [entry] = await shown(town)
    const { id, at, ...rest } = entry ?? assert.fail('no entry')
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    assert.equal(at, town.now().toISOString())
    assert.deepEqual(rest, {
      position: 1,
      actor: 'municipality',
      request: null,
      act: one.act,
      subject: one.subject,
      detail: '{"a":"あ\\"\\n","n":-0.5,"z":1}',
      outcome: 'done',
    })
    await sealer.close()
    await town.close()
  })

  it('counts attempts that were refused alike in one entry', async () => {
    const town = await opened()
    const sealer = await town.sealer()
    for (let times = 0; times < 1000; times++) town.journal.refused(act({ subject: '', outcome: 'rate.exceeded' }))
    town.journal.refused(act({ outcome: 'certificate.revoked', subject: 'thing/1' }))
    await sealer.seal()
    const entries = await shown(town)
    assert.deepEqual(
      entries.map(({ outcome, detail }) => [outcome, JSON.parse(detail).times]),
      [
        ['rate.exceeded', 1000],
        ['certificate.revoked', undefined],
      ],
    )
    await sealer.close()
    await town.close()
  })

  it('seals what others left, and what comes late comes later', async () => {
    const town = await opened()
    for (let count = 0; count < 700; count++) await town.done()
    const sealer = await town.sealer()
    await sealer.seal()
    assert.equal((await shown(town)).length, 700)
    await town.done()
    await sealer.close()
    const { entries, findings, waiting, unsigned } = await verified(town)
    assert.deepEqual({ entries, findings, waiting, unsigned }, { entries: 701, findings: [], waiting: 0, unsigned: 0 })
    await town.close()
  })

  it('signs a checkpoint after so many entries, after so long, and at its end; each once in the file', async () => {
    const town = await opened()
    const terms = {
      delayMilliseconds: 1e9,
      idleMilliseconds: 1e9,
      checkpointEntries: 3,
      checkpointMilliseconds: 60_000,
    }
    const sealer = await town.sealer(terms)
    const positions = async () => (await town.lines()).map((line) => Number(line.split(' ')[3]))
    await town.done()
    await sealer.seal()
    assert.deepEqual(await positions(), [1])
    await town.done()
    await sealer.seal()
    assert.deepEqual(await positions(), [1])
    town.at(new Date(town.now().getTime() + 60_000))
    await sealer.seal()
    assert.deepEqual(await positions(), [1, 2])
    for (let count = 0; count < 3; count++) await town.done()
    await sealer.seal()
    await sealer.seal()
    assert.deepEqual(await positions(), [1, 2, 5])
    await town.done()
    await sealer.close()
    assert.deepEqual(await positions(), [1, 2, 5, 6])
    const again = await town.sealer(terms)
    await again.close()
    assert.deepEqual(await positions(), [1, 2, 5, 6])
    assert.deepEqual((await verified(town)).findings, [])
    await town.close()
  })

  it('does not go on over a database that knows less than the checkpoint file', async () => {
    const town = await opened()
    const sealer = await town.sealer()
    await town.done()
    await sealer.close()
    const older = await open<Tables>(migrations)
    const { directory, journal } = town
    await assert.rejects(
      startSealer({ store: older, journal, name, signer, directory }),
      (error: Refusal) => error.code === 'journal.broken',
    )
    await town.close()
  })

  it('keeps nothing when it is switched off for a measurement', async () => {
    const town = await opened()
    await noJournal.atomically(town.store, async (db, { record }) => {
      await db.insertInto('thing').values({ name: 'unseen' }).execute()
      record(act())
    })
    noJournal.refused(act())
    assert.deepEqual(noJournal.takeRefused(), [])
    assert.equal((await town.store.db.selectFrom('journal_waiting').selectAll().execute()).length, 0)
    await town.close()
  })
})

type Town = Awaited<ReturnType<typeof surroundings>>

const verified = ({ store, checkpoints, now }: Town) =>
  verify({ db: store.db, name, publicKey: signer.publicKey, checkpoints, now })
