/** ⑥ to ⑪ behind the applicant's back: after a crash in any state, when a peer is away, and what becomes of an order that ends. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { formatAccessCode, parseAccessCode } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import { apply } from '../domain/application.ts'
import { issue } from '../domain/issuance.ts'
import { moved, type Order } from '../domain/order.ts'
import { ownWork } from '../work.ts'
import { away, day, form, password, refusedWith, type Surroundings, surroundings } from './surroundings.ts'

let world: Surroundings
before(async () => {
  world = await surroundings()
})
after(() => world.close())
afterEach(() => {
  world.peers.failing.clear()
  world.peers.calls.length = 0
  world.peers.mails.length = 0
  world.at(new Date())
})

const applied = async () => apply(world, await world.sign(form(world.now())), password)
const gone = new Refusal('certificate.revoked', 'The card was revoked meanwhile.', { whose: 'jpki-system' })
/** A fast SP-TSM: what it does by itself, with rests of a millisecond. */
const working = (faults: unknown[] = []) =>
  ownWork(world, (error) => faults.push(error), { firstRetry: 1, longestRetry: 4, sweep: 1 })
const until = async (order: Order, holds: (now: Order) => boolean) => {
  for (let now = await world.current(order); ; now = await world.current(order)) {
    if (holds(now)) return now
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

describe('issuance', () => {
  it('asks for the certificate, sends the code, and then has it nowhere', async () => {
    const order = await applied()
    await issue(world, order)
    const now = await world.current(order)
    assert.deepEqual([now.state, now.phoneCertificate, now.sealedAccessCode], ['codeSent', '4f', undefined])
    const [mail] = world.peers.mails
    assert.deepEqual([mail?.to, mail?.expires], ['hanako@mail.example', order.codeExpires])
    assert.deepEqual(await world.secrets.mac(parseAccessCode(mail?.code ?? '')), now.accessCode)
    const steps = world.traced.entries().flatMap(({ step, order: of }) => (of === order.id ? [step] : []))
    assert.deepEqual(steps, ['③', '④', '⑩', '⑪'])
  })
  it('on card has an order there and no certificate yet', async () => {
    const { order } = await world.mailed({ keyGeneration: 'on-card' })
    assert.deepEqual([order.state, order.phoneCertificate], ['codeSent', undefined])
  })
  it('done once more does nothing more', async () => {
    const order = await applied()
    await issue(world, order)
    await issue(world, await world.current(order))
    assert.equal(world.peers.mails.length, 1)
  })
  it('done twice side by side comes to the same, and the code is the same in both mails', async () => {
    const order = await applied()
    await Promise.all([issue(world, order), issue(world, order)])
    assert.equal((await world.current(order)).state, 'codeSent')
    assert.equal(new Set(world.peers.mails.map(({ code }) => code)).size, 1)
  })

  const peers = { applied: 'sim', verified: 'certify', certified: 'mail' } as const
  for (const [state, peer] of Object.entries(peers))
    it(`goes on from ${state} after a crash, once ${peer} answers again`, async () => {
      world.peers.failing.set(peer, away)
      const order = await applied()
      if (state !== 'applied') await assert.rejects(issue(world, order), refusedWith('peer.unreachable'))
      assert.equal((await world.current(order)).state, state)
      // The world is built anew from the store: nothing else is remembered.
      const [found] = (await world.orders.findToDo(world.now())).filter(({ id }) => id === order.id)
      assert.ok(found)
      world.peers.failing.clear()
      await issue(world, found)
      assert.equal((await world.current(order)).state, 'codeSent')
      assert.equal(world.peers.mails.length, 1)
    })

  it('sends the same code again when it was cut off between sending and writing', async () => {
    const order = await applied()
    await issue({ ...world, orders: { ...world.orders, update: cutAfter(1) } }, order).catch(() => undefined)
    assert.equal((await world.current(order)).state, 'certified')
    await issue(world, await world.current(order))
    assert.equal(world.peers.mails.length, 2)
    assert.equal(world.peers.mails[0]?.code, world.peers.mails[1]?.code)
  })
  /** The power fails before the write after `writes`. */
  const cutAfter = (writes: number) => {
    let left = writes
    return (id: string, change: (order: Order) => Order) => {
      if (left-- > 0) return world.orders.update(id, change)
      return Promise.reject(new Error('power'))
    }
  }
})

describe('an order that cannot go on', () => {
  it('fails with the peer’s reason, its code is destroyed, and the JPKI system throws the key away', async () => {
    for (const [peer, state] of [
      ['certify', 'failed'],
      ['mail', 'failed'],
    ] as const) {
      const order = await applied()
      world.peers.failing.set(peer, gone)
      await issue(world, order)
      const now = await world.current(order)
      assert.deepEqual(
        [now.state, now.trouble?.code, now.trouble?.whose],
        [state, 'certificate.revoked', 'jpki-system'],
      )
      assert.deepEqual([now.sealedAccessCode, now.discardOwed], [undefined, undefined])
      assert.equal(world.peers.calls.filter((call) => call === 'discard').length, 1)
      world.peers.failing.clear()
      world.peers.calls.length = 0
    }
  })
  it('owes the JPKI system word until that takes it, a restart in between', async () => {
    const order = await applied()
    world.peers.failing.set('certify', gone).set('discard', away)
    await assert.rejects(issue(world, order), refusedWith('peer.unreachable'))
    const [owing] = (await world.orders.findToDo(world.now())).filter(({ id }) => id === order.id)
    assert.deepEqual([owing?.state, owing?.discardOwed], ['failed', true])
    world.peers.failing.clear()
    assert.ok(owing)
    await issue(world, owing)
    assert.equal((await world.current(order)).discardOwed, undefined)
  })
  it('takes a no of the JPKI system for word that came too late', async () => {
    const order = await applied()
    world.peers.failing.set('certify', gone).set('discard', new Refusal('reference.not-found'))
    await issue(world, order)
    assert.deepEqual(
      [(await world.current(order)).state, (await world.current(order)).discardOwed],
      ['failed', undefined],
    )
  })
  it('that could not be checked for ten minutes is refused', async () => {
    world.peers.failing.set('line', away)
    const order = await applied()
    world.at(new Date(order.createdAt.getTime() + 600_000))
    await assert.rejects(issue(world, order), refusedWith('peer.unreachable'))
    world.at(new Date(order.createdAt.getTime() + 600_001))
    await issue(world, await world.current(order))
    const now = await world.current(order)
    assert.deepEqual([now.state, now.trouble?.code, now.discardOwed], ['refused', 'peer.unreachable', undefined])
  })
  it('that ended while it was being worked on stays ended', async () => {
    const order = await applied()
    await world.orders.update(order.id, (one) => moved(one, 'cancel'))
    await issue(world, order)
    assert.deepEqual([(await world.current(order)).state, world.peers.mails.length], ['cancelled', 0])
  })
})

describe('an order whose time is over', () => {
  it('expires where it stands, and the JPKI system throws the key away', async () => {
    const { order } = await world.mailed()
    await world.orders.update(order.id, (one) => moved(one, 'authenticate'))
    const end = new Date(order.createdAt.getTime() + 15 * day)
    assert.ok(!(await world.orders.findToDo(world.now())).some(({ id }) => id === order.id))
    world.at(end)
    assert.ok((await world.orders.findToDo(end)).some(({ id }) => id === order.id))
    await issue(world, await world.current(order))
    const now = await world.current(order)
    assert.deepEqual([now.state, now.trouble?.code, now.discardOwed], ['expired', 'code.expired', undefined])
    assert.ok(world.peers.calls.includes('discard'))
  })
  it('is finished all the same when the certificate may be in use already', async () => {
    const { order } = await world.mailed()
    for (const event of ['authenticate', 'domainMade', 'appletInstalled', 'deliver'] as const)
      await world.orders.update(order.id, (one) => moved(one, event))
    world.at(new Date(order.createdAt.getTime() + 15 * day))
    await issue(world, await world.current(order))
    assert.equal((await world.current(order)).state, 'delivered')
  })
})

describe('what SP-TSM does by itself', () => {
  it('takes up what a restart left, in every state, and keeps at it until the peers are back', async () => {
    for (const peer of ['sim', 'certify', 'mail']) world.peers.failing.set(peer, away)
    const orders = [await applied()]
    world.peers.failing.delete('sim')
    orders.push(await applied())
    const faults: unknown[] = []
    const work = working(faults)
    await work.begin()
    await new Promise((resolve) => setTimeout(resolve, 20))
    world.peers.failing.clear()
    for (const order of orders) await until(order, ({ state }) => state === 'codeSent')
    await work.end()
    assert.deepEqual(faults, [])
    assert.equal(world.peers.mails.length, 2)
  })
  it('finds what runs out of time while it runs', async () => {
    const { order } = await world.mailed()
    const work = working()
    await work.begin()
    world.at(new Date(order.createdAt.getTime() + 15 * day))
    await until(order, ({ state, discardOwed }) => state === 'expired' && discardOwed === undefined)
    await work.end()
  })
  it('tells its own faults and goes on', async () => {
    const order = await applied()
    const fault = new Error('out of luck')
    world.peers.failing.set('certify', fault)
    const faults: unknown[] = []
    const work = working(faults)
    work.take(order)
    work.take(order)
    while (faults.length < 2) await new Promise((resolve) => setTimeout(resolve, 1))
    world.peers.failing.clear()
    await until(order, ({ state }) => state === 'codeSent')
    await work.end()
    assert.ok(faults.every((one) => one === fault))
    assert.equal(world.peers.mails.length, 1)
  })
  it('lets go when it is told to end, in the middle of a rest', async () => {
    world.peers.failing.set('certify', away)
    const order = await applied()
    const work = ownWork(world, () => {}, { firstRetry: 1e6, longestRetry: 1e6, sweep: 1e6 })
    await work.begin()
    while (!world.peers.calls.includes('certify')) await new Promise((resolve) => setTimeout(resolve, 1))
    await work.end()
    work.take(order)
    assert.equal((await world.current(order)).state, 'verified')
  })
})

describe('an access code', () => {
  it('comes from 80 random bits', () => {
    const codes = new Set(Array.from({ length: 50 }, () => formatAccessCode(world.random(10))))
    assert.equal(codes.size, 50)
  })
})
