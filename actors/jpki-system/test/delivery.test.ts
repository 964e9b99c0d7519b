/** ⑯ to ⑱ as the JPKI system sees them: who gets the private key, how often, and when it is gone. */
import assert from 'node:assert/strict'
import { createPublicKey, randomUUID, sign } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { appletInstance, appletModule, envelope, RsaCrt } from '@mobile-jpki/jpki'
import { parseCertificate } from '@mobile-jpki/pkix'
import { keyContext } from '../phone-keys/sealed-pair.ts'
import { controllingAuthority, keyObjectOf, makeSim } from './sim.ts'
import {
  authority,
  collect,
  delivered,
  discard,
  type Enrolled,
  enrolled,
  ordered,
  prove,
  revoke,
  type Surroundings,
  stateOf,
  surroundings,
} from './surroundings.ts'

const refuses = (code: string) => ({ name: 'Refusal', code })

describe('the delivery to a SIM', () => {
  let world: Surroundings
  let card: Enrolled
  before(async () => {
    world = await surroundings()
    card = await enrolled(world)
  })
  after(() => world.close())

  it('carries a private key that fits the certificate, and the CA certificate', async () => {
    const { orderId, sim, certificate } = await ordered(world, card)
    const content = await sim.receive(orderId, await collect(world, await sim.attest(orderId)))
    assert.deepEqual(content.certificate, certificate.der)
    assert.deepEqual(content.caCertificate, world.authorities.current('auth').certificate)
    assert.ok(content.privateKey)
    const spki = createPublicKey(keyObjectOf(content.privateKey)).export({ type: 'spki', format: 'der' })
    assert.deepEqual(new Uint8Array(spki), parseCertificate(certificate.der).publicKey)
  })

  it('can be asked again, also with a new envelope key, while the certificate is pending', async () => {
    const { orderId, sim } = await ordered(world, card)
    const first = await collect(world, await sim.attest(orderId))
    const delivery = await sim.attest(orderId)
    await assert.rejects(sim.receive(orderId, first), envelope.EnvelopeError)
    const [second, third] = [await collect(world, delivery), await collect(world, delivery)]
    assert.notDeepEqual(second, third)
    assert.ok((await sim.receive(orderId, third)).privateKey)
  })

  it('goes to the SIM that the order names and to no other', async () => {
    const { orderId } = await ordered(world, card)
    const other = makeSim(authority, '8981100022152967713')
    await assert.rejects(collect(world, await other.attest(orderId)), refuses('sim.not-the-named-one'))
    const delivery = await other.attest(orderId)
    await assert.rejects(
      collect(world, { ...delivery, iccid: '8981100022152967705' }),
      refuses('sim.attestation-invalid'),
    )
  })

  it('is refused when the attestation is for another order, applet or program, or by another authority, or out of date', async () => {
    const { orderId, sim } = await ordered(world, card)
    const foreign = makeSim(controllingAuthority())
    const expired = makeSim(authority, sim.iccid, { effectiveDate: '20200101', expirationDate: '20260331' })
    const early = makeSim(authority, sim.iccid, { effectiveDate: '20260402', expirationDate: '20991231' })
    const own = makeSim(authority, sim.iccid, undefined, new Uint8Array(32))
    const deliveries = [
      await own.attest(orderId),
      { ...(await sim.attest(randomUUID())), orderId },
      { ...(await sim.attest(orderId, { instanceAid: appletModule })), instanceAid: appletInstance },
      await sim.attest(orderId, { instanceAid: appletModule }),
      await foreign.attest(orderId),
      await expired.attest(orderId),
      await early.attest(orderId),
    ]
    for (const delivery of deliveries)
      await assert.rejects(collect(world, delivery), refuses('sim.attestation-invalid'))
  })

  it('is refused for an envelope key that is no point of the curve, even when the SIM vouches for it', async () => {
    const { orderId, sim } = await ordered(world, card)
    const point = new Uint8Array(65).fill(0x11).with(0, 0x04)
    await assert.rejects(collect(world, await sim.attest(orderId, { point })), refuses('sim.attestation-invalid'))
  })

  it('is refused when any bit of the attestation was changed', async () => {
    const { orderId, sim } = await ordered(world, card)
    const delivery = await sim.attest(orderId)
    for (let at = 0; at < delivery.attestation.length; at += 7) {
      const attestation = delivery.attestation.with(at, (delivery.attestation[at] ?? 0) ^ 0x01)
      await assert.rejects(collect(world, { ...delivery, attestation }), { name: 'Refusal' })
    }
  })

  it('is refused for an order that nobody knows, that was discarded, or whose card went in the meantime', async () => {
    const sim = makeSim(authority)
    await assert.rejects(collect(world, await sim.attest(randomUUID())), refuses('reference.not-found'))
    const gone = await ordered(world, card)
    await discard(world, gone.orderId)
    await assert.rejects(collect(world, await gone.sim.attest(gone.orderId)), refuses('certificate.revoked'))
    const lost = await enrolled(world)
    const held = await ordered(world, lost)
    await revoke(world, { authority: 'auth', serialNumber: lost.auth.serialNumber, reason: 'certificateHold' })
    await assert.rejects(collect(world, await held.sim.attest(held.orderId)), refuses('certificate.on-hold'))
  })

  it('leaves no copy behind: proof erases the sealed key, and there is nothing to collect again', async () => {
    const { orderId, sim, certificate } = await ordered(world, card)
    await sim.receive(orderId, await collect(world, await sim.attest(orderId)))
    assert.ok((await world.register.orders.find(orderId))?.sealedPrivateKey)
    await prove(world, { orderId, signature: sim.finish(orderId) })
    assert.equal((await world.register.orders.find(orderId))?.sealedPrivateKey, undefined)
    assert.equal(await stateOf(world, certificate), 'valid')
    await assert.rejects(collect(world, await sim.attest(orderId)), refuses('conditions.not-satisfied'))
  })

  it('keeps the private key sealed for its order alone, and overwrites what it opened', async () => {
    const { orderId, sim } = await ordered(world, card)
    const sealed = (await world.register.orders.find(orderId))?.sealedPrivateKey ?? new Uint8Array()
    await assert.rejects(world.vault.open(sealed, keyContext(randomUUID())))
    let opened: Uint8Array = new Uint8Array()
    const open = async (octets: Uint8Array, context: string) => (opened = await world.vault.open(octets, context))
    const { privateKey } = await sim.receive(
      orderId,
      await collect({ ...world, vault: { ...world.vault, open } }, await sim.attest(orderId)),
    )
    assert.equal(opened.length, RsaCrt.encode(privateKey as RsaCrt).length)
    assert.ok(opened.every((octet) => octet === 0))
    assert.ok(!Buffer.from(sealed).includes(privateKey?.p ?? ''))
  })
})

describe('the proof of possession', () => {
  let world: Surroundings
  before(async () => {
    world = await surroundings()
  })
  after(() => world.close())

  it('makes the certificate valid, and answers the same when it is asked again', async () => {
    const { orderId, sim, certificate } = await delivered(world, await enrolled(world))
    const again = await prove(world, { orderId, signature: sim.finish(orderId) })
    assert.deepEqual(again.der, certificate.der)
    assert.equal(await stateOf(world, certificate), 'valid')
  })

  it('is refused for another order, for other words, and by another key; the certificate stays pending', async () => {
    const card = await enrolled(world)
    const one = await ordered(world, card)
    const other = await ordered(world, card)
    const { privateKey } = await one.sim.receive(one.orderId, await collect(world, await one.sim.attest(one.orderId)))
    await other.sim.receive(other.orderId, await collect(world, await other.sim.attest(other.orderId)))
    const signatures = [
      one.sim.finish(randomUUID()),
      other.sim.finish(one.orderId),
      new Uint8Array(sign('sha256', new Uint8Array(32), keyObjectOf(privateKey as RsaCrt))),
      one.sim.finish(one.orderId).with(5, 0),
      ...[0, 511, 1024, 2047].map((bit) => {
        const right = one.sim.finish(one.orderId)
        return right.with(bit >> 3, (right[bit >> 3] ?? 0) ^ (1 << (bit & 7)))
      }),
      new Uint8Array(),
    ]
    for (const signature of signatures)
      await assert.rejects(prove(world, { orderId: one.orderId, signature }), refuses('possession.invalid'))
    assert.equal(await stateOf(world, one.certificate), 'pending')
  })

  it('is refused for an order without a certificate, and after the certificate was revoked', async () => {
    const signature = new Uint8Array(256)
    await assert.rejects(prove(world, { orderId: randomUUID(), signature }), refuses('reference.not-found'))
    const { orderId, sim, certificate } = await delivered(world, await enrolled(world))
    await revoke(world, { authority: 'auth', serialNumber: certificate.serialNumber, reason: 'keyCompromise' })
    await assert.rejects(prove(world, { orderId, signature: sim.finish(orderId) }), refuses('certificate.revoked'))
  })

  it('gives a person one phone: the earlier one is superseded and answers to the new serial number', async () => {
    const card = await enrolled(world)
    const first = await delivered(world, card)
    const pending = await ordered(world, card)
    assert.equal(await stateOf(world, first.certificate), 'valid')
    const second = await delivered(world, card)
    assert.equal(await stateOf(world, first.certificate), 'revoked superseded')
    assert.equal(await stateOf(world, second.certificate), 'valid')
    assert.equal(await stateOf(world, pending.certificate), 'pending')
    const old = await world.register.certificates.find('auth', first.certificate.serialNumber)
    assert.equal(old?.successor, second.certificate.serialNumber)
  })

  it('supersedes a phone on hold, and leaves the phones of others alone', async () => {
    const card = await enrolled(world)
    const others = await delivered(world, await enrolled(world))
    const lost = await delivered(world, card)
    await revoke(world, { authority: 'auth', serialNumber: lost.certificate.serialNumber, reason: 'certificateHold' })
    await delivered(world, card)
    assert.equal(await stateOf(world, lost.certificate), 'revoked superseded')
    assert.equal(await stateOf(world, others.certificate), 'valid')
  })
})
