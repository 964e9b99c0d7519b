/** On-card mode as the JPKI system sees it: what it certifies, for whom, how often; that no private key is here at any time. */
import assert from 'node:assert/strict'
import { createPublicKey, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { appletModule } from '@mobile-jpki/jpki'
import { parseCertificate, rsaPublicKeyInfo } from '@mobile-jpki/pkix'
import { attestedForm, controllingAuthority, makeSim } from '../../test/sim.ts'
import {
  authority,
  certifyOnCardKey,
  collect,
  day,
  delivered,
  discard,
  type Enrolled,
  enrolled,
  person,
  phoneCertificates,
  prove,
  revoke,
  type Surroundings,
  stateOf,
  surroundings,
} from '../../test/surroundings.ts'

const refuses = (code: string, message?: RegExp) => (error: { code?: string; message: string }) => {
  assert.equal(error.code, code, error.message)
  if (message !== undefined) assert.match(error.message, message)
  return true
}
const roca = Uint8Array.fromHex(JSON.parse(readFileSync(join(import.meta.dirname, 'roca.json'), 'utf8')).modulus)

describe('a key that the SIM made', () => {
  let world: Surroundings
  let card: Enrolled
  before(async () => {
    const never = () => Promise.reject(new Error('no key is made here'))
    world = await surroundings({ keyPairs: { generate: never } })
    card = await enrolled(world)
  })
  after(() => world.close())

  const reserved = async (sim = makeSim(authority), { sign } = card) => {
    const request = { orderId: randomUUID(), signCertificate: sign.serialNumber, iccid: sim.iccid }
    assert.equal(await phoneCertificates(world).reserve(request), undefined)
    return { ...request, sim }
  }
  const orderOf = (orderId: string) => world.register.orders.find(orderId)

  it('is certified, delivered without a private key, and good after the proof', async () => {
    const { orderId, sim } = await reserved()
    const certificate = await certifyOnCardKey(world, sim.attestKey(orderId))
    assert.equal(await stateOf(world, certificate), 'pending')
    const steps = world.traced.entries().flatMap(({ step, order }) => (order === orderId ? [step] : []))
    assert.deepEqual(steps, ['⑦', '⑧'])
    const content = await sim.receive(orderId, await collect(world, await sim.attest(orderId)))
    assert.equal(content.privateKey, undefined)
    assert.deepEqual(content.certificate, certificate.der)
    assert.deepEqual(content.caCertificate, world.authorities.current('auth').certificate)
    await prove(world, { orderId, signature: sim.finish(orderId) })
    assert.equal(await stateOf(world, certificate), 'valid')
    assert.ok(
      createPublicKey({ key: Buffer.from(parseCertificate(certificate.der).publicKey), type: 'spki', format: 'der' }),
    )
  })

  it('never meets the stock: an order on card takes nothing of it, and keeps no key', async () => {
    await world.register.keyStock.add({ id: 'aa', publicKey: Uint8Array.of(1), sealedPrivateKey: Uint8Array.of(2) })
    const { orderId, sim } = await reserved()
    await certifyOnCardKey(world, sim.attestKey(orderId))
    assert.equal(await world.register.keyStock.size(), 1)
    const order = await orderOf(orderId)
    assert.deepEqual([order?.keyGeneration, order?.sealedPrivateKey, order?.taken], ['on-card', undefined, undefined])
  })

  it('may be shown again, now, at the same time and after the proof, and has one certificate', async () => {
    const { orderId, sim, ...request } = await reserved()
    const shown = sim.attestKey(orderId)
    const [first, again] = await Promise.all([certifyOnCardKey(world, shown), certifyOnCardKey(world, shown)])
    assert.equal(again.serialNumber, first.serialNumber)
    const answered = await phoneCertificates(world).reserve({
      orderId,
      signCertificate: request.signCertificate,
      iccid: sim.iccid,
    })
    assert.equal(answered?.serialNumber, first.serialNumber)
    await sim.receive(orderId, await collect(world, await sim.attest(orderId)))
    await prove(world, { orderId, signature: sim.finish(orderId) })
    assert.equal((await certifyOnCardKey(world, sim.attestKey(orderId))).serialNumber, first.serialNumber)
  })

  it('gives way to another one of the same SIM and order, when it was lost before the proof', async () => {
    const { orderId, sim } = await reserved()
    const lost = await certifyOnCardKey(world, sim.attestKey(orderId))
    sim.loseKey()
    const certificate = await certifyOnCardKey(world, sim.attestKey(orderId))
    assert.equal(await stateOf(world, lost), 'revoked unspecified')
    assert.equal(await stateOf(world, certificate), 'pending')
    assert.equal((await orderOf(orderId))?.endedAt, undefined)
    await sim.receive(orderId, await collect(world, await sim.attest(orderId)))
    await prove(world, { orderId, signature: sim.finish(orderId) })
    sim.loseKey()
    await assert.rejects(certifyOnCardKey(world, sim.attestKey(orderId)), refuses('conditions.not-satisfied', /valid/))
  })

  it('is refused when two orders show the same, and when a card was certified for it', async () => {
    const [one, other] = [await reserved(), await reserved()]
    const key = attestedForm(modulusOf(one.sim.attestKey(one.orderId).attestation))
    await certifyOnCardKey(world, one.sim.attestKey(one.orderId))
    await assert.rejects(
      certifyOnCardKey(world, other.sim.attestKey(other.orderId, { key })),
      refuses('key.unfit', /already/),
    )
    assert.equal((await orderOf(other.orderId))?.serialNumber, undefined)
    const third = await reserved()
    const shown = third.sim.attestKey(third.orderId)
    const info = rsaPublicKeyInfo({ modulus: modulusOf(shown.attestation), publicExponent: Uint8Array.of(1, 0, 1) })
    await enrolled(world, { ...person(), signPublicKey: info })
    await assert.rejects(certifyOnCardKey(world, shown), refuses('key.unfit', /already/))
  })

  it('is refused when it is weak or of another kind', async () => {
    const { orderId, sim } = await reserved()
    for (const [key, why] of [
      [attestedForm(roca), /CVE-2017-15361/],
      [attestedForm(roca.subarray(0, 128)), /2048/],
      [attestedForm(roca, Uint8Array.of(3)), /65537/],
    ] as const)
      await assert.rejects(certifyOnCardKey(world, sim.attestKey(orderId, { key })), refuses('key.unfit', why))
    for (const key of [new Uint8Array(), Uint8Array.of(0), attestedForm(roca).subarray(1), Uint8Array.of(0, 0, 0, 0)])
      await assert.rejects(certifyOnCardKey(world, sim.attestKey(orderId, { key })), refuses('request.malformed'))
    assert.equal((await orderOf(orderId))?.serialNumber, undefined)
  })

  it('is refused without the word of a CASD for that SIM, application, order and purpose', async () => {
    const { orderId, sim } = await reserved()
    const shown = sim.attestKey(orderId)
    const strangers = makeSim(controllingAuthority()).attestKey(orderId)
    const otherOrder = { ...makeSim(authority).attestKey(randomUUID()), orderId }
    const otherPurpose = await sim.attest(orderId)
    const otherApplication = sim.attestKey(orderId, { instanceAid: appletModule })
    const expired = makeSim(authority, sim.iccid, { effectiveDate: '20200101', expirationDate: '20201231' })
    for (const delivery of [strangers, otherOrder, otherPurpose, otherApplication, expired.attestKey(orderId)])
      await assert.rejects(certifyOnCardKey(world, delivery), refuses('sim.attestation-invalid'))
    const otherSim = makeSim(authority, '8981100022152967713')
    await assert.rejects(certifyOnCardKey(world, otherSim.attestKey(orderId)), refuses('sim.not-the-named-one'))
    const pretending = { ...otherSim.attestKey(orderId), iccid: sim.iccid }
    await assert.rejects(certifyOnCardKey(world, pretending), refuses('sim.attestation-invalid', /subject/))
    for (let at = 0; at < shown.attestation.length; at += 61)
      await assert.rejects(
        certifyOnCardKey(world, {
          ...shown,
          attestation: shown.attestation.with(at, (shown.attestation[at] ?? 0) ^ 1),
        }),
        { name: 'Refusal' },
      )
  })

  it('is refused for an order that nobody knows, that has its key made here, or that has ended', async () => {
    const sim = makeSim(authority)
    await assert.rejects(certifyOnCardKey(world, sim.attestKey(randomUUID())), refuses('reference.not-found'))
    const gone = await reserved()
    await discard(world, gone.orderId)
    await assert.rejects(
      certifyOnCardKey(world, gone.sim.attestKey(gone.orderId)),
      refuses('conditions.not-satisfied', /ended/),
    )
    const late = await reserved()
    world.at(new Date(world.now().getTime() + 15 * day))
    await assert.rejects(
      certifyOnCardKey(world, late.sim.attestKey(late.orderId)),
      refuses('conditions.not-satisfied', /over/),
    )
    world.at('2026-04-01T03:00:00Z')
  })

  it('is refused when the card was revoked, or renewed, since the order was made', async () => {
    const lost = await enrolled(world)
    const order = await reserved(undefined, lost)
    await revoke(world, { authority: 'auth', serialNumber: lost.auth.serialNumber, reason: 'keyCompromise' })
    await assert.rejects(certifyOnCardKey(world, order.sim.attestKey(order.orderId)), refuses('certificate.revoked'))
    const renewing = await enrolled(world)
    const other = await reserved(undefined, renewing)
    await enrolled(world, { renews: renewing.auth.serialNumber })
    await assert.rejects(certifyOnCardKey(world, other.sim.attestKey(other.orderId)), { name: 'Refusal' })
  })

  it('is asked for by one mode alone: an order keeps the one that it was made with', async () => {
    const { orderId, sim } = await reserved()
    const request = { orderId, signCertificate: card.sign.serialNumber, iccid: sim.iccid }
    await assert.rejects(phoneCertificates(world).request(request), refuses('conditions.not-satisfied', /on-card/))
  })

  it('has nothing to collect, nor to prove, before it is certified', async () => {
    const { orderId, sim } = await reserved()
    await assert.rejects(collect(world, await sim.attest(orderId)), refuses('conditions.not-satisfied'))
    await assert.rejects(prove(world, { orderId, signature: new Uint8Array(256) }), refuses('conditions.not-satisfied'))
  })
})

describe('orders in both modes', () => {
  it('supersede each other: one phone per person, wherever its key was made', async () => {
    const world = await surroundings()
    const card = await enrolled(world)
    const first = await delivered(world, card)
    const sim = makeSim(authority)
    const request = { orderId: randomUUID(), signCertificate: card.sign.serialNumber, iccid: sim.iccid }
    await phoneCertificates(world).reserve(request)
    await assert.rejects(
      certifyOnCardKey(world, sim.attestKey(first.orderId)),
      refuses('conditions.not-satisfied', /JPKI/),
    )
    const certificate = await certifyOnCardKey(world, sim.attestKey(request.orderId))
    await sim.receive(request.orderId, await collect(world, await sim.attest(request.orderId)))
    await prove(world, { orderId: request.orderId, signature: sim.finish(request.orderId) })
    assert.equal(await stateOf(world, first.certificate), 'revoked superseded')
    assert.equal(await stateOf(world, certificate), 'valid')
    await world.close()
  })
})

/** Out of 71 { 86 { LV2(modulus) … } … }. */
const modulusOf = (attestation: Uint8Array): Uint8Array => {
  const at = attestation.indexOf(0x86)
  return attestation.slice(at + 4 + 2, at + 4 + 2 + 256)
}
