/** Tasks where peers fail, refuse or come late: what waits, what is tried again, what ends refused, and that nothing is done twice. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, beforeEach, describe, it } from 'node:test'
import { Refusal } from '@mobile-jpki/refusal'
import { type Surroundings, surroundings } from '../../test/surroundings.ts'
import { advanceAll, writtenInSim } from '../advance.ts'
import { ask } from '../ask.ts'
import { takeChanges } from '../asking/changes.ts'
import { notified } from '../asking/notified.ts'
import { stop } from '../asking/stop.ts'
import { beginLife, remind } from '../term.ts'
import type { LifeWorld, Register, Standing } from '../world.ts'

const notAfter = new Date('2031-04-01T14:59:59.000Z')
const day = 86_400_000
const away = new Refusal('peer.unreachable', 'It does not answer.', { whose: 'jpki-system' })

let around: Surroundings
let world: LifeWorld
let orderId: string
let sims = 0
/** What the JPKI system was asked, how it fails, and what it has to tell. */
const asked: string[] = []
let failure: Refusal | undefined
let changes: readonly (Standing & { readonly changeId: string })[] = []
const confirmed: string[] = []

const answer = async (name: string): Promise<Standing> => {
  asked.push(name)
  if (failure !== undefined) throw failure
  return { orderId, serialNumber: '4f', state: 'valid', notAfter }
}
const register: Register = {
  stop: () => answer('stop'),
  resume: () => answer('resume'),
  end: (_, reason) => answer(`end ${reason}`),
  ofSigner: async () => [],
  changes: async () => changes,
  confirm: async (ids) => void confirmed.push(...ids),
}

before(async () => {
  around = await surroundings({ register })
  const pins = {
    want: () => Promise.reject(new Error('no PIN here')),
    wanted: async () => undefined,
    give: async () => {},
  }
  world = { ...around, pins }
})
after(() => around.close())
beforeEach(async () => {
  failure = undefined
  changes = []
  for (const list of [asked, confirmed, around.peers.calls]) list.length = 0
  around.peers.failing.clear()
  around.at(new Date())
  // A SIM of its own: what is in one SIM is told apart by when it began.
  const { order } = await around.mailed({ id: randomUUID(), iccid: `8981100${String(++sims).padStart(12, '0')}` })
  orderId = order.id
  await beginLife(world, { orderId, serialNumber: randomUUID().replaceAll('-', ''), notAfter })
})

const asks = async (event: Parameters<typeof ask>[1]['event']) =>
  advanceAll(world, await ask(world, { id: randomUUID(), orderId, event }))
const lifeNow = async () => {
  const life = await world.lives.find(orderId)
  assert.ok(life)
  return life
}
const waitingForSim = async () =>
  (await world.lives.tasksOf(orderId)).flatMap(({ id, state }) => (state === 'atSim' ? [id] : []))
const inSim = async () => writtenInSim(world, orderId, { done: await waitingForSim(), overtaken: [] })
const letters = async () => (await world.outbox.ofOrder(orderId)).map(({ kind }) => kind)

describe('a task', () => {
  it('waits while the JPKI system is away, the life unchanged, and is taken up when its time comes', async () => {
    failure = away
    const waiting = await asks('stop')
    assert.deepEqual([waiting.state, waiting.tries, waiting.trouble?.code], ['atJpki', 1, 'peer.unreachable'])
    assert.equal((await lifeNow()).state, 'inUse')
    failure = undefined
    const late = new Date(Date.now() + 10_000)
    assert.deepEqual(await world.lives.takeDueTasks(new Date(), late, 9), [])
    around.at(late)
    const [due] = await world.lives.takeDueTasks(late, new Date(late.getTime() + 1000), 9)
    assert.ok(due)
    assert.equal((await advanceAll(world, due)).state, 'atSim')
    assert.deepEqual([(await lifeNow()).state, await letters()], ['stopped', ['accessCode', 'stopped']])
  })

  it('ends refused where the JPKI system says no for good, and the life is as it was', async () => {
    await asks('stop')
    failure = new Refusal('certificate.on-hold', 'The card is stopped.')
    const refused = await asks('resume')
    assert.deepEqual([refused.state, refused.trouble?.detail], ['refused', 'The card is stopped.'])
    assert.deepEqual([(await lifeNow()).state, (await lifeNow()).stops], ['stopped', ['stop']])
  })

  it('asks nobody for a second stop, nor for one that is lifted while another stays', async () => {
    await asks('stop')
    assert.equal((await asks('lineSuspended')).state, 'done')
    assert.equal((await asks('resume')).state, 'done')
    assert.deepEqual(asked, ['stop'])
    assert.equal((await lifeNow()).state, 'stopped')
    assert.equal((await asks('lineResumed')).state, 'atSim')
    assert.deepEqual(asked, ['stop', 'resume'])
  })

  it('tells the carrier what was done in the SIM, again until it hears; what the carrier makes of it undoes nothing', async () => {
    await asks('stop')
    await inSim()
    const [task] = await world.lives.tasksOf(orderId)
    assert.equal(task?.state, 'atCarrier')
    around.peers.failing.set('actionDone', away)
    assert.ok(task)
    const waiting = await advanceAll(world, task)
    assert.deepEqual([waiting.state, waiting.tries], ['atCarrier', 1])
    around.peers.failing.set('actionDone', new Refusal('conditions.not-satisfied'))
    assert.equal((await advanceAll(world, waiting)).state, 'done')
  })

  it('waits on for the SIM when it came while the SIM was reached for another one, or with another in its place', async () => {
    await asks('stop')
    const done = await waitingForSim()
    const { id } = await asks('resume')
    await writtenInSim(world, orderId, { done, overtaken: [] })
    assert.deepEqual(await waitingForSim(), [id])
    await asks('stop')
    const [last = '', ...others] = (await waitingForSim()).toReversed()
    await writtenInSim(world, orderId, { done: [last], overtaken: others })
    assert.deepEqual(
      (await world.lives.tasksOf(orderId)).map(({ state }) => state),
      ['atCarrier', 'overtaken', 'atCarrier'],
    )
  })

  it('is one, however often it is asked for, and asked for by many at once', async () => {
    const id = randomUUID()
    const all = await Promise.all([1, 2, 3].map(() => ask(world, { id, orderId, event: 'stop' })))
    await Promise.all(all.map((one) => advanceAll(world, one)))
    assert.equal((await world.lives.tasksOf(orderId)).length, 1)
    assert.deepEqual(await letters(), ['accessCode', 'stopped'])
    const [first, second] = [await stop(world, await lifeNow()), await stop(world, await lifeNow())]
    assert.deepEqual([first.id, second.id], [id, id])
  })

  it('finds nothing in the SIM where another download has it', async () => {
    const { order } = await around.mailed({ id: randomUUID(), iccid: (await lifeNow()).iccid })
    const later = new Date(Date.now() + 1000)
    around.at(later)
    await beginLife(world, { orderId: order.id, serialNumber: randomUUID().replaceAll('-', ''), notAfter })
    assert.equal((await asks('replaced')).state, 'done')
  })
})

describe('what the JPKI system tells', () => {
  const changed = (more: Partial<Standing>) => {
    changes = [{ changeId: randomUUID(), orderId, serialNumber: '4f', state: 'revoked', notAfter, ...more }]
  }

  it('is confirmed when its task is kept, and told again it is the same task', async () => {
    changed({ reason: 'superseded' })
    for (const _ of [1, 2]) await takeChanges(world)
    const tasks = await world.lives.tasksOf(orderId)
    assert.deepEqual(
      tasks.map(({ event }) => event),
      ['cardEnded'],
    )
    assert.equal(new Set(confirmed).size, 1)
  })

  it('is another download of the same person where there is a successor', async () => {
    changed({ reason: 'superseded', successor: '4e' })
    await takeChanges(world)
    assert.equal((await world.lives.tasksOf(orderId))[0]?.event, 'replaced')
  })

  it('is nothing new where SP-TSM itself asked for it', async () => {
    await asks('stop')
    changed({ state: 'held', reason: 'certificateHold' })
    await takeChanges(world)
    await asks('giveUp')
    changed({ reason: 'keyCompromise' })
    await takeChanges(world)
    assert.deepEqual(
      (await world.lives.tasksOf(orderId)).map(({ event }) => event),
      ['stop', 'giveUp'],
    )
    assert.equal(confirmed.length, 2)
  })

  it('is confirmed of an order that nobody knows here', async () => {
    changed({ orderId: randomUUID() })
    await takeChanges(world)
    assert.equal(confirmed.length, 1)
  })
})

describe('a notification', () => {
  const told = async (more: Partial<Parameters<typeof notified>[1]> = {}) => {
    const { carrier, iccid } = await lifeNow()
    return notified(world, {
      functionCall: { id: randomUUID() },
      carrier,
      carriers: [carrier],
      iccid,
      event: 'lineSuspended',
      ...more,
    })
  }

  it('that comes too late for the life is answered with a warning', async () => {
    await asks('giveUp')
    assert.equal((await told()).status, 'Executed-WithWarning')
    assert.equal((await told({ event: 'lineEnded' })).status, 'Executed-WithWarning')
  })

  it('of a carrier for which the caller does not speak is refused, and changes nothing', async () => {
    for (const carriers of [[], ['carrier-of-others']])
      await assert.rejects(
        told({ carriers }),
        (error) => error instanceof Refusal && error.code === 'caller.not-allowed',
      )
    assert.equal((await lifeNow()).state, 'inUse')
    assert.deepEqual(await world.lives.tasksOf(orderId), [])
  })

  it('of a line that is in service, though nothing stopped it, changes nothing', async () => {
    assert.equal((await told({ event: 'lineResumed' })).status, 'Executed-WithWarning')
    assert.equal((await lifeNow()).state, 'inUse')
  })
})

describe('reminders', () => {
  it('are written once, whoever looks at the same time, and of several that were missed the latest', async () => {
    around.at(new Date(notAfter.getTime() - 29 * day))
    const life = await lifeNow()
    await Promise.all([1, 2, 3].map(() => remind(world, life)))
    const written = (await world.outbox.ofOrder(orderId)).filter(({ kind }) => kind === 'expiring')
    assert.equal(written.length, 1)
    assert.equal((await lifeNow()).reminder?.days, 7)
  })

  it('come no more to a life that has ended', async () => {
    await asks('giveUp')
    around.at(new Date(notAfter.getTime() - 5 * day))
    await remind(world, await lifeNow())
    assert.ok(!(await letters()).includes('expiring'))
  })
})
