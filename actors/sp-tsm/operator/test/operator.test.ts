/** The help desk over mutual TLS: what it sees, what it never sees, what it can do, and that nobody else can. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, afterEach, before, describe, it } from 'node:test'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import { Refusal } from '@mobile-jpki/refusal'
import { call, connectTo, type Listening, listen, type Peer } from '@mobile-jpki/service'
import { cancelOrder, describeOrder, findOrders, reissueCode, retryOrder } from '../../contract.ts'
import { setBack } from '../../domain/ending.ts'
import { issue } from '../../domain/issuance.ts'
import { moved, type Order } from '../../domain/order.ts'
import { codeIn, day, refusedWith, type Surroundings, surroundings } from '../../test/surroundings.ts'
import { withdraw } from '../cancellation.ts'
import { operatorRoutes } from '../routes.ts'

let world: Surroundings
let server: Listening
let desk: Peer & { close(): Promise<void> }
let others: (Peer & { close(): Promise<void> })[] = []
let woken = 0
before(async () => {
  world = await surroundings()
  const certificates = await openServiceCertificates(`${world.directory}/ca`, () => new Date())
  const routes = operatorRoutes(world, () => {
    woken += 1
  })
  server = await listen({ actor: 'sp-tsm', routes, port: 0, tls: await certificates.identityOf('sp-tsm') })
  const { url } = server
  desk = connectTo({ url, actor: 'sp-tsm', as: 'operator', tls: await certificates.identityOf('operator') })
  others = [
    connectTo({ url, actor: 'sp-tsm', tls: { serviceCa: certificates.serviceCa } }),
    connectTo({ url, actor: 'sp-tsm', as: 'mno-tsm', tls: await certificates.identityOf('mno-tsm') }),
  ]
})
after(async () => {
  await Promise.all([desk, ...others].map((peer) => peer.close()))
  await server.close()
  await world.close()
})
afterEach(() => {
  world.peers.failing.clear()
  world.peers.mails.length = 0
  world.at(new Date())
})

const away = { code: 'peer.unreachable', detail: 'nobody there', whose: 'mno-tsm' } as const
const stuck = async () => {
  const { order } = await world.mailed()
  const next = new Date(world.now().getTime() + day)
  return world.orders.update(order.id, (one) => setBack(one, away, () => next))
}
const settled = async (order: Order) => {
  await issue(world, await world.current(order))
  await world.post()
  return world.current(order)
}

describe('the help desk', () => {
  it('finds what waits and whose failure it is, page by page', async () => {
    const orders = [await stuck(), await stuck(), await stuck()]
    await world.mailed()
    const found: string[] = []
    for (let next: string | undefined; ; ) {
      const page = await call(desk, findOrders, {
        whose: 'mno-tsm',
        atMost: 2,
        ...(next !== undefined && { after: next }),
      })
      found.push(...page.orders.map(({ orderId }) => orderId))
      next = page.next
      if (next === undefined) break
    }
    assert.deepEqual(found.sort(), orders.map(({ id }) => id).sort())
    const old = await call(desk, findOrders, { createdBefore: new Date(0), atMost: 9 })
    assert.deepEqual(old.orders, [])
    const malformed = refusedWith('request.malformed')
    for (const after of ['x', 'bm90IGEgcGxhY2U', '%'])
      await assert.rejects(call(desk, findOrders, { after, atMost: 1 }), malformed)
  })
  it('is told in words what is in the way, whose it is and what to do, with the history', async () => {
    const order = await stuck()
    const { order: shown, history, mails } = await call(desk, describeOrder, { orderId: order.id })
    assert.deepEqual(
      [shown.setback?.whose, shown.setback?.count, shown.waitsFor, shown.setback?.whatToDo],
      ['mno-tsm', 1, 'mno-tsm', 'Check that it runs and that the network leads there, then try again.'],
    )
    assert.deepEqual(
      history.map(({ event }) => event),
      ['verify', 'certify', 'sendCode', 'setback'],
    )
    assert.deepEqual([mails.length, mails[0]?.kind, mails[0]?.tries], [1, 'accessCode', 1])
    await assert.rejects(call(desk, describeOrder, { orderId: randomUUID() }), refusedWith('reference.not-found'))
  })
  it('sees no secret, and no more of the person than to know them on the telephone', async () => {
    const { order, code } = await world.mailed()
    const text = JSON.stringify(await call(desk, describeOrder, { orderId: order.id }))
    const { form, accessCode, applicant } = order
    for (const hidden of [
      code,
      accessCode?.toHex() ?? '',
      accessCode?.toBase64() ?? '',
      applicant,
      form.mail,
      form.msisdn,
      form.iccid,
    ])
      assert.ok(!text.includes(hidden), hidden)
    assert.match(text, /…5678/)
    assert.match(text, /h…@mail\.example/)
  })
  it('is nobody else', async () => {
    const { order } = await world.mailed()
    for (const peer of others) {
      const notAllowed = refusedWith('caller.not-allowed')
      await assert.rejects(call(peer, findOrders, { atMost: 1 }), notAllowed)
      await assert.rejects(call(peer, describeOrder, { orderId: order.id }), notAllowed)
      await assert.rejects(call(peer, cancelOrder, { orderId: order.id, reason: 'x' }), notAllowed)
      await assert.rejects(call(peer, reissueCode, { orderId: order.id }), notAllowed)
    }
    assert.equal((await world.current(order)).state, 'codeSent')
  })
  it('has what is set back tried again, and nothing that waits for its turn', async () => {
    const order = await stuck()
    const before = woken
    const { order: shown } = await call(desk, retryOrder, { orderId: order.id })
    assert.deepEqual([shown.setback, shown.waitsFor, woken], [undefined, 'user', before + 1])
    await assert.rejects(call(desk, retryOrder, { orderId: order.id }), refusedWith('conditions.not-satisfied'))
  })
  it('cancels with a reason, once; the peers are told, and the applicant', async () => {
    const { order } = await world.mailed()
    await world.orders.update(order.id, (one) => moved(one, 'authenticate'))
    const asked = { orderId: order.id, reason: 'the phone was sold' }
    const { order: shown } = await call(desk, cancelOrder, asked)
    assert.deepEqual(
      [shown.state, shown.trouble?.detail, shown.owed],
      ['cancelled', asked.reason, ['jpki-system', 'mno-tsm']],
    )
    assert.equal((await call(desk, cancelOrder, asked)).order.state, 'cancelled')
    const now = await settled(order)
    assert.deepEqual([now.discardOwed, now.terminateOwed], [undefined, undefined])
    assert.deepEqual(
      [world.peers.mails.at(-1)?.kind, world.peers.mails.at(-1)?.content],
      ['cancelled', { by: 'operator' }],
    )
    const { history } = await call(desk, describeOrder, { orderId: order.id })
    assert.deepEqual(
      history.slice(-3).map(({ event, by }) => `${event} ${by}`),
      ['cancel operator', 'discarded sp-tsm', 'terminated sp-tsm'],
    )
  })
  it('cannot cancel what may be in use', async () => {
    const { order } = await world.mailed()
    for (const event of ['authenticate', 'domainMade', 'appletInstalled', 'deliver'] as const)
      await world.orders.update(order.id, (one) => moved(one, event))
    const refused = refusedWith('conditions.not-satisfied', /stops it or gives it up with the app/)
    await assert.rejects(call(desk, cancelOrder, { orderId: order.id, reason: 'x' }), refused)
  })
})

describe('a new code', () => {
  it('comes by mail in place of one that is locked, and the old one is nobody’s', async () => {
    const { order, code } = await world.mailed()
    await world.orders.update(order.id, (one) => ({ ...one, wrongTries: 5 }))
    const { order: shown } = await call(desk, reissueCode, { orderId: order.id })
    assert.deepEqual([shown.state, shown.isLocked], ['certified', false])
    const now = await settled(order)
    assert.deepEqual([now.state, now.codeExpires], ['codeSent', order.codeExpires])
    assert.notEqual(codeIn(world.peers.mails), code)
    assert.notDeepEqual(now.accessCode, order.accessCode)
    assert.equal(await world.orders.findByAccessCode(order.accessCode ?? new Uint8Array()), undefined)
  })
  it('of an expired application is that of another order, made once', async () => {
    const { order } = await world.mailed()
    world.at(new Date(order.createdAt.getTime() + 15 * day))
    const { order: shown } = await call(desk, reissueCode, { orderId: order.id })
    assert.notEqual(shown.orderId, order.id)
    assert.equal(shown.state, 'applied')
    assert.equal((await call(desk, reissueCode, { orderId: order.id })).order.orderId, shown.orderId)
    const old = await world.current(order)
    assert.deepEqual([old.state, old.replacedBy], ['expired', shown.orderId])
    const successor = await world.orders.find(shown.orderId)
    assert.deepEqual(successor?.application, order.application)
  })
  it('is refused for an application older than 30 days, and for one that was cancelled', async () => {
    const { order } = await world.mailed()
    world.at(new Date(order.createdAt.getTime() + 31 * day))
    await assert.rejects(call(desk, reissueCode, { orderId: order.id }), refusedWith('request.expired'))
    const { order: other } = await world.mailed()
    await call(desk, cancelOrder, { orderId: other.id, reason: 'x' })
    await assert.rejects(call(desk, reissueCode, { orderId: other.id }), refusedWith('conditions.not-satisfied'))
  })
})

describe('the applicant', () => {
  const request = async (orderId: string, changes: object = {}, by = world.card) =>
    world.sign(
      {
        type: 'mobile-jpki/cancellation',
        version: 1,
        id: randomUUID(),
        madeAt: world.now().toISOString(),
        orderId,
        ...changes,
      },
      by,
    )
  it('withdraws by a request signed with the card that signed the application', async () => {
    const { order } = await world.mailed()
    const withdrawn = await withdraw(world, { orderId: order.id, request: await request(order.id) })
    assert.equal(withdrawn.state, 'cancelled')
    assert.equal((await withdraw(world, { orderId: order.id, request: await request(order.id) })).state, 'cancelled')
  })
  it('withdraws under the session of the download', async () => {
    const { order } = await world.mailed()
    const session = randomUUID()
    const mac = await world.secrets.mac(new TextEncoder().encode(session))
    await world.orders.update(order.id, (one) => moved(one, 'authenticate', { session: mac }))
    const wrong = withdraw(world, { orderId: order.id, session: randomUUID() })
    await assert.rejects(wrong, refusedWith('reference.not-found'))
    assert.equal((await withdraw(world, { orderId: order.id, session })).state, 'cancelled')
  })
  it('withdraws nobody else’s, not with another card, not with an old request, and not without any', async () => {
    const { order } = await world.mailed()
    const { order: other } = await world.mailed()
    const stranger = await world.authority.issue('sign')
    const orderId = order.id
    const wrongSigner = refusedWith('application.wrong-signer')
    await assert.rejects(withdraw(world, { orderId, request: await request(orderId, {}, stranger) }), wrongSigner)
    await assert.rejects(withdraw(world, { orderId, request: await request(other.id) }), wrongSigner)
    const madeAt = new Date(world.now().getTime() - 11 * 60_000).toISOString()
    const old = request(orderId, { madeAt })
    await assert.rejects(withdraw(world, { orderId, request: await old }), refusedWith('request.expired'))
    await assert.rejects(withdraw(world, { orderId }), refusedWith('request.malformed'))
    await assert.rejects(withdraw(world, { orderId, request: new Uint8Array(9) }), Refusal)
    assert.equal((await world.current(order)).state, 'codeSent')
  })
})
