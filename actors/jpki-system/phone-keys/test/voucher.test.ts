/** SIMs without CASD as the JPKI system sees them: on whose word it seals a private key, and when it never does. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { Attestation, iccidOctets, type VouchedPurpose, Voucher, voucherToSign } from '@mobile-jpki/jpki'
import fc from 'fast-check'
import { controllingAuthority, makeSim, type Sim } from '../../test/sim.ts'
import {
  authority,
  certifyOnCardKey,
  collect,
  type Enrolled,
  enrolled,
  phoneCertificates,
  prove,
  type Surroundings,
  stateOf,
  surroundings,
} from '../../test/surroundings.ts'

const spTsm = controllingAuthority()
const refuses = (code: string, message?: RegExp) => (error: { code?: string; message: string }) => {
  assert.equal(error.code, code, error.message)
  if (message !== undefined) assert.match(error.message, message)
  return true
}
let serial = 0
const newIccid = () => `898120002215${String(2_000_000 + ++serial)}`

/** DGI '0E02' of a SIM without CASD, as SP-TSM hands it on. */
async function vouched(sim: Sim, orderId: string, by = spTsm, purpose: VouchedPurpose = 'envelopeKey') {
  const { attestation, ...delivery } = await sim.attest(orderId)
  const { publicKey } = Attestation.decode(attestation)
  const context = { instanceAid: delivery.instanceAid, iccid: iccidOctets(sim.iccid), orderId }
  const signature = by.sign(voucherToSign(purpose, publicKey, context))
  return { ...delivery, attestation: Voucher.encode({ publicKey, signature }) }
}

describe('an order for a SIM without CASD', () => {
  let world: Surroundings
  let card: Enrolled
  before(async () => {
    world = await surroundings({ voucherKeys: [spTsm.point] })
    card = await enrolled(world)
  })
  after(() => world.close())

  const requested = async (attestedBy?: 'casd' | 'voucher', sim = makeSim(authority, newIccid())) => {
    const request = { orderId: randomUUID(), signCertificate: card.sign.serialNumber, iccid: sim.iccid }
    const certificate = await phoneCertificates(world).request({ ...request, ...(attestedBy && { attestedBy }) })
    return { sim, request, orderId: request.orderId, certificate }
  }

  it('is delivered on SP-TSM’s voucher, and its certificate good after the proof', async () => {
    const { sim, orderId, certificate } = await requested('voucher')
    const content = await sim.receive(orderId, await collect(world, await vouched(sim, orderId)))
    assert.deepEqual(content.certificate, certificate.der)
    await prove(world, { orderId, signature: sim.finish(orderId) })
    assert.equal(await stateOf(world, certificate), 'valid')
  })
  it('is not delivered on another’s voucher, for another purpose, nor with any bit changed', async () => {
    const { sim, orderId } = await requested('voucher')
    const stranger = await vouched(sim, orderId, controllingAuthority())
    await assert.rejects(collect(world, stranger), refuses('sim.attestation-invalid', /signature/))
    const deletion = await vouched(sim, orderId, spTsm, 'deletion')
    await assert.rejects(collect(world, deletion), refuses('sim.attestation-invalid', /signature/))
    const good = await vouched(sim, orderId)
    await fc.assert(
      fc.asyncProperty(fc.nat(good.attestation.length * 8 - 1), async (bit) => {
        const octet = (good.attestation[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const attestation = good.attestation.with(bit >> 3, octet)
        await assert.rejects(collect(world, { ...good, attestation }), { name: 'Refusal' })
      }),
      { numRuns: 100 },
    )
  })
  it('is not delivered on the word of a CASD that the SIM has not', async () => {
    const { sim, orderId } = await requested('voucher')
    await assert.rejects(collect(world, await sim.attest(orderId)), refuses('sim.attestation-invalid', /attester/))
  })
  it('has its key made here: none that was made on card is certified on a voucher', async () => {
    const sim = makeSim(authority, newIccid())
    const request = { orderId: randomUUID(), signCertificate: card.sign.serialNumber, iccid: sim.iccid }
    await assert.rejects(
      phoneCertificates(world).reserve({ ...request, attestedBy: 'voucher' }),
      refuses('not-supported', /CASD/),
    )
    await phoneCertificates(world).reserve(request)
    const { publicKey } = Attestation.decode(sim.attestKey(request.orderId).attestation)
    const attestation = Voucher.encode({ publicKey: publicKey.subarray(0, 65), signature: new Uint8Array(64) })
    await assert.rejects(
      certifyOnCardKey(world, { ...sim.attestKey(request.orderId), attestation }),
      refuses('sim.attestation-invalid', /attester/),
    )
  })
})

describe('a SIM with CASD', () => {
  let world: Surroundings
  let card: Enrolled
  before(async () => {
    world = await surroundings({ voucherKeys: [spTsm.point] })
    card = await enrolled(world)
  })
  after(() => world.close())
  const request = (iccid: string) => ({ orderId: randomUUID(), signCertificate: card.sign.serialNumber, iccid })

  it('is never believed on a voucher, said or not said', async () => {
    for (const said of [{}, { attestedBy: 'casd' }] as const) {
      const sim = makeSim(authority, newIccid())
      const order = request(sim.iccid)
      await phoneCertificates(world).request({ ...order, ...said })
      await assert.rejects(
        collect(world, await vouched(sim, order.orderId)),
        refuses('sim.attestation-invalid', /attester/),
      )
    }
  })
  it('does not become one without, for an order that was made', async () => {
    const order = request(newIccid())
    await phoneCertificates(world).request(order)
    await assert.rejects(
      phoneCertificates(world).request({ ...order, attestedBy: 'voucher' }),
      refuses('conditions.not-satisfied', /attested by casd/),
    )
  })
  it('does not become one without, once it has spoken: whoever says so is named', async () => {
    const sim = makeSim(authority, newIccid())
    const order = request(sim.iccid)
    await phoneCertificates(world).request(order)
    await sim.receive(order.orderId, await collect(world, await sim.attest(order.orderId)))
    await prove(world, { orderId: order.orderId, signature: sim.finish(order.orderId) })
    await assert.rejects(
      phoneCertificates(world).request({ ...request(sim.iccid), attestedBy: 'voucher' }),
      (error: { code?: string; whose?: string }) => {
        assert.deepEqual([error.code, error.whose], ['sim.attestation-invalid', 'sp-tsm'])
        return true
      },
    )
  })
})

describe('a JPKI system that was told of no voucher key', () => {
  it('believes none', async () => {
    const world = await surroundings()
    const { sign } = await enrolled(world)
    const sim = makeSim(authority, newIccid())
    const order = { orderId: randomUUID(), signCertificate: sign.serialNumber, iccid: sim.iccid }
    await phoneCertificates(world).request({ ...order, attestedBy: 'voucher' })
    await assert.rejects(collect(world, await vouched(sim, order.orderId)), refuses('sim.attestation-invalid'))
    await world.close()
  })
})
