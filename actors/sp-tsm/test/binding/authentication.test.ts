/** ⑬: code and password, five tries, one session. docs/protocols/access-code.md. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { formatAccessCode } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import { authenticate } from '../../domain/authentication.ts'
import { ended, moved, type Order, type OrderEvent } from '../../domain/order.ts'
import { newPhone, type Phone } from '../phone.ts'
import { day, iccid, password, refusedWith, type Surroundings, surroundings } from '../surroundings.ts'

let world: Surroundings
before(async () => {
  world = await surroundings()
  phone = await newPhone()
})
after(() => world.close())

let phone: Phone
let order: Order
let code = ''
beforeEach(async () => {
  world.at(new Date())
  // Earlier orders of the SIM are out of the way.
  await world.store.db.deleteFrom('sp_order').execute()
  ;({ order, code } = await world.mailed())
})

const enter = async (changes: Partial<Parameters<typeof authenticate>[1]> = {}) =>
  authenticate(world, { accessCode: code, password, iccid, device: await phone.prove(world, { iccid }), ...changes })
const wrongTries = async () => (await world.current(order)).wrongTries
const others = () => formatAccessCode(world.random(10))
const move = (...events: OrderEvent[]) =>
  world.orders.update(order.id, (one) => events.reduce((moving, event) => moved(moving, event), one))

describe('code and password', () => {
  it('open the download under a session of which only a digest is kept', async () => {
    const { order: opened, session } = await enter({ accessCode: code.toLowerCase().replaceAll('-', ' ') })
    assert.deepEqual([opened.id, opened.state], [order.id, 'authenticated'])
    const mac = await world.secrets.mac(new TextEncoder().encode(session))
    assert.equal((await world.orders.findBySession(mac))?.id, order.id)
    assert.notEqual(mac.toHex(), Buffer.from(session).toString('hex'))
  })
  it('open it again while it is unfinished, and the old session ends', async () => {
    const first = await enter()
    for (const events of [['domainMade'], ['appletInstalled'], ['deliver']] as const) {
      await move(...events)
      const again = await enter()
      assert.notEqual(again.session, first.session)
      assert.equal(again.order.state, (await world.current(order)).state)
    }
    const mac = await world.secrets.mac(new TextEncoder().encode(first.session))
    assert.equal(await world.orders.findBySession(mac), undefined)
  })
  it('open nothing when the code was used, and nobody is told more', async () => {
    await enter()
    await move('domainMade', 'appletInstalled', 'deliver', 'activate')
    await assert.rejects(enter(), refusedWith('code.used'))
    await assert.rejects(enter({ password: 'wrong' }), refusedWith('code.used'))
  })
  it('open nothing after 14 days, to the millisecond', async () => {
    world.at(new Date((order.codeExpires?.getTime() ?? 0) - 1))
    await enter()
    world.at(new Date(order.codeExpires?.getTime() ?? 0))
    await assert.rejects(enter(), refusedWith('code.expired'))
    assert.equal((order.codeExpires?.getTime() ?? 0) - order.createdAt.getTime() <= 14 * day, true)
  })
  it('open nothing of an order that ended, and its reason is told', async () => {
    await world.orders.update(order.id, (one) =>
      ended(one, 'fail', { code: 'card.refused', detail: 'The card broke.' }),
    )
    await assert.rejects(enter(), refusedWith('conditions.not-satisfied', /The card broke/))
  })
})

describe('a wrong try', () => {
  it('is counted and says what is left: password, code, SIM', async () => {
    const tries = [
      [{ password: 'wrong' }, 'password.wrong', 4],
      [{ password: '' }, 'password.wrong', 3],
      [{ accessCode: others() }, 'code.wrong', 2],
      [{ iccid: '8981100022152967713' }, 'sim.not-the-named-one', 1],
    ] as const
    for (const [changes, expected, left] of tries) {
      await assert.rejects(enter(changes), (error) => {
        assert.ok(error instanceof Refusal)
        assert.deepEqual([error.code, error.triesLeft], [expected, left])
        return true
      })
      assert.equal(await wrongTries(), 5 - left)
    }
    await enter()
    assert.equal(await wrongTries(), 0, 'a right one sets the count back')
  })
  it('locks the order the fifth time, for the right password as well', async () => {
    for (let left = 4; left >= 0; left--)
      await assert.rejects(
        enter({ password: 'wrong' }),
        refusedWith('password.wrong', new RegExp(`${left === 1 ? 'One' : left} tr`)),
      )
    for (const changes of [{}, { password: 'wrong' }, { accessCode: others() }])
      await assert.rejects(enter(changes), refusedWith('code.locked'))
    assert.equal(await wrongTries(), 5)
  })
  it('is counted before the answer: more than five at once get no more than five', async () => {
    const sent = Array.from({ length: 12 }, () => enter({ password: 'wrong' }))
    const codes = (await Promise.allSettled(sent)).map((one) =>
      one.status === 'rejected' && one.reason instanceof Refusal ? one.reason.code : 'accepted',
    )
    assert.equal(codes.filter((one) => one === 'password.wrong').length, 5)
    assert.equal(codes.filter((one) => one === 'code.locked').length, 7)
    await assert.rejects(enter(), refusedWith('code.locked'))
  })
  it('with a mistyped character is not counted: the check symbol finds it', async () => {
    const [first = ''] = code
    for (const typed of [`${first === 'Z' ? 'Y' : 'Z'}${code.slice(1)}`, '', 'hello', code.slice(0, -1)])
      await assert.rejects(enter({ accessCode: typed }), refusedWith('code.wrong'))
    assert.equal(await wrongTries(), 0)
  })
  it('with a code that is nobody’s, in a SIM that nobody named, is counted against nobody', async () => {
    await assert.rejects(
      enter({ accessCode: others(), iccid: '8981100022152967721' }),
      (error) => error instanceof Refusal && error.code === 'code.wrong' && error.triesLeft === undefined,
    )
    assert.equal(await wrongTries(), 0)
  })
  it('with the code of another order is counted against that one, and opens neither', async () => {
    const other = await world.mailed({ iccid: '8981100022152967713' })
    await assert.rejects(enter({ accessCode: other.code }), refusedWith('sim.not-the-named-one'))
    assert.deepEqual([await wrongTries(), (await world.current(other.order)).wrongTries], [0, 1])
    assert.deepEqual(
      [(await world.current(order)).state, (await world.current(other.order)).state],
      ['codeSent', 'codeSent'],
    )
  })
})
