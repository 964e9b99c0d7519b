/** Revocation, hold and linkage: what goes with what, and what stays. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { RevocationReason } from '../contract.ts'
import { firstOf, linkedTo, successorOf } from '../domain/linkage.ts'
import {
  activated,
  discard,
  enrolled,
  halfKeyPairs,
  ordered,
  revoke,
  type Surroundings,
  stateOf,
  surroundings,
} from './surroundings.ts'

const refuses = (code: string) => ({ name: 'Refusal', code })

describe('revocation', () => {
  let world: Surroundings
  before(async () => {
    world = await surroundings({ keyPairs: halfKeyPairs })
  })
  after(() => world.close())

  // biome-ignore format: a table, one line each
  const pulledDown: Readonly<Record<RevocationReason, string | undefined>> = {
    unspecified: 'revoked cessationOfOperation',
    keyCompromise: 'revoked cessationOfOperation',
    cACompromise: 'revoked cACompromise',
    affiliationChanged: undefined,
    superseded: 'revoked superseded',
    cessationOfOperation: 'revoked cessationOfOperation',
    certificateHold: 'held certificateHold',
  }

  for (const reason of RevocationReason.options) {
    it(`of a sign certificate for ${reason} leaves the card's auth certificate and the phone alone`, async () => {
      const card = await enrolled(world)
      const phone = await activated(world, card)
      await revoke(world, { authority: 'sign', serialNumber: card.sign.serialNumber, reason })
      assert.equal(await stateOf(world, card.auth), 'valid')
      assert.equal(await stateOf(world, phone.certificate), 'valid')
    })

    const expected = pulledDown[reason]
    it(`of a card's auth certificate for ${reason} ${expected ? `leaves the phone ${expected}` : 'is refused'}`, async () => {
      const card = await enrolled(world)
      const phone = await activated(world, card)
      const asked = revoke(world, { authority: 'auth', serialNumber: card.auth.serialNumber, reason })
      if (expected === undefined) return assert.rejects(asked, refuses('conditions.not-satisfied'))
      await asked
      assert.equal(await stateOf(world, phone.certificate), expected)
    })
  }

  it('of a phone leaves the card alone', async () => {
    const card = await enrolled(world)
    const { certificate } = await activated(world, card)
    await revoke(world, { authority: 'auth', serialNumber: certificate.serialNumber, reason: 'keyCompromise' })
    assert.equal(await stateOf(world, card.auth), 'valid')
    assert.equal(await stateOf(world, certificate), 'revoked keyCompromise')
  })

  it('of the card erases the private key that waits for a phone', async () => {
    const card = await enrolled(world)
    const { orderId, certificate } = await ordered(world, card)
    await revoke(world, { authority: 'auth', serialNumber: card.auth.serialNumber, reason: 'keyCompromise' })
    assert.equal(await stateOf(world, certificate), 'revoked cessationOfOperation')
    assert.equal((await world.register.orders.find(orderId))?.sealedPrivateKey, undefined)
  })

  it('happens once, at a moment in whole seconds; a hold can become a revocation and nothing else', async () => {
    world.at('2026-04-01T03:00:00.789Z')
    const { sign } = await enrolled(world)
    const { serialNumber } = sign
    const held = await revoke(world, { authority: 'sign', serialNumber, reason: 'certificateHold' })
    assert.equal(held.at.toISOString(), '2026-04-01T03:00:00.000Z')
    const again = revoke(world, { authority: 'sign', serialNumber, reason: 'certificateHold' })
    await assert.rejects(again, refuses('certificate.on-hold'))
    await revoke(world, { authority: 'sign', serialNumber, reason: 'keyCompromise' })
    const third = revoke(world, { authority: 'sign', serialNumber, reason: 'superseded' })
    await assert.rejects(third, refuses('certificate.already-revoked'))
    assert.equal(await stateOf(world, sign), 'revoked keyCompromise')
  })

  it('is refused for a certificate that nobody issued, that another authority issued, or that has expired', async () => {
    const { sign } = await enrolled(world)
    const reason = 'superseded'
    for (const [authority, serialNumber] of [
      ['auth', sign.serialNumber],
      ['sign', '4000000000000000'],
    ] as const)
      await assert.rejects(revoke(world, { authority, serialNumber, reason }), refuses('reference.not-found'))
    world.at('2031-02-17T15:00:00Z')
    const late = revoke(world, { authority: 'sign', serialNumber: sign.serialNumber, reason })
    world.at('2026-04-01T03:00:00Z')
    await assert.rejects(late, refuses('certificate.expired'))
  })

  it('is done by one of two requests at the same time', async () => {
    const { sign } = await enrolled(world)
    const request = { authority: 'sign', serialNumber: sign.serialNumber, reason: 'superseded' } as const
    const outcomes = await Promise.allSettled([revoke(world, request), revoke(world, request)])
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  })
})

describe('discarding an order', () => {
  let world: Surroundings
  before(async () => {
    world = await surroundings({ keyPairs: halfKeyPairs })
  })
  after(() => world.close())

  it('revokes the certificate without a reason and erases the key, once', async () => {
    const { orderId, certificate } = await ordered(world, await enrolled(world))
    await discard(world, orderId)
    await discard(world, orderId)
    assert.equal(await stateOf(world, certificate), 'revoked unspecified')
    const order = await world.register.orders.find(orderId)
    assert.ok(order?.endedAt)
    assert.equal(order.sealedPrivateKey, undefined)
  })

  it('is refused for what was delivered, and for what nobody ordered', async () => {
    const { orderId, certificate } = await activated(world, await enrolled(world))
    await assert.rejects(discard(world, orderId), refuses('conditions.not-satisfied'))
    assert.equal(await stateOf(world, certificate), 'valid')
    await assert.rejects(discard(world, randomUUID()), refuses('reference.not-found'))
  })
})

describe('linkage', () => {
  it('leads from a sign certificate to the auth certificates of the same person that are valid', async () => {
    const world = await surroundings({ keyPairs: halfKeyPairs })
    const card = await enrolled(world)
    const signSerialNumber = card.sign.serialNumber
    const { certificate } = await ordered(world, card)
    assert.deepEqual(await linkedTo(world, 'sign', signSerialNumber), { card: card.auth.serialNumber })
    const phone = await activated(world, card)
    assert.equal((await linkedTo(world, 'sign', signSerialNumber)).phone, phone.certificate.serialNumber)
    assert.notEqual(phone.certificate.serialNumber, certificate.serialNumber)
    await revoke(world, { authority: 'auth', serialNumber: card.auth.serialNumber, reason: 'cessationOfOperation' })
    assert.deepEqual(await linkedTo(world, 'sign', signSerialNumber), {})
    await assert.rejects(linkedTo(world, 'sign', card.auth.serialNumber), refuses('reference.not-found'))
    await world.close()
  })

  it('leads from an old serial number to the one of today, over several renewals', async () => {
    const world = await surroundings({ keyPairs: halfKeyPairs })
    const cards = [await enrolled(world)]
    for (let renewal = 0; renewal < 3; renewal++)
      cards.push(await enrolled(world, { renews: cards.at(-1)?.auth.serialNumber }))
    const [oldest, newest] = [cards[0], cards.at(-1)]
    for (const kind of ['sign', 'auth'] as const) {
      assert.equal(await successorOf(world, kind, oldest?.[kind].serialNumber ?? ''), newest?.[kind].serialNumber)
      assert.equal(await successorOf(world, kind, newest?.[kind].serialNumber ?? ''), newest?.[kind].serialNumber)
    }
    await assert.rejects(successorOf(world, 'sign', '41'), refuses('reference.not-found'))
    await world.close()
  })

  it('leads from every certificate of a person, in card and phone, to the first one, and to nobody else’s', async () => {
    const world = await surroundings({ keyPairs: halfKeyPairs })
    const card = await enrolled(world)
    const first = card.auth.serialNumber
    const phone = await activated(world, card)
    const renewed = await enrolled(world, { renews: first })
    const second = await activated(world, renewed)
    const other = await enrolled(world)
    const all = [card.auth, phone.certificate, renewed.auth, second.certificate]
    for (const { serialNumber } of all) assert.equal(await firstOf(world, serialNumber), first)
    assert.equal(await firstOf(world, other.auth.serialNumber), other.auth.serialNumber)
    for (const unknown of ['41', card.sign.serialNumber])
      await assert.rejects(firstOf(world, unknown), refuses('reference.not-found'))
    await world.close()
  })
})
