/** Lives and their tasks on both databases: what stands together, what is found, and what is due to whom. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { it } from 'node:test'
import { contractOf } from '@mobile-jpki/store/contract'
import { migrations, type Tables } from '../../store/tables.ts'
import { seals } from '../../store/test/made.ts'
import type { Life } from '../life.ts'
import { livesIn } from '../store/lives.ts'
import type { Task } from '../task.ts'

const at = new Date('2026-11-22T09:00:00Z')
const later = (milliseconds: number) => new Date(at.getTime() + milliseconds)
const octets = () => crypto.getRandomValues(new Uint8Array(32))

const life = (changes: Partial<Life> = {}): Life => ({
  orderId: randomUUID(),
  state: 'inUse',
  serialNumber: octets().toHex().slice(0, 16),
  notAfter: later(1e11),
  carrier: 'carrier-a',
  iccid: '89811000000000000129',
  msisdn: '09000000001',
  begunAt: at,
  stops: [],
  bound: true,
  wrongTries: 0,
  visit: octets(),
  ...changes,
})

const task = (orderId: string, changes: Partial<Task> = {}): Task => ({
  id: randomUUID(),
  orderId,
  event: 'stop',
  state: 'atJpki',
  askedAt: at,
  particulars: {},
  tries: 0,
  ...changes,
})

contractOf('life events', (open) => {
  const opened = async () => {
    const store = await open<Tables>(migrations)
    return { store, lives: livesIn(store, () => at, seals) }
  }

  it('keeps all of a life and of a task', async () => {
    const { lives } = await opened()
    const one = life({
      state: 'stopped',
      stops: ['stop', 'lineSuspended'],
      bound: false,
      wrongTries: 3,
      reminder: { at: later(1000), days: 30 },
    })
    await lives.begin(one)
    assert.deepEqual(await lives.find(one.orderId), one)
    const whole = task(one.orderId, {
      event: 'rebind',
      particulars: { device: { model: 'Sample Phone 17', os: 'Android 15', key: 'BA==' } },
      evidence: octets(),
      session: octets(),
      due: later(5),
      tries: 2,
      trouble: { code: 'peer.unreachable', detail: 'away', whose: 'jpki-system' },
      proof: octets(),
    })
    await lives.update(one.orderId, (affairs) => ({ ...affairs, tasks: [...affairs.tasks, whole] }))
    assert.deepEqual(await lives.tasksOf(one.orderId), [whole])
    assert.deepEqual(await lives.findTask({ id: whole.id }), whole)
    assert.deepEqual(await lives.findTask({ session: whole.session ?? octets() }), whole)
    const ended = { ...one, state: 'ended', stops: [], endedBy: 'giveUp' } as const
    const { reminder: _, ...without } = ended
    await lives.update(one.orderId, (affairs) => ({ ...affairs, life: without }))
    assert.deepEqual(await lives.find(one.orderId), without)
  })

  it('begins a life once', async () => {
    const { lives } = await opened()
    const one = life()
    await lives.begin(one)
    await lives.begin({ ...one, serialNumber: '4f', visit: octets() })
    assert.deepEqual(await lives.find(one.orderId), one)
  })

  it('finds a life by its SIM, the latest first, by its number as long as it lasts, and by its visit', async () => {
    const { lives } = await opened()
    const first = life({ state: 'ended', endedBy: 'replaced' })
    const second = life({ begunAt: later(1000) })
    for (const one of [first, second, life({ iccid: '89811000000000000137', msisdn: '09000000002' })])
      await lives.begin(one)
    assert.deepEqual(await lives.inSim(first.iccid), [second, first])
    assert.deepEqual(await lives.findByNumber(first.msisdn), [second])
    assert.deepEqual(await lives.findByVisit(first.visit), first)
    assert.equal(await lives.findByVisit(octets()), undefined)
  })

  it('takes a change, its tasks and its letters together, or nothing', async () => {
    const { lives, store } = await opened()
    const one = life()
    await lives.begin(one)
    const letter = { kind: 'stopped', name: 'once', content: { at: at.toISOString() } } as const
    const failing = lives.update(one.orderId, () => {
      throw new Error('in the middle')
    })
    await assert.rejects(failing, /in the middle/)
    for (const _ of [1, 2])
      await lives.update(one.orderId, (affairs) => ({
        life: { ...affairs.life, state: 'stopped', stops: ['stop'] },
        tasks: [...affairs.tasks, task(one.orderId)],
        letters: [letter],
      }))
    assert.equal((await lives.tasksOf(one.orderId)).length, 2)
    const letters = await store.db.selectFrom('sp_letter').select('name').execute()
    assert.deepEqual(letters, [{ name: 'once' }], 'the same letter again is not another one')
    await assert.rejects(
      lives.update(randomUUID(), (affairs) => affairs),
      { code: 'reference.not-found' },
    )
  })

  it('hands out a task that is due to one of many who look, and again when nobody finished it in time', async () => {
    const { lives } = await opened()
    const one = life()
    await lives.begin(one)
    const due = task(one.orderId, { due: at })
    const notYet = task(one.orderId, { due: later(1000) })
    const waits = task(one.orderId, { state: 'atSim' })
    await lives.update(one.orderId, (affairs) => ({ ...affairs, tasks: [due, notYet, waits] }))
    const taken = await Promise.all([1, 2, 3].map(() => lives.takeDueTasks(at, later(500), 10)))
    assert.deepEqual(
      taken.flat().map(({ id }) => id),
      [due.id],
    )
    assert.deepEqual(await lives.takeDueTasks(later(499), later(900), 10), [])
    assert.deepEqual(
      (await lives.takeDueTasks(later(500), later(2000), 10)).map(({ id }) => id),
      [due.id],
    )
  })

  it('tells what is not over, the oldest first, page by page, of a kind or of all', async () => {
    const { lives } = await opened()
    const one = life()
    await lives.begin(one)
    const [first, second, third] = [
      task(one.orderId, { state: 'atSim' }),
      task(one.orderId, { askedAt: later(1), event: 'pinReset', state: 'atCarrier' }),
      task(one.orderId, { askedAt: later(2) }),
    ]
    const over = (['done', 'refused', 'overtaken'] as const).map((state) => task(one.orderId, { state }))
    await lives.update(one.orderId, (affairs) => ({ ...affairs, tasks: [third, ...over, second, first] }))
    assert.deepEqual(await lives.openTasks({}, 2), [first, second])
    assert.deepEqual(await lives.openTasks({}, 2, second), [third])
    assert.deepEqual(await lives.openTasks({ event: 'pinReset' }, 10), [second])
    assert.deepEqual(await lives.openTasks({ state: 'atSim' }, 10), [first])
  })

  it('says which reminders are due, the oldest first, and no other life', async () => {
    const { lives } = await opened()
    const second = life({ reminder: { at, days: 30 } })
    const first = life({ reminder: { at: later(-1000), days: 90 } })
    for (const one of [second, first, life(), life({ reminder: { at: later(1), days: 7 } })]) await lives.begin(one)
    assert.deepEqual(await lives.dueReminders(at, 10), [first, second])
  })
})
