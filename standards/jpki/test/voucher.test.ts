/** Vouchers for SIMs without CASD: what holds, and that any bit changed breaks it. docs/protocols/personalization.md. */
import assert from 'node:assert/strict'
import { createECDH, createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { describe, it } from 'node:test'
import { TlvError } from '@mobile-jpki/tlv'
import fc from 'fast-check'
import {
  Attestation,
  type AttestationTrust,
  type AttestedContext,
  type AttestedPurpose,
  appletInstance,
  attestationIn,
  attesterOf,
  flawOfAttestation,
  iccidOctets,
  isVouchedByApplet,
  VouchedAnswer,
  type VouchedPurpose,
  VouchedRequest,
  Voucher,
  vouchedToSign,
  voucherToSign,
} from '../index.ts'

const runs = { numRuns: 300 }
const context: AttestedContext = {
  instanceAid: appletInstance,
  iccid: iccidOctets('8981200022152967705'),
  orderId: '2f1c1f3e-6e0f-4a43-9d0a-9a1f3f1f8c11',
}
const others: readonly AttestedContext[] = [
  { ...context, instanceAid: appletInstance.slice(0, -1) },
  { ...context, iccid: iccidOctets('8981200022152967713') },
  { ...context, orderId: '2f1c1f3e-6e0f-4a43-9d0a-9a1f3f1f8c12' },
]
const point = new Uint8Array(createECDH('prime256v1').generateKeys())
const changed = (octets: Uint8Array, bit: number) => octets.with(bit >> 3, (octets[bit >> 3] ?? 0) ^ (1 << (bit & 7)))
const bitsOf = (octets: Uint8Array) => fc.nat(octets.length * 8 - 1)

/** SP-TSM's voucher key, outside our own code. */
function signingPair() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  return {
    point: new Uint8Array(Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])),
    sign: (octets: Uint8Array) =>
      new Uint8Array(sign('sha256', octets, { key: privateKey, dsaEncoding: 'ieee-p1363' })),
  }
}
const spTsm = signingPair()
const trust: AttestationTrust = { attestedBy: 'voucher', voucherKeys: [spTsm.point] }
const at = new Date('2026-04-01T00:00:00Z')
const voucherFor = (purpose: VouchedPurpose = 'envelopeKey', publicKey = point, by = spTsm): Voucher => ({
  publicKey,
  signature: by.sign(voucherToSign(purpose, publicKey, context)),
})
const flawOf = (
  voucher: Attestation,
  believed: AttestationTrust = trust,
  purpose: AttestedPurpose = 'envelopeKey',
  about = context,
) => flawOfAttestation(voucher, purpose, about, believed, at)

describe('an applet’s answer under the vouching key', () => {
  const vouchingKey = new Uint8Array(32).fill(7)
  const answerFor = (purpose: VouchedPurpose, publicKey = point): VouchedAnswer => ({
    publicKey,
    mac: new Uint8Array(
      createHmac('sha256', vouchingKey)
        .update(vouchedToSign(purpose, publicKey, context))
        .digest(),
    ),
  })

  it('is the HMAC of the very statement that a CASD would sign', async () => {
    assert.ok(await isVouchedByApplet(answerFor('envelopeKey'), vouchingKey, 'envelopeKey', context))
    assert.ok(await isVouchedByApplet(answerFor('deletion', new Uint8Array()), vouchingKey, 'deletion', context))
  })
  it('is none for another purpose, application, SIM, order or vouching key', async () => {
    const answer = answerFor('envelopeKey')
    assert.equal(await isVouchedByApplet(answer, vouchingKey, 'deletion', context), false)
    assert.equal(await isVouchedByApplet(answer, vouchingKey.with(31, 8), 'envelopeKey', context), false)
    for (const other of others) assert.equal(await isVouchedByApplet(answer, vouchingKey, 'envelopeKey', other), false)
  })
  it('with any bit of it changed is none, or no answer', () => {
    const octets = VouchedAnswer.encode(answerFor('envelopeKey'))
    return fc.assert(
      fc.asyncProperty(bitsOf(octets), async (bit) => {
        const read = answerOf(changed(octets, bit))
        assert.ok(read === undefined || !(await isVouchedByApplet(read, vouchingKey, 'envelopeKey', context)))
      }),
      runs,
    )
  })
  const answerOf = (octets: Uint8Array): VouchedAnswer | undefined => {
    try {
      return VouchedAnswer.decode(octets)
    } catch (error) {
      assert.ok(error instanceof TlvError)
      return undefined
    }
  }
  it('never shows the key that it was asked under', () => {
    const request = { orderId: new TextEncoder().encode('order-1'), vouchingKey: new Uint8Array(32).fill(0xa5) }
    assert.deepEqual(VouchedRequest.decode(VouchedRequest.encode(request)), request)
    assert.doesNotMatch(VouchedRequest.show?.(request) ?? '', /a5a5/i)
    for (const length of [0, 16, 31, 33])
      assert.throws(() => VouchedRequest.encode({ ...request, vouchingKey: new Uint8Array(length) }), TlvError)
  })
})

describe('a voucher', () => {
  it('holds by one of the keys that are believed, for a key and for a deletion', async () => {
    assert.equal(await flawOf(voucherFor()), undefined)
    const two: AttestationTrust = { attestedBy: 'voucher', voucherKeys: [signingPair().point, spTsm.point] }
    assert.equal(await flawOf(voucherFor(), two), undefined)
    assert.equal(await flawOf(voucherFor('deletion', new Uint8Array()), trust, 'deletion'), undefined)
  })
  it('never holds for a SIM that has a CASD', async () =>
    assert.equal(
      await flawOf(voucherFor(), { attestedBy: 'casd', authorities: [spTsm.point], applets: [] }),
      'attester',
    ))
  it('never holds for a key made on card', async () =>
    assert.equal(await flawOf(voucherFor(), trust, 'userAuthenticationKey'), 'usage'))
  it('does not hold by another key, by none, for another purpose, application, SIM or order', async () => {
    assert.equal(await flawOf(voucherFor('envelopeKey', point, signingPair())), 'signature')
    assert.equal(await flawOf(voucherFor(), { attestedBy: 'voucher', voucherKeys: [] }), 'signature')
    assert.equal(await flawOf(voucherFor('deletion')), 'signature')
    for (const other of others) assert.equal(await flawOf(voucherFor(), trust, 'envelopeKey', other), 'signature')
  })
  it('does not hold with any bit changed', () => {
    const octets = Voucher.encode(voucherFor())
    assert.equal(attesterOf(attestationIn(octets) as Attestation), 'voucher')
    return fc.assert(
      fc.asyncProperty(bitsOf(octets), async (bit) => {
        const read = attestationIn(changed(octets, bit))
        assert.ok(read === undefined || (await flawOf(read)) !== undefined)
      }),
      runs,
    )
  })
  it('comes back as it was', () => {
    const voucher = voucherFor()
    assert.deepEqual(attestationIn(Attestation.encode(voucher)), voucher)
  })
})

describe('an attestation by a CASD', () => {
  it('is not believed where the SIM has none: one of them counts, and it is known which', async () => {
    const attestation = { publicKey: point, signature: new Uint8Array(64), certificate: new Uint8Array(200) }
    assert.equal(attesterOf(attestation), 'casd')
    assert.equal(await flawOf(attestation), 'attester')
  })
})
