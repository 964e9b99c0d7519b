/** Octets from anywhere do no harm: certificate, list, OCSP and CMS refuse them with a DerError and nothing else. RFC 5280, 6960, 5652. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DerError } from '@mobile-jpki/der'
import fc from 'fast-check'
import { issueCrl, ocspRequest, signData, signOcspResponse } from '../crypto.ts'
import * as pkix from '../index.ts'
import { caName, hoursFromNow, issueBy, makeCa, now } from './hierarchy.ts'

const ca = await makeCa()
const end = await issueBy(ca)
const request = ocspRequest(ca.certificate, '06d18006', new Uint8Array(32))
const times = { producedAt: now, thisUpdate: now, nextUpdate: hoursFromNow(1) }
const status = { status: 'revoked', revokedAt: now, reason: 'keyCompromise' } as const

/** Every getter and generator that a caller may touch. */
const touchCertificate = (der: Uint8Array) => {
  const certificate = pkix.parseCertificate(der)
  pkix.printName(certificate.subject)
  for (const type of [pkix.keyUsage, pkix.basicConstraints, pkix.subjectAltName, pkix.issuerAltName, pkix.extKeyUsage])
    certificate.extension<unknown>(type)
  for (const type of [pkix.certificatePolicies, pkix.cRLDistributionPoints, pkix.authorityInfoAccess])
    certificate.extension<unknown>(type)
  for (const type of [pkix.authorityKeyIdentifier, pkix.subjectKeyIdentifier]) certificate.extension<unknown>(type)
  pkix.readPublicKey(certificate.publicKey)
}
const touchCrl = (der: Uint8Array) => {
  const crl = pkix.parseCrl(der)
  crl.find('0102')
  for (const entry of crl.entries()) assert.ok(entry.serialNumber)
}

const subjects: readonly { name: string; octets: Uint8Array; read: (octets: Uint8Array) => unknown }[] = [
  { name: 'certificate', octets: end.der, read: touchCertificate },
  {
    name: 'revocation list',
    octets: await issueCrl(
      {
        issuer: caName,
        ...times,
        crlNumber: 1n,
        authorityKeyIdentifier: new Uint8Array(20),
        entries: ['0101', '0102'].map((serialNumber) => ({ serialNumber, revocationDate: now, reason: 'superseded' })),
      },
      ca.signer,
    ),
    read: touchCrl,
  },
  { name: 'OCSP request', octets: request, read: pkix.parseOcspRequest },
  {
    name: 'OCSP response',
    octets: await signOcspResponse(
      { request: pkix.parseOcspRequest(request), statuses: [status], ...times },
      ca.signer,
    ),
    read: pkix.parseOcspResponse,
  },
  {
    name: 'SignedData',
    octets: await signData({ content: new Uint8Array(50), certificate: end.der, signingTime: now }, end.signer),
    read: pkix.parseSignedData,
  },
]

const onlyDerErrors = (read: (octets: Uint8Array) => unknown, octets: Uint8Array): void => {
  try {
    read(octets)
  } catch (error) {
    assert.ok(error instanceof DerError, String(error))
  }
}

for (const { name, octets, read } of subjects)
  describe(name, () => {
    it('is read as it is', () => assert.ok(read(octets) !== null))
    it('is refused when cut anywhere, or followed by anything', () => {
      for (let length = 0; length < octets.length; length++)
        assert.throws(() => read(octets.subarray(0, length)), DerError, `${length}`)
      assert.throws(() => read(Uint8Array.of(...octets, 0)), DerError)
    })
    it('with octets changed is refused with a DerError, if at all', () =>
      fc.assert(
        fc.property(
          fc.array(fc.tuple(fc.nat(octets.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
          (changes) => {
            const changed = octets.slice()
            for (const [at, octet] of changes) changed[at] = octet
            onlyDerErrors(read, changed)
          },
        ),
        { numRuns: 300 },
      ))
    it('random octets are refused with a DerError', () =>
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 100 }), (random) => assert.throws(() => read(random), DerError)),
        { numRuns: 100 },
      ))
  })
