/** Lightweight OCSP, RFC 5019: what is written in place is octet for octet what the declared structures encode. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import fc from 'fast-check'
import { certId, ocspRequest, sha1, sha256, verifyOcspResponse } from '../../crypto.ts'
import {
  algorithms,
  CertID,
  CrlReason,
  derEcdsaSignature,
  type LightweightAnswer,
  type LightweightWriter,
  lightweightPrefix,
  lightweightWriter,
  ocspResponseOf,
  plainEcdsaSignature,
  ResponseData,
} from '../../index.ts'
import { type Issued, issueResponder, makeCa, now } from '../../test/hierarchy.ts'

const hash = (algorithm: 'sha1' | 'sha256', octets: Uint8Array) =>
  algorithm === 'sha1' ? sha1(octets) : sha256(octets)
const seconds = (at: Date) => Math.floor(at.getTime() / 1000)
const dateOf = (at: number) => new Date(at * 1000)

let ca: Issued
let responder: Issued
let writer: LightweightWriter
before(async () => {
  ca = await makeCa()
  responder = await issueResponder(ca)
  const keyHash = sha1(responder.certificate.publicKeyBits)
  writer = lightweightWriter({ issuer: ca.certificate, keyHash, certificate: responder.der, hash })
})

const time = fc.integer({ min: 0, max: seconds(new Date('2105-12-31T23:59:59Z')) })
const serialNumber = fc
  .uint8Array({ minLength: 8, maxLength: 8 })
  .map((octets) => octets.with(0, ((octets[0] ?? 0) & 0x3f) | 0x40))
const reason = fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 8, 9, 10)
const answers: fc.Arbitrary<LightweightAnswer> = fc.record({
  serialNumber,
  revoked: fc.option(fc.record({ at: time, reason }), { nil: undefined }),
  thisUpdate: time,
  nextUpdate: time,
})

function declared({ serialNumber: serial, revoked, thisUpdate, nextUpdate }: LightweightAnswer): ResponseData {
  const value = certId(ca.certificate, serial.toHex())
  const revocationReason = CrlReason.decode(Uint8Array.of(0x0a, 1, revoked?.reason ?? 0))
  return {
    version: 0,
    responderID: { kind: 'byKey', value: sha1(responder.certificate.publicKeyBits) },
    producedAt: dateOf(thisUpdate),
    responses: [
      {
        certID: { value, octets: CertID.encode(value) },
        certStatus:
          revoked === undefined
            ? { kind: 'good', value: null }
            : {
                kind: 'revoked',
                value: {
                  revocationTime: dateOf(revoked.at),
                  ...(revocationReason !== 'unspecified' && { revocationReason }),
                },
              },
        thisUpdate: dateOf(thisUpdate),
        nextUpdate: dateOf(nextUpdate),
      },
    ],
  }
}

describe('lightweight OCSP', () => {
  it('knows a request by all that stands before its serial number', () => {
    const prefix = lightweightPrefix(ca.certificate, hash)
    assert.equal(ocspRequest(ca.certificate, '4142434445464748').toHex(), `${prefix.toHex()}4142434445464748`)
    const different = ['41', '414243444546474849'].map((serial) => ocspRequest(ca.certificate, serial))
    const nonced = ocspRequest(ca.certificate, '4142434445464748', Uint8Array.of(1))
    for (const request of [...different, nonced]) assert.ok(!request.toHex().startsWith(prefix.toHex()))
  })

  it('writes what is signed as the declared structure does', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        assert.equal(writer.toBeSigned(answer).toHex(), ResponseData.encode(declared(answer)).toHex())
      }),
    )
  })

  it('writes the response as the declared structure does, whatever the numbers of the signature', () => {
    const number = fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((octets) => octets.with(31, (octets[31] ?? 0) | 1))
    const small = fc.uint8Array({ minLength: 1, maxLength: 4 }).map((tail) => {
      const octets = new Uint8Array(32)
      octets.set(tail, 32 - tail.length)
      octets[31] = (octets[31] ?? 0) | 1
      return octets
    })
    fc.assert(
      fc.property(answers, fc.oneof(number, small), fc.oneof(number, small), (answer, r, s) => {
        const signature = Uint8Array.of(...r, ...s)
        const value = declared(answer)
        const expected = ocspResponseOf({
          tbsResponseData: { value, octets: ResponseData.encode(value) },
          signatureAlgorithm: algorithms.ecdsaWithSHA256,
          signature: derEcdsaSignature(signature),
          certs: [responder.der],
        })
        assert.equal(writer.response(answer, signature).toHex(), expected.toHex())
      }),
    )
  })

  it('is believed for the status that was signed, and for no other', async () => {
    const answer = {
      serialNumber: Uint8Array.fromHex('4142434445464748'),
      thisUpdate: seconds(now),
      nextUpdate: seconds(now) + 60,
    }
    const signature = plainEcdsaSignature(await responder.signer.sign(writer.toBeSigned(answer)))
    const expected = { issuer: ca.certificate, serialNumber: '4142434445464748', at: dateOf(seconds(now)) }
    assert.equal((await verifyOcspResponse(writer.response(answer, signature), expected)).status, 'good')
    const changed = { ...answer, revoked: { at: seconds(now), reason: 1 } }
    await assert.rejects(verifyOcspResponse(writer.response(changed, signature), expected), { code: 'signature' })
  })

  it('refuses serial numbers that have no place in it', () => {
    const answer = { serialNumber: Uint8Array.of(1), thisUpdate: 0, nextUpdate: 0 }
    assert.throws(() => writer.toBeSigned(answer), RangeError)
  })
})
