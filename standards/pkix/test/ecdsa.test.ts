/** ECDSA signatures in both forms, against node:crypto, which writes either. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { describe, it } from 'node:test'
import { DerError } from '@mobile-jpki/der'
import fc from 'fast-check'
import { EcdsaSigValue, plainEcdsaSignature } from '../ecdsa.ts'

describe('a plain ECDSA signature', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

  it('is what a verifier of r ‖ s accepts, however short r or s are', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (message) => {
        const plain = plainEcdsaSignature(new Uint8Array(sign('sha256', message, privateKey)))
        assert.equal(plain.length, 64)
        assert.ok(verify('sha256', message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, plain))
      }),
    ))

  it('has leading zeros where r or s are small', () =>
    assert.equal(
      plainEcdsaSignature(EcdsaSigValue.encode({ r: 1n, s: 0xabcn })).toHex(),
      `${'1'.padStart(64, '0')}${'abc'.padStart(64, '0')}`,
    ))

  for (const [what, r] of [
    ['too large', 1n << 256n],
    ['zero', 0n],
    ['negative', -1n],
  ] as const)
    it(`is refused when a part is ${what}`, () =>
      assert.throws(() => plainEcdsaSignature(EcdsaSigValue.encode({ r, s: 1n })), DerError))
})
