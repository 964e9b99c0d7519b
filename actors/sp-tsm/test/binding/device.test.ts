/** ⑬ on another phone: what an order is bound to, and that nothing else passes for it. docs/protocols/access-code.md. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import fc from 'fast-check'
import type { DeviceProof } from '../../contract.ts'
import { authenticate } from '../../domain/authentication.ts'
import {
  bound,
  challengeLifetime,
  mustBeBoundPhone,
  newChallenge,
  rebound,
  spendChallenge,
} from '../../domain/device.ts'
import { moved, type Order } from '../../domain/order.ts'
import { newPhone, type Phone } from '../phone.ts'
import { iccid, password, refusedWith, type Surroundings, surroundings } from '../surroundings.ts'

let world: Surroundings
let phone: Phone
let other: Phone
before(async () => {
  world = await surroundings()
  ;[phone, other] = await Promise.all([newPhone(), newPhone()])
})
after(() => world.close())

let order: Order
let code = ''
const applied = async (key?: Uint8Array) => {
  await world.store.db.deleteFrom('sp_order').execute()
  const device = { model: 'Phone 1', os: 'Android 6', ...(key && { key: key.toBase64() }) }
  ;({ order, code } = await world.mailed({ device }))
}
beforeEach(async () => {
  world.at(new Date())
  await applied(phone.key)
})

const enter = (device: DeviceProof) => authenticate(world, { accessCode: code, password, iccid, device })
const proof = (said: Partial<Parameters<Phone['prove']>[1]> = {}, by = phone) =>
  by.prove(world, { iccid, orderId: order.id, ...said })
const wrongTries = async () => (await world.current(order)).wrongTries
const refused = (code: RefusalCode, triesLeft?: number) => (error: unknown) => {
  assert.ok(error instanceof Refusal)
  assert.deepEqual([error.code, error.triesLeft], [code, triesLeft])
  return true
}

describe('an application that names the phone’s key', () => {
  it('is bound from the beginning, and opens for that phone', async () => {
    assert.deepEqual(order.deviceKey, phone.key)
    assert.equal((await enter(await proof())).order.state, 'authenticated')
    assert.equal((await enter(await proof())).order.state, 'authenticated')
  })
  it('is refused to another phone with the right code and password, and each try counted', async () => {
    await assert.rejects(enter(await proof({}, other)), refused('device.not-the-bound-one', 4))
    const stolen = { ...(await proof({}, other)), key: phone.key }
    await assert.rejects(enter(stolen), refused('device.not-the-bound-one', 3))
    assert.equal(await wrongTries(), 2)
    await enter(await proof())
    assert.equal(await wrongTries(), 0)
  })
  it('is locked to it at the fifth time', async () => {
    for (let left = 4; left >= 0; left--)
      await assert.rejects(enter(await proof({}, other)), refused('device.not-the-bound-one', left))
    await assert.rejects(enter(await proof()), refusedWith('code.locked'))
  })
  it('is refused for a statement about anything else', async () => {
    const statements = [
      { purpose: 'pin-reset' },
      { origin: 'https://evil.example' },
      { orderId: '2f1c1f3e-6e0f-4a43-9d0a-9a1f3f1f8c11' },
      { orderId: '' },
    ]
    for (const [at, said] of statements.entries())
      await assert.rejects(enter(await proof(said)), refused('device.not-the-bound-one', 4 - at))
    await assert.rejects(enter(await proof({ iccid: '8981100022152967713' })), refused('device.not-the-bound-one', 0))
  })
})

describe('an application that was made elsewhere', () => {
  beforeEach(() => applied())

  it('binds the first phone that comes with everything else right, and none that does not', async () => {
    assert.equal(order.deviceKey, undefined)
    const wrong = { accessCode: code, password: 'wrong', iccid, device: await proof({ orderId: '' }, other) }
    await assert.rejects(authenticate(world, wrong), refusedWith('password.wrong'))
    assert.equal((await world.current(order)).deviceKey, undefined)
    await enter(await proof({ orderId: '' }))
    assert.deepEqual((await world.current(order)).deviceKey, phone.key)
  })
  it('stays with the phone that it is bound to, which may call the order by its name then', async () => {
    await enter(await proof({ orderId: '' }))
    await assert.rejects(enter(await proof({ orderId: '' }, other)), refused('device.not-the-bound-one', 4))
    for (const orderId of ['', order.id]) await enter(await proof({ orderId }))
    assert.deepEqual((await world.current(order)).deviceKey, phone.key)
  })
  it('takes one of two phones that come at the same time', async () => {
    const both = await Promise.all([proof({ orderId: '' }), proof({ orderId: '' }, other)])
    const outcomes = await Promise.allSettled(both.map(enter))
    const states = outcomes.map(({ status }) => status).toSorted()
    assert.deepEqual(states, ['fulfilled', 'rejected'])
    const lost = outcomes.find((one) => one.status === 'rejected')
    assert.ok(lost?.reason instanceof Refusal && lost.reason.code === 'device.not-the-bound-one')
  })
})

describe('a challenge', () => {
  it('is answered once, whatever the answer was worth', async () => {
    const right = await proof()
    await enter(right)
    await assert.rejects(enter(right), refusedWith('request.replayed'))
    const wrong = await proof({}, other)
    await assert.rejects(enter(wrong), refusedWith('device.not-the-bound-one'))
    await assert.rejects(enter(await proof({ challenge: wrong.challenge })), refusedWith('request.replayed'))
    assert.equal(await wrongTries(), 1, 'what was seen before is no try')
  })
  it('is answered once by many at once', async () => {
    const one = await proof()
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => enter(one)))
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
  })
  it('is good for five minutes, to the millisecond', async () => {
    const made = new Date()
    for (const [later, isGood] of [
      [challengeLifetime - 1, true],
      [challengeLifetime, false],
    ] as const) {
      world.at(made)
      const { challenge } = await newChallenge(world)
      world.at(new Date(made.getTime() + later))
      const spent = spendChallenge(world, challenge)
      await (isGood ? spent : assert.rejects(spent, refusedWith('request.expired')))
    }
  })
  it('with any bit changed, cut or longer, is none of ours, and no try', async () => {
    const { challenge } = await newChallenge(world)
    await fc.assert(
      fc.asyncProperty(fc.nat(challenge.length * 8 - 1), async (bit) => {
        const changed = challenge.with(bit >> 3, (challenge[bit >> 3] ?? 0) ^ (1 << (bit & 7)))
        await assert.rejects(spendChallenge(world, changed), refusedWith('request.expired'))
      }),
      { numRuns: 100 },
    )
    for (const wrong of [new Uint8Array(), challenge.slice(1), Uint8Array.of(...challenge, 0), new Uint8Array(54)])
      await assert.rejects(enter(await proof({ challenge: wrong })), refusedWith('request.expired'))
    assert.equal(await wrongTries(), 0)
  })
  it('leaves nothing behind once its time is over', async () => {
    await enter(await proof())
    const rows = () => world.store.db.selectFrom('sp_spent_challenge').select('until').execute()
    assert.ok((await rows()).length > 0)
    world.at(new Date(Date.now() + 2 * challengeLifetime))
    await spendChallenge(world, (await newChallenge(world)).challenge)
    assert.equal((await rows()).length, 1)
  })
})

describe('what is asked after the download', () => {
  const active = async () => {
    await enter(await proof())
    for (const event of ['domainMade', 'appletInstalled', 'deliver', 'activate'] as const)
      await world.orders.update(order.id, (one) => moved(one, event))
    return world.current(order)
  }
  it('needs the bound phone, and says nothing of tries', async () => {
    const now = await active()
    await mustBeBoundPhone(world, now, 'pin-reset', await proof({ purpose: 'pin-reset' }))
    for (const device of [await proof(), await proof({ purpose: 'pin-reset' }, other)])
      await assert.rejects(mustBeBoundPhone(world, now, 'pin-reset', device), refused('device.not-the-bound-one'))
  })
  it('is refused to every phone while none is bound', async () => {
    const { deviceKey: _, ...unbound } = await active()
    const device = await proof({ purpose: 'pin-reset' })
    await assert.rejects(mustBeBoundPhone(world, unbound, 'pin-reset', device), refused('device.not-the-bound-one'))
  })
  it('is another phone’s, once the person has had it bound: the old one is refused', async () => {
    const now = rebound(await active(), other.key)
    assert.throws(() => bound(now, phone.key), refused('device.not-the-bound-one'))
    await mustBeBoundPhone(world, now, 'stop', await proof({ purpose: 'stop' }, other))
    await assert.rejects(
      mustBeBoundPhone(world, now, 'stop', await proof({ purpose: 'stop' })),
      refused('device.not-the-bound-one'),
    )
  })
})
