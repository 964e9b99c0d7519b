/** What a phone's key signs: one statement has one encoding, and nothing else passes for it. docs/protocols/access-code.md. */
import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { before, describe, it } from 'node:test'
import fc from 'fast-check'
import { type DeviceStatement, deviceToSign, isSignedByDevice, pointOf, signDevice } from '../index.ts'

const runs = { numRuns: 300 }
const text = fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('', 'a', 'aa', '\0', '\0a', 'download'))
const octets = fc.uint8Array({ maxLength: 3 })
const statements: fc.Arbitrary<DeviceStatement> = fc.record(
  { purpose: text, origin: text, orderId: text, iccid: text, challenge: octets },
  { noNullPrototype: true },
)
const statement: DeviceStatement = {
  purpose: 'download',
  origin: 'https://sp-tsm.example',
  orderId: '2f1c1f3e-6e0f-4a43-9d0a-9a1f3f1f8c11',
  iccid: '8981100022152967705',
  challenge: new Uint8Array(54).fill(3),
}

describe('the statement of a phone', () => {
  let pair: CryptoKeyPair
  let point: Uint8Array
  let signature: Uint8Array
  before(async () => {
    pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
    point = await pointOf(pair.publicKey)
    signature = await signDevice(pair.privateKey, statement)
  })

  it('is never that of another purpose, SP-TSM, order, SIM or challenge', () =>
    fc.assert(
      fc.property(statements, statements, (one, other) => {
        const isSame = deviceToSign(one).toHex() === deviceToSign(other).toHex()
        assert.equal(isSame, fc.stringify(one) === fc.stringify(other))
      }),
      runs,
    ))
  it('has no octets for a text that has none of its own, nor for one too long', () => {
    assert.throws(() => deviceToSign({ ...statement, origin: '\ud800' }), RangeError)
    assert.throws(() => deviceToSign({ ...statement, orderId: 'a'.repeat(0x10000) }), RangeError)
  })
  it('signed is verified by us and by OpenSSL alike', async () => {
    assert.ok(await isSignedByDevice(point, statement, signature))
    const [x = '', y = ''] = [point.slice(1, 33), point.slice(33)].map((part) =>
      Buffer.from(part).toString('base64url'),
    )
    const key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' })
    assert.ok(verify('sha256', deviceToSign(statement), { key, dsaEncoding: 'ieee-p1363' }, signature))
  })
  it('is not verified with any part of it another', async () => {
    const changes: Partial<DeviceStatement>[] = [
      { purpose: 'pin-reset' },
      { origin: 'https://evil.example' },
      { orderId: '' },
      { iccid: '8981100022152967713' },
      { challenge: statement.challenge.with(53, 4) },
    ]
    for (const change of changes)
      assert.equal(await isSignedByDevice(point, { ...statement, ...change }, signature), false)
    const other = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
    assert.equal(await isSignedByDevice(await pointOf(other.publicKey), statement, signature), false)
  })
  it('is not verified with any bit of challenge, signature or key changed', () => {
    const changed = (value: Uint8Array, bit: number) => value.with(bit >> 3, (value[bit >> 3] ?? 0) ^ (1 << (bit & 7)))
    const bits = fc.nat(8 * 54 - 1)
    return fc.assert(
      fc.asyncProperty(bits, fc.constantFrom('challenge', 'signature', 'key'), async (bit, what) => {
        const challenge = what === 'challenge' ? changed(statement.challenge, bit) : statement.challenge
        const signed = what === 'signature' ? changed(signature, bit) : signature
        const key = what === 'key' ? changed(point, bit) : point
        assert.equal(await isSignedByDevice(key, { ...statement, challenge }, signed), false)
      }),
      runs,
    )
  })
})
