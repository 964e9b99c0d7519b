/** ⑥ to ⑪ behind the applicant's back: after a crash in any state, when a peer is away, and what becomes of an order that ends. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { formatAccessCode, parseAccessCode } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import { apply } from '../domain/application.ts'
import { cancelled } from '../domain/ending.ts'
import { issue } from '../domain/issuance.ts'
import { moved, type Order } from '../domain/order.ts'
import { away, codeIn, day, form, password, refusedWith, type Surroundings, surroundings } from './surroundings.ts'

let world: Surroundings
before(async () => {
  world = await surroundings()
})
after(() => world.close())
afterEach(async () => {
  world.peers.failing.clear()
  await world.post()
  world.peers.calls.length = 0
  world.peers.mails.length = 0
  world.at(new Date())
})

const applied = async () => apply(world, await world.sign(form(world.now())), password)
const gone = new Refusal('certificate.revoked', 'The card was revoked meanwhile.', { whose: 'jpki-system' })
const issued = async (order: Order) => {
  await issue(world, order)
  await world.post()
  return world.current(order)
}
/** Taken as another process would, and given back. */
const due = async (order: Order): Promise<Order | undefined> => {
  const now = world.now()
  const taken = await world.leases.takeDue({ owner: 'test', now, until: new Date(now.getTime() + 1000) }, 1000)
  await Promise.all(taken.map(({ lease }) => world.leases.release(lease)))
  return taken.find((one) => one.order.id === order.id)?.order
}

describe('issuance', () => {
  it('asks for the certificate, sends the code, and then has it nowhere', async () => {
    const order = await applied()
    const now = await issued(order)
    assert.deepEqual([now.state, now.phoneCertificate, now.sealedAccessCode], ['codeSent', '4f', undefined])
    const [mail] = world.peers.mails
    assert.deepEqual(
      [mail?.to, mail?.kind, mail?.content],
      ['hanako@mail.example', 'accessCode', { expires: order.codeExpires?.toISOString() }],
    )
    assert.deepEqual(await world.secrets.mac(parseAccessCode(mail?.code ?? '')), now.accessCode)
    const { sealed } = await world.store.db
      .selectFrom('sp_letter')
      .select('sealed_code as sealed')
      .where('order_id', '=', order.id)
      .executeTakeFirstOrThrow()
    assert.equal(sealed, null)
    const steps = world.traced.entries().flatMap(({ step, order: of }) => (of === order.id ? [step] : []))
    assert.deepEqual(steps, ['③', '④', '⑩', '⑪'])
  })
  it('on card has an order there and no certificate yet', async () => {
    const { order } = await world.mailed({ keyGeneration: 'on-card' })
    assert.deepEqual([order.state, order.phoneCertificate], ['codeSent', undefined])
  })
  it('done once more does nothing more', async () => {
    const order = await applied()
    await issued(order)
    await issued(await world.current(order))
    assert.equal(world.peers.mails.length, 1)
  })
  it('done twice side by side comes to the same, and one mail goes out', async () => {
    const order = await applied()
    await Promise.all([issue(world, order), issue(world, order)])
    await Promise.all([world.post(), world.post()])
    assert.equal((await world.current(order)).state, 'codeSent')
    assert.equal(world.peers.mails.length, 1)
  })

  for (const [state, peer] of Object.entries({ applied: 'sim', verified: 'certify' }))
    it(`goes on from ${state} after a crash, once ${peer} answers again`, async () => {
      world.peers.failing.set(peer, away)
      const order = await applied()
      if (state !== 'applied') await assert.rejects(issue(world, order), refusedWith('peer.unreachable'))
      assert.equal((await world.current(order)).state, state)
      // The world is built anew from the store: nothing else is remembered.
      world.at(new Date(order.createdAt.getTime() + 6000))
      const found = await due(order)
      assert.ok(found)
      world.peers.failing.clear()
      assert.equal((await issued(found)).state, 'codeSent')
      assert.equal(world.peers.mails.length, 1)
    })
})

describe('an order that cannot go on', () => {
  it('fails with the peer’s reason, its code is destroyed, the JPKI system throws the key away, the applicant is told', async () => {
    const order = await applied()
    world.peers.failing.set('certify', gone)
    const now = await issued(order)
    assert.deepEqual(
      [now.state, now.trouble?.code, now.trouble?.whose],
      ['failed', 'certificate.revoked', 'jpki-system'],
    )
    assert.deepEqual([now.sealedAccessCode, now.discardOwed, now.terminateOwed], [undefined, undefined, undefined])
    assert.deepEqual(
      [world.peers.calls.filter((call) => call === 'discard').length, world.peers.calls.includes('terminate')],
      [1, false],
    )
    assert.deepEqual(
      world.peers.mails.map(({ kind, content }) => [kind, content]),
      [['failed', { code: 'certificate.revoked' }]],
    )
  })
  it('fails when the mail server will never take its code', async () => {
    const order = await applied()
    world.peers.failing.set('mail', new Refusal('request.malformed', 'mail: no such address'))
    await issue(world, order)
    await world.post()
    const now = await world.current(order)
    assert.deepEqual([now.state, now.trouble?.code, now.discardOwed], ['failed', 'request.malformed', true])
    await issue(world, now)
    assert.equal((await world.current(order)).discardOwed, undefined)
  })
  it('owes the JPKI system word until that takes it, a restart in between', async () => {
    const order = await applied()
    world.peers.failing.set('certify', gone).set('discard', away)
    await assert.rejects(issue(world, order), refusedWith('peer.unreachable'))
    const owing = await due(order)
    assert.deepEqual([owing?.state, owing?.discardOwed], ['failed', true])
    world.peers.failing.clear()
    assert.ok(owing)
    await issue(world, owing)
    assert.equal((await world.current(order)).discardOwed, undefined)
  })
  it('takes a no of the JPKI system for word that came too late', async () => {
    const order = await applied()
    world.peers.failing.set('certify', gone).set('discard', new Refusal('reference.not-found'))
    const { state, discardOwed } = await issued(order)
    assert.deepEqual([state, discardOwed], ['failed', undefined])
  })
  it('that could not be checked for ten minutes is refused', async () => {
    world.peers.failing.set('line', away)
    const order = await applied()
    world.at(new Date(order.createdAt.getTime() + 600_000))
    await assert.rejects(issue(world, order), refusedWith('peer.unreachable'))
    world.at(new Date(order.createdAt.getTime() + 600_001))
    const now = await issued(await world.current(order))
    assert.deepEqual([now.state, now.trouble?.code, now.discardOwed], ['refused', 'peer.unreachable', undefined])
  })
  it('that ended while it was being worked on stays ended, and its code goes to nobody', async () => {
    const order = await applied()
    await issue(world, order)
    await world.orders.update(order.id, (one) => cancelled(one, 'user', 'changed their mind'))
    await world.post()
    assert.equal((await issued(await world.current(order))).state, 'cancelled')
    assert.deepEqual(
      world.peers.mails.map(({ kind }) => kind),
      ['cancelled'],
    )
    assert.equal(codeIn(world.peers.mails), '')
  })
})

describe('an order whose time is over', () => {
  it('expires where it stands; the JPKI system throws the key away, and the carrier clears the SIM', async () => {
    const { order } = await world.mailed()
    await world.orders.update(order.id, (one) => moved(one, 'authenticate'))
    const end = new Date(order.createdAt.getTime() + 15 * day)
    assert.equal(await due(order), undefined)
    world.at(end)
    const found = await due(order)
    assert.ok(found)
    const now = await issued(found)
    assert.deepEqual(
      [now.state, now.trouble?.code, now.discardOwed, now.terminateOwed],
      ['expired', 'code.expired', undefined, undefined],
    )
    assert.deepEqual(world.peers.calls.slice(-3), ['discard', 'terminate', 'mail'])
  })
  it('is finished all the same when the certificate may be in use already', async () => {
    const { order } = await world.mailed()
    for (const event of ['authenticate', 'domainMade', 'appletInstalled', 'deliver'] as const)
      await world.orders.update(order.id, (one) => moved(one, event))
    world.at(new Date(order.createdAt.getTime() + 15 * day))
    assert.equal((await issued(await world.current(order))).state, 'delivered')
  })
})

describe('an access code', () => {
  it('comes from 80 random bits', () => {
    const codes = new Set(Array.from({ length: 50 }, () => formatAccessCode(world.random(10))))
    assert.equal(codes.size, 50)
  })
})
