/** A phone's certificate in use: stopped and resumed, ended, whose it is, and that SP-TSM hears of all that becomes of it. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { ocspRequest, verifyCrl, verifyOcspResponse } from '@mobile-jpki/pkix/crypto'
import { contractOf } from '@mobile-jpki/store/contract'
import { linkedTo, successorOf } from '../../domain/linkage.ts'
import { migrations, type Tables } from '../../store/index.ts'
import {
  activated,
  enrolAny,
  enrolled,
  halfKeyPairs,
  newPublicKey,
  type Ordered,
  ordered,
  person,
  report,
  revoke,
  type Surroundings,
  stateOf,
  surroundings,
} from '../../test/surroundings.ts'
import { changes, end, ofSigner, resume, stop } from '../in-use.ts'

const by = { actor: 'sp-tsm' } as const
const refuses = (code: string) => ({ name: 'Refusal', code })

contractOf('a phone certificate in use', (open) => {
  let world: Surroundings
  before(async () => {
    world = await surroundings({ store: await open<Tables>(migrations), keyPairs: halfKeyPairs })
  })
  after(() => world.close())

  const somebody = async () => {
    const card = await enrolled(world)
    const phone = await activated(world, card)
    return { card, phone, stands: () => stateOf(world, phone.certificate) }
  }

  async function statusesOf({ certificate }: Ordered) {
    const issuer = world.authorities.find('auth', certificate.generation)
    const { serialNumber } = certificate
    const { der } = await world.validity.answer(ocspRequest(issuer.opened, serialNumber))
    const { status } = await verifyOcspResponse(der, { issuer: issuer.opened, serialNumber, at: world.now() })
    const scope = { authority: 'auth', generation: certificate.generation, partition: '13221' } as const
    const list = await world.register.lists.latest(scope)
    const opened = await verifyCrl(list?.der ?? new Uint8Array(), issuer.opened, world.now())
    return { ocsp: status, listed: [...opened.entries()].some((one) => one.serialNumber === serialNumber) }
  }

  it('is on hold at once when it is stopped, and good again when it is resumed: in OCSP and in its list', async () => {
    const { phone, stands } = await somebody()
    await stop(world, phone.orderId, by)
    assert.equal(await stands(), 'held certificateHold')
    assert.deepEqual(await statusesOf(phone), { ocsp: 'revoked', listed: true })
    await resume(world, phone.orderId, by)
    assert.equal(await stands(), 'valid')
    assert.deepEqual(await statusesOf(phone), { ocsp: 'good', listed: false })
    assert.deepEqual(
      await world.register.lists.unlisted({ authority: 'auth', generation: 1, partition: '13221' }, 9),
      [],
    )
  })

  it('takes the list of all along: a hold that is over leaves it as well', async () => {
    const { phone } = await somebody()
    const all = { authority: 'auth', generation: 1 } as const
    await world.publisher.bring(all)
    await stop(world, phone.orderId, by)
    await world.publisher.bring(all)
    await resume(world, phone.orderId, by)
    const [left] = await world.register.lists.unlisted(all, 9)
    assert.deepEqual(left, { serialNumber: phone.certificate.serialNumber, partition: '13221' })
    await world.publisher.bring(all)
    assert.deepEqual(await world.register.lists.unlisted(all, 9), [])
  })

  it('may be told twice of each, and answers how it stands', async () => {
    const { phone } = await somebody()
    for (const _ of [1, 2]) assert.equal((await stop(world, phone.orderId, by)).certificate.state, 'held')
    for (const _ of [1, 2]) assert.equal((await resume(world, phone.orderId, by)).certificate.state, 'valid')
    const asked = { orderId: phone.orderId, reason: 'keyCompromise' } as const
    assert.equal((await end(world, asked, by)).certificate.revocation?.reason, 'keyCompromise')
    const again = await end(world, { ...asked, reason: 'cessationOfOperation' }, by)
    assert.equal(again.certificate.revocation?.reason, 'keyCompromise', 'the first reason stays')
  })

  it('is not resumed where somebody else had it put on hold, nor while its card is stopped', async () => {
    const held = await somebody()
    const { serialNumber } = held.phone.certificate
    await revoke(world, { authority: 'auth', serialNumber, reason: 'certificateHold' })
    await stop(world, held.phone.orderId, by)
    await assert.rejects(resume(world, held.phone.orderId, by), refuses('conditions.not-satisfied'))
    const lost = await somebody()
    await stop(world, lost.phone.orderId, by)
    await report(world, { card: lost.card.auth.serialNumber, event: 'cardStopped' })
    await assert.rejects(resume(world, lost.phone.orderId, by), refuses('certificate.on-hold'))
    assert.equal(await lost.stands(), 'held certificateHold')
  })

  it('is neither stopped nor resumed once it is revoked, and ends from a stop', async () => {
    const { phone, stands } = await somebody()
    await stop(world, phone.orderId, by)
    await end(world, { orderId: phone.orderId, reason: 'cessationOfOperation' }, by)
    assert.equal(await stands(), 'revoked cessationOfOperation')
    await assert.rejects(stop(world, phone.orderId, by), refuses('certificate.already-revoked'))
    await assert.rejects(resume(world, phone.orderId, by), refuses('certificate.already-revoked'))
  })

  it('is none as long as nothing was delivered: such an order is discarded, and nobody makes it good by a release', async () => {
    const card = await enrolled(world)
    const { orderId, certificate } = await ordered(world, card)
    for (const work of [stop, resume])
      await assert.rejects(work(world, orderId, by), refuses('conditions.not-satisfied'))
    await report(world, { card: card.auth.serialNumber, event: 'cardStopped' })
    assert.equal(await stateOf(world, certificate), 'held certificateHold')
    await assert.rejects(resume(world, orderId, by), refuses('conditions.not-satisfied'))
    const nobodys = '00000000-0000-4000-8000-000000000000'
    await assert.rejects(stop(world, nobodys, by), refuses('reference.not-found'))
  })

  it('is found by any sign certificate that its person ever had, and by nobody else’s', async () => {
    const { card, phone } = await somebody()
    const stranger = await somebody()
    const ordersOf = async (serialNumber: string) =>
      (await ofSigner(world, serialNumber)).map(({ order }) => order.orderId)
    assert.deepEqual(await ordersOf(card.sign.serialNumber), [phone.orderId])
    assert.deepEqual(await ordersOf(stranger.card.sign.serialNumber), [stranger.phone.orderId])
    const renewal = person({ renews: card.auth.serialNumber, signPublicKey: newPublicKey() })
    const renewed = await enrolAny(world, renewal)
    assert.deepEqual(await ordersOf(renewed.sign?.serialNumber ?? ''), [phone.orderId], 'behind a renewed card')
    assert.deepEqual(await ordersOf(card.sign.serialNumber), [phone.orderId])
    await assert.rejects(ofSigner(world, '4eadbeef'), refuses('reference.not-found'))
  })

  it('tells SP-TSM of each change, once it was delivered, until SP-TSM says that it knows', async () => {
    await world.register.phoneChanges.confirm((await changes(world)).map(({ changeId }) => changeId))
    const { card, phone } = await somebody()
    const waiting = await ordered(world, await enrolled(world))
    await stop(world, phone.orderId, by)
    await report(world, { card: card.auth.serialNumber, event: 'cardLost' })
    await revoke(world, { authority: 'auth', serialNumber: waiting.certificate.serialNumber, reason: 'unspecified' })
    const seen = await changes(world)
    assert.deepEqual(
      seen.map(({ order, certificate }) => [order.orderId, certificate.revocation?.reason]),
      [
        [phone.orderId, 'cessationOfOperation'],
        [phone.orderId, 'cessationOfOperation'],
      ],
      'each says how it stands now',
    )
    assert.deepEqual(await changes(world), seen)
    await world.register.phoneChanges.confirm([seen[0]?.changeId ?? ''])
    assert.deepEqual(await changes(world), seen.slice(1))
  })

  it('answers to its successor when the person has another phone', async () => {
    const { card, phone } = await somebody()
    await stop(world, phone.orderId, by)
    const { serialNumber } = phone.certificate
    assert.equal(await successorOf(world, 'auth', serialNumber), serialNumber)
    assert.deepEqual(await linkedTo(world, 'sign', card.sign.serialNumber), { card: card.auth.serialNumber })
  })
})
