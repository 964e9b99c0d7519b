/** OCSP with openssl on the other side: it asks us, we ask it, each believes the other. RFC 6960. */

import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import { needs } from '../../../test/needs.ts'
import {
  type CertificateStatus,
  concerns,
  keySigner,
  ocspRequest,
  signOcspResponse,
  verifyOcspResponse,
} from '../crypto.ts'
import * as pkix from '../index.ts'
import { hoursFromNow, type Issued, issueBy, issueResponder, makeCa, now, pem, workplace } from './hierarchy.ts'

describe('openssl', { skip: needs('openssl') }, () => {
  const { put, path, run } = workplace()
  let ca: Issued
  let end: Issued
  let responder: Issued

  before(async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    ca = await makeCa()
    end = await issueBy(ca)
    responder = await issueResponder(ca, { signer: keySigner(privateKey) })
    put('ca.pem', pem('CERTIFICATE', ca.der))
    put('end.pem', pem('CERTIFICATE', end.der))
    put('responder.pem', pem('CERTIFICATE', responder.der))
    put('responder.key', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  })

  const askedByOpenssl = (...options: readonly string[]): Uint8Array => {
    const { status, said } = run(
      'openssl',
      'ocsp',
      ...options,
      '-issuer',
      'ca.pem',
      '-cert',
      'end.pem',
      '-reqout',
      'request.der',
    )
    assert.equal(status, 0, said)
    return new Uint8Array(readFileSync(path('request.der')))
  }
  const believed = async (status: CertificateStatus): Promise<string> => {
    const request = pkix.parseOcspRequest(askedByOpenssl())
    const response = await signOcspResponse(
      {
        request,
        statuses: [status],
        producedAt: now,
        thisUpdate: now,
        nextUpdate: hoursFromNow(1),
        responderCertificate: responder.der,
      },
      responder.signer,
    )
    put('response.der', response)
    // With -no_nonce openssl compares the nonce of the question rather than make another.
    const { status: exit, said } = run(
      ...(['openssl', 'ocsp', '-reqin', 'request.der', '-respin', 'response.der'] as const),
      ...['-issuer', 'ca.pem', '-cert', 'end.pem', '-CAfile', 'ca.pem', '-no_nonce'],
    )
    assert.equal(exit, 0, said)
    assert.match(said, /Response verify OK/)
    return said
  }

  it('asks, and its question is understood, in SHA-1 and SHA-256', () => {
    for (const digest of ['-sha1', '-sha256']) {
      const { asked, nonce } = pkix.parseOcspRequest(askedByOpenssl(digest))
      assert.equal(asked.length, 1)
      assert.equal(asked[0]?.serialNumber, end.certificate.serialNumber)
      assert.ok(asked[0] && concerns(asked[0].certId, ca.certificate))
      assert.ok(nonce !== undefined && nonce.length >= 16)
    }
  })
  it('believes good', async () => assert.match(await believed({ status: 'good' }), /end\.pem: good/))
  it('believes revoked, with time and reason', async () => {
    const said = await believed({ status: 'revoked', revokedAt: hoursFromNow(-3), reason: 'keyCompromise' })
    assert.match(said, /end\.pem: revoked[\s\S]*Reason: keyCompromise/)
  })
  it('believes unknown', async () => assert.match(await believed({ status: 'unknown' }), /end\.pem: unknown/))

  it('answers, and its answer is believed', async () => {
    const nonce = new Uint8Array(pkix.nonceLength).fill(5)
    put('question.der', ocspRequest(ca.certificate, end.certificate.serialNumber, nonce))
    // openssl's certificate database: R, expiry, revocation time with reason, serial number, file, subject.
    put('index.txt', 'R\t491231235959Z\t250102030405Z,superseded\t06D18006\tunknown\t/CN=x\n')
    const { status, said } = run(
      ...(['openssl', 'ocsp', '-index', 'index.txt', '-CA', 'ca.pem', '-reqin', 'question.der'] as const),
      ...['-rsigner', 'responder.pem', '-rkey', 'responder.key', '-respout', 'answer.der', '-nmin', '5'],
    )
    assert.equal(status, 0, said)
    const verified = await verifyOcspResponse(new Uint8Array(readFileSync(path('answer.der'))), {
      issuer: ca.certificate,
      serialNumber: end.certificate.serialNumber,
      at: now,
      nonce,
      tolerance: 60_000,
    })
    assert.equal(verified.status, 'revoked')
    assert.ok('reason' in verified)
    assert.deepEqual([verified.reason, verified.revokedAt], ['superseded', new Date('2025-01-02T03:04:05Z')])
  })
})
