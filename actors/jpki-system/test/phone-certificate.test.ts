/** ⑥ to ⑨: what is issued for a phone, for whom, and how often. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { certificateKindOf } from '@mobile-jpki/jpki'
import { parseCertificate } from '@mobile-jpki/pkix'
import { type KeyPair, makeKeyPair } from '../phone-keys/key-pair.ts'
import {
  activated,
  discard,
  enrolled,
  halfKeyPairs,
  ordered,
  phoneCertificates,
  revoke,
  type Surroundings,
  stateOf,
  surroundings,
} from './surroundings.ts'

const iccid = '8981100022152967705'
const refuses = (code: string) => ({ name: 'Refusal', code })

describe('a certificate for a phone', () => {
  let world: Surroundings
  let made = 0
  before(async () => {
    world = await surroundings({
      keyPairs: {
        generate: async () => {
          made++
          return makeKeyPair()
        },
      },
    })
  })
  after(() => world.close())

  it('is pending, of its own kind, and never outlives the auth certificate of the card', async () => {
    const card = await enrolled(world, { cardExpires: '2029-06-30' })
    const { certificate } = await ordered(world, card)
    assert.equal(await stateOf(world, certificate), 'pending')
    assert.equal(certificateKindOf(parseCertificate(certificate.der)), 'phoneAuth')
    assert.deepEqual(certificate.notAfter, card.auth.notAfter)
  })

  it('is linked to sign certificate, card and SIM', async () => {
    const card = await enrolled(world)
    const { orderId, certificate } = await ordered(world, card)
    const order = await world.register.orders.find(orderId)
    assert.equal(order?.signSerialNumber, card.sign.serialNumber)
    assert.equal(order?.authSerialNumber, card.auth.serialNumber)
    assert.equal(order?.serialNumber, certificate.serialNumber)
    assert.equal(order?.iccid, iccid)
  })

  it('is the same when the order is asked again, now or at the same time, and one key is made', async () => {
    const { sign } = await enrolled(world)
    const request = { orderId: randomUUID(), signCertificate: sign.serialNumber, iccid }
    const before = made
    const [one, other] = [phoneCertificates(world), phoneCertificates(world)]
    const [first, again] = await Promise.all([one.request(request), one.request(request)])
    assert.equal(again.serialNumber, first.serialNumber)
    assert.equal((await other.request(request)).serialNumber, first.serialNumber)
    assert.equal(made, before + 1)
  })

  it('is one even when two processes answer the same order at once', async () => {
    const { sign } = await enrolled(world)
    const request = { orderId: randomUUID(), signCertificate: sign.serialNumber, iccid }
    const answers = await Promise.all([1, 2, 3].map(() => phoneCertificates(world).request(request)))
    assert.equal(new Set(answers.map(({ serialNumber }) => serialNumber)).size, 1)
  })

  it('leaves ⑦ and ⑧ in the trace, without a key', async () => {
    const { orderId } = await ordered(world, await enrolled(world))
    const entries = world.traced.entries().filter(({ order }) => order === orderId)
    assert.deepEqual(
      entries.map(({ step, from, to, ok }) => [step, from, to, ok]),
      [
        ['⑦', 'jpki-system', 'jpki-system', true],
        ['⑧', 'jpki-system', 'jpki-system', true],
      ],
    )
    assert.ok(entries.every(({ raw, decoded, octets }) => raw === undefined && decoded === undefined && octets > 0))
  })

  it('is refused when the same order names another SIM or another person', async () => {
    const card = await enrolled(world)
    const { orderId } = await ordered(world, card)
    const { request } = phoneCertificates(world)
    const other = await enrolled(world)
    for (const changed of [
      { iccid: '8981100022152967713', signCertificate: card.sign.serialNumber },
      { iccid, signCertificate: other.sign.serialNumber },
    ])
      await assert.rejects(request({ orderId, ...changed }), refuses('conditions.not-satisfied'))
  })

  it('is refused for a sign certificate that nobody issued, and for the serial number of an auth certificate', async () => {
    const { auth } = await enrolled(world)
    const { request } = phoneCertificates(world)
    for (const signCertificate of ['4000000000000000', auth.serialNumber])
      await assert.rejects(request({ orderId: randomUUID(), signCertificate, iccid }), refuses('reference.not-found'))
  })

  for (const [authority, reason, code] of [
    ['sign', 'affiliationChanged', 'certificate.revoked'],
    ['sign', 'certificateHold', 'certificate.on-hold'],
    ['auth', 'keyCompromise', 'certificate.revoked'],
    ['auth', 'certificateHold', 'certificate.on-hold'],
  ] as const)
    it(`is refused after ${reason} of the card's ${authority} certificate`, async () => {
      const card = await enrolled(world)
      await revoke(world, { authority, serialNumber: card[authority].serialNumber, reason })
      await assert.rejects(ordered(world, card), refuses(code))
    })

  it('is refused after the card has expired', async () => {
    const card = await enrolled(world, { cardExpires: '2027-01-01' })
    world.at('2027-01-01T15:00:00Z')
    await assert.rejects(ordered(world, card), refuses('certificate.expired'))
    world.at('2026-04-01T03:00:00Z')
  })

  it('loses no month when card and phone are renewed in the last three: it ends with the new card again', async () => {
    for (const [revoked, ends] of [
      [undefined, '2036-02-17T14:59:59.000Z'],
      ['keyCompromise', '2035-02-17T14:59:59.000Z'],
    ] as const) {
      const halves = { ...world, keyPairs: halfKeyPairs }
      const card = await enrolled(world, { cardExpires: '2040-02-17' })
      const { certificate } = await activated(halves, card)
      assert.equal(certificate.notAfter.toISOString(), '2031-02-17T14:59:59.000Z')
      world.at('2031-01-04T03:00:00Z')
      const { serialNumber } = certificate
      if (revoked !== undefined) await revoke(world, { authority: 'auth', serialNumber, reason: revoked })
      const renewed = await enrolled(world, { cardExpires: '2040-02-17', renews: card.auth.serialNumber })
      assert.equal(renewed.auth.notAfter.toISOString(), '2036-02-17T14:59:59.000Z')
      const again = await ordered(halves, renewed)
      assert.equal(again.certificate.notAfter.toISOString(), ends)
      world.at('2026-04-01T03:00:00Z')
    }
  })

  it('is not issued when the card is revoked, or the order discarded, while the key is being made', async () => {
    for (const interfere of ['revoke', 'discard'] as const) {
      const card = await enrolled(world)
      const orderId = randomUUID()
      const slow: Surroundings = {
        ...world,
        keyPairs: {
          generate: async () => {
            if (interfere === 'discard') await discard(world, orderId)
            else await revoke(world, { authority: 'auth', serialNumber: card.auth.serialNumber, reason: 'superseded' })
            return makeKeyPair()
          },
        },
      }
      const asked = phoneCertificates(slow).request({ orderId, signCertificate: card.sign.serialNumber, iccid })
      await assert.rejects(asked, refuses(interfere === 'revoke' ? 'certificate.revoked' : 'conditions.not-satisfied'))
      assert.equal((await world.register.orders.find(orderId))?.serialNumber, undefined)
    }
  })

  it('overwrites the private key in memory once it is sealed', async () => {
    let pair: KeyPair | undefined
    const watched = { ...world, keyPairs: { generate: async () => (pair = await makeKeyPair()) } }
    await ordered(watched, await enrolled(world))
    assert.ok(pair?.privateKey.every((octet) => octet === 0))
  })

  it('is issued on a second try when making the key failed', async () => {
    const { sign } = await enrolled(world)
    const request = { orderId: randomUUID(), signCertificate: sign.serialNumber, iccid }
    const failing = { ...world, keyPairs: { generate: () => Promise.reject(new Error('no entropy')) } }
    await assert.rejects(phoneCertificates(failing).request(request), /no entropy/)
    assert.equal(world.traced.entries().at(-1)?.ok, false)
    assert.equal(await stateOf(world, await phoneCertificates(world).request(request)), 'pending')
  })
})
