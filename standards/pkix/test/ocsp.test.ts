/** OCSP: asked, answered, verified, and every refusal for its own reason. RFC 6960, RFC 9654. */

import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { DerError } from '@mobile-jpki/der'
import {
  type CertificateStatus,
  certId,
  concerns,
  type OcspAnswer,
  OcspError,
  type OcspExpectation,
  type OcspRefusal,
  ocspRequest,
  signOcspResponse,
  verifyOcspResponse,
} from '../crypto.ts'
import * as pkix from '../index.ts'
import { hoursFromNow, type Issued, issueBy, issueResponder, makeCa, now } from './hierarchy.ts'

const serialNumber = '06d18006'
const nonce = Uint8Array.from({ length: pkix.nonceLength }, (_, index) => index)

let ca: Issued
let responder: Issued
before(async () => {
  ca = await makeCa()
  responder = await issueResponder(ca)
})

const good: CertificateStatus = { status: 'good' }
const request = (sent: Uint8Array | undefined = nonce) => ocspRequest(ca.certificate, serialNumber, sent)

const answer = (status: CertificateStatus, changes: Partial<OcspAnswer> = {}, by: Issued = responder) =>
  signOcspResponse(
    {
      request: pkix.parseOcspRequest(request()),
      statuses: [status],
      producedAt: now,
      thisUpdate: now,
      nextUpdate: hoursFromNow(1),
      responderCertificate: by.der,
      ...changes,
    },
    by.signer,
  )
const verify = async (response: Uint8Array | Promise<Uint8Array>, changes: Partial<OcspExpectation> = {}) =>
  verifyOcspResponse(await response, { issuer: ca.certificate, serialNumber, at: now, nonce, ...changes })

describe('a request', () => {
  it('names the certificate and carries the nonce', () => {
    const parsed = pkix.parseOcspRequest(request())
    const [asked] = parsed.asked
    assert.equal(asked?.serialNumber, serialNumber)
    assert.equal(parsed.nonce?.toHex(), nonce.toHex())
    assert.ok(asked && concerns(asked.certId, ca.certificate))
  })
  it('does not concern another CA, nor another generation of the same name', async () => {
    const { certificate } = await makeCa()
    assert.ok(!concerns(certId(ca.certificate, serialNumber), certificate))
  })
  it('may be made with SHA-256', () => {
    const id = certId(ca.certificate, serialNumber, 'sha256')
    assert.equal(id.issuerKeyHash.length, 32)
    assert.ok(concerns(id, ca.certificate))
    assert.ok(!pkix.sameCertId(id, certId(ca.certificate, serialNumber)))
  })
  it('with a nonce of no octet or of more than 128 is refused', () => {
    for (const length of [0, 129]) assert.throws(() => pkix.parseOcspRequest(request(new Uint8Array(length))), DerError)
  })
})

describe('an answer', () => {
  it('good, by a delegated responder', async () => {
    const { status, thisUpdate, nextUpdate, producedAt } = await verify(answer(good))
    assert.equal(status, 'good')
    assert.deepEqual([thisUpdate, nextUpdate, producedAt], [now, hoursFromNow(1), now])
  })
  it('good, by the CA itself', async () => assert.equal((await verify(answer(good, {}, ca))).status, 'good'))
  it('revoked, with time and reason', async () => {
    const revoked = { status: 'revoked', revokedAt: hoursFromNow(-5), reason: 'affiliationChanged' } as const
    const { status, ...rest } = await verify(answer(revoked))
    assert.equal(status, 'revoked')
    assert.ok('reason' in rest)
    assert.deepEqual([rest.reason, rest.revokedAt], ['affiliationChanged', hoursFromNow(-5)])
  })
  it('unknown', async () => assert.equal((await verify(answer({ status: 'unknown' }))).status, 'unknown'))
  it('to several questions at once, each in its place', async () => {
    const ids = ['01', '02', '03'].map((one) => certId(ca.certificate, one))
    const several = pkix.parseOcspRequest(pkix.ocspRequestOf(ids, nonce))
    const statuses = [good, { status: 'unknown' }, { status: 'revoked', revokedAt: now, reason: 'superseded' }] as const
    const response = await answer(good, { request: several, statuses })
    for (const [index, { status }] of statuses.entries())
      assert.equal((await verify(response, { serialNumber: `0${index + 1}` })).status, status)
  })
  it('to a question in SHA-256', async () => {
    const asked = pkix.parseOcspRequest(pkix.ocspRequestOf([certId(ca.certificate, serialNumber, 'sha256')], nonce))
    assert.equal((await verify(answer(good, { request: asked }))).status, 'good')
  })
  it('a little ahead of our clock, within the tolerance', async () => {
    const early = answer(good, { thisUpdate: hoursFromNow(0.01) })
    assert.equal((await verify(early, { tolerance: 60_000 })).status, 'good')
  })
})

describe('an answer that is refused', () => {
  const refuses = (code: OcspRefusal, verified: Promise<unknown>) =>
    assert.rejects(verified, (error) => {
      assert.ok(error instanceof OcspError, String(error))
      assert.equal(error.code, code)
      return true
    })

  it('not-successful, by each error status', async () => {
    for (const status of ['malformedRequest', 'internalError', 'tryLater', 'sigRequired', 'unauthorized'] as const)
      await refuses('not-successful', verify(pkix.ocspErrorOf(status)))
  })
  it('not-asked: another serial number', () => refuses('not-asked', verify(answer(good), { serialNumber: '07' })))
  it('not-asked: another generation of the CA', async () =>
    refuses('not-asked', verify(answer(good), { issuer: (await makeCa()).certificate })))
  it('signature: the status changed from revoked to good', async () => {
    const response = await answer({ status: 'unknown' })
    const at = response.toHex().indexOf('8200180f')
    assert.ok(at > 0)
    await refuses('signature', verify(Uint8Array.fromHex(response.toHex().replace('8200180f', '8000180f'))))
  })
  it('responder: a stranger', async () =>
    refuses('responder', verify(answer(good, {}, await issueResponder(await makeCa())))))
  it('responder: an ordinary certificate of the CA', async () =>
    refuses('responder', verify(answer(good, {}, await issueBy(ca)))))
  it('responder: its certificate is not sent along', async () => {
    const alone = { request: pkix.parseOcspRequest(request()), statuses: [good], producedAt: now, thisUpdate: now }
    await refuses('responder', verify(signOcspResponse(alone, responder.signer)))
  })
  it('responder: expired', async () =>
    refuses('responder', verify(answer(good, {}, await issueResponder(ca, { notAfter: hoursFromNow(-0.5) })))))
  it('responder: without ocsp-nocheck', async () => {
    const extensions = [pkix.extension(pkix.extKeyUsage, [pkix.keyPurposes.ocspSigning])]
    await refuses('responder', verify(answer(good, {}, await issueResponder(ca, { extensions }))))
  })
  it('not-fresh: too old, and of the future', async () => {
    await refuses('not-fresh', verify(answer(good), { at: hoursFromNow(2) }))
    await refuses('not-fresh', verify(answer(good), { at: hoursFromNow(-0.5) }))
  })
  it('nonce: of another request, and none', async () => {
    await refuses('nonce', verify(answer(good), { nonce: nonce.toReversed() }))
    const unasked = pkix.parseOcspRequest(ocspRequest(ca.certificate, serialNumber))
    await refuses('nonce', verify(answer(good, { request: unasked })))
  })
  it('with fewer statuses than questions is not even made', () =>
    assert.rejects(answer(good, { statuses: [] }), RangeError))
})
