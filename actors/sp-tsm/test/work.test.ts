/** What SP-TSM does by itself: takes up what is due, rests when a peer is away, and shares the work with other processes. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { Refusal } from '@mobile-jpki/refusal'
import { apply } from '../domain/application.ts'
import type { Order } from '../domain/order.ts'
import { cancel } from '../operator/cancellation.ts'
import { type Carry, ownWork } from '../work.ts'
import { away, day, form, password, type Surroundings, surroundings } from './surroundings.ts'

let world: Surroundings
before(async () => {
  world = await surroundings()
})
after(() => world.close())
afterEach(async () => {
  world.peers.failing.clear()
  await world.store.db.deleteFrom('sp_order').execute()
  await world.store.db.deleteFrom('sp_letter').execute()
  world.peers.calls.length = 0
  world.peers.mails.length = 0
  world.at(new Date())
})

const applied = async () => apply(world, await world.sign(form(world.now())), password)
const fast = { firstRetry: 1, longestRetry: 4, look: 1, lease: 60_000, most: 8 }
const noCarry: Carry = () => Promise.reject(new Error('nothing goes over the air'))
/** Its clock goes on by itself: rests are over at once. */
const working = (faults: unknown[] = [], changes: Partial<typeof fast> = {}, carry = noCarry) => {
  const now = () => {
    world.at(new Date(world.now().getTime() + 1))
    return world.now()
  }
  return ownWork({ ...world, now }, carry, (error) => faults.push(error), { ...fast, ...changes })
}
const until = async (order: Order, holds: (now: Order) => boolean) => {
  for (let now = await world.current(order); ; now = await world.current(order)) {
    if (holds(now)) return now
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
const calls = (name: string) => world.peers.calls.filter((call) => call === name).length

describe('what SP-TSM does by itself', () => {
  it('takes up what a restart left, in every state, and keeps at it until the peers are back', async () => {
    for (const peer of ['sim', 'certify', 'mail']) world.peers.failing.set(peer, away)
    const orders = [await applied()]
    world.peers.failing.delete('sim')
    orders.push(await applied())
    world.at(new Date(Date.now() + 6000))
    const faults: unknown[] = []
    const work = working(faults)
    work.begin()
    await until(orders[1] as Order, ({ setback }) => (setback?.count ?? 0) > 2)
    world.peers.failing.clear()
    for (const order of orders) await until(order, ({ state }) => state === 'codeSent')
    await work.end()
    assert.deepEqual(faults, [])
    assert.equal(world.peers.mails.length, 2)
  })
  it('keeps what set it back, whose it is, and says it less and less often; a retry of the operator waits no longer', async () => {
    world.peers.failing.set('certify', new Refusal('peer.unreachable', 'nobody there', { whose: 'jpki-system' }))
    const order = await applied()
    const work = working([], { firstRetry: 2 ** 20, longestRetry: 2 ** 30 })
    work.begin()
    const { setback } = await until(order, (one) => one.setback !== undefined)
    assert.deepEqual(setback?.trouble, { code: 'peer.unreachable', detail: 'nobody there', whose: 'jpki-system' })
    const rest = (setback?.next?.getTime() ?? 0) - world.now().getTime()
    assert.ok(rest > 0.7 * 2 ** 20 && rest < 1.3 * 2 ** 20)
    world.peers.failing.clear()
    await world.orders.update(order.id, ({ setback: _, ...one }) => one)
    work.wake()
    await until(order, ({ state }) => state === 'codeSent')
    await work.end()
    const history = await world.archive.historyOf(order.id)
    assert.deepEqual(
      history.map(({ event }) => event),
      ['verify', 'setback', 'certify', 'sendCode'],
    )
  })
  it('finds what runs out of time while it runs', async () => {
    const { order } = await world.mailed()
    const work = working()
    work.begin()
    world.at(new Date(order.createdAt.getTime() + 15 * day))
    await until(order, ({ state, discardOwed }) => state === 'expired' && discardOwed === undefined)
    await work.end()
  })
  it('tells its own faults, says to nobody what they were, and goes on', async () => {
    const order = await applied()
    const fault = new Error('out of luck')
    world.peers.failing.set('certify', fault)
    const faults: unknown[] = []
    const work = working(faults)
    work.begin()
    const { setback } = await until(order, (one) => (one.setback?.count ?? 0) > 1)
    assert.deepEqual(setback?.trouble, { code: 'peer.failed', detail: 'SP-TSM failed.', whose: 'sp-tsm' })
    world.peers.failing.clear()
    await until(order, ({ state }) => state === 'codeSent')
    await work.end()
    assert.ok(faults.length > 1 && faults.every((one) => one === fault))
    assert.equal(world.peers.mails.length, 1)
  })
  it('lets go when it is told to end, and leaves the order free for the next process', async () => {
    world.peers.failing.set('certify', away)
    const order = await applied()
    const work = working([], { firstRetry: 1e9 })
    work.begin()
    await until(order, ({ setback }) => setback !== undefined)
    await work.end()
    const now = new Date(world.now().getTime() + 2e9)
    const [taken] = await world.leases.takeDue({ owner: 'next', now, until: now }, 1)
    assert.equal(taken?.order.id, order.id)
  })
  it('is shared by processes: each order is asked for once, each mail goes out once', async () => {
    const orders = await Promise.all(Array.from({ length: 6 }, applied))
    const all = [working(), working(), working()]
    for (const work of all) work.begin()
    for (const order of orders) await until(order, ({ state }) => state === 'codeSent')
    await Promise.all(all.map((work) => work.end()))
    assert.deepEqual([calls('certify'), calls('mail')], [6, 6])
  })
  it('takes back what it asked for, when the order was cancelled meanwhile', async () => {
    const asked = Promise.withResolvers<void>()
    const answered = Promise.withResolvers<void>()
    const order = await applied()
    const slow = {
      ...world,
      jpki: {
        ...world.jpki,
        requestPhoneCertificate: async () => {
          asked.resolve()
          await answered.promise
          return { serialNumber: '4f' }
        },
      },
    }
    const work = ownWork(slow, noCarry, (error) => assert.fail(String(error)), fast)
    work.begin()
    await asked.promise
    await cancel(world, order.id, 'operator', 'on the telephone')
    await until(order, ({ discardOwed }) => discardOwed === undefined)
    assert.equal(calls('discard'), 1)
    answered.resolve()
    await until(order, () => calls('discard') === 2)
    await work.end()
    const { state, phoneCertificate } = await world.current(order)
    assert.deepEqual([state, phoneCertificate], ['cancelled', undefined])
  })
  it('carries a download over the air, again and again until it is done, and no other way', async () => {
    const { order } = await world.mailed()
    await world.orders.update(order.id, (one) => ({ ...one, state: 'authenticated', bearer: 'scp80' }))
    let tries = 0
    const carry: Carry = async (held, { id }) => {
      tries += 1
      if (tries < 3) throw new Refusal('card.absent', 'The phone is off.', { whose: 'phone' })
      await held.orders.update(id, (one) => ({ ...one, state: 'active' }))
    }
    const work = working([], {}, carry)
    work.begin()
    await until(order, ({ state }) => state === 'active')
    await work.end()
    assert.equal(tries, 3)
    const setbacks = (await world.archive.historyOf(order.id)).filter(({ event }) => event === 'setback')
    assert.deepEqual(
      setbacks.map(({ trouble }) => trouble?.whose),
      ['phone', 'phone'],
    )
  })
})
