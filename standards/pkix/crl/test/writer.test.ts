/** Lists of every size say what the codecs say, and are made page by page. RFC 5280 §5.1. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DerError } from '@mobile-jpki/der'
import fc from 'fast-check'
import { needs } from '../../../../test/needs.ts'
import { issueLongCrl, keyIdentifier, type Signer, verifyCrl } from '../../crypto.ts'
import * as pkix from '../../index.ts'
import { caName, hoursFromNow, makeCa, now, p256Signer, pem, rsaSigner, workplace } from '../../test/hierarchy.ts'
import { entryWriter, longestEntry } from '../entry.ts'

const reasons = [
  'unspecified',
  'keyCompromise',
  'affiliationChanged',
  'superseded',
  'certificateHold',
  'aACompromise',
] as const
const reason = fc.constantFrom(...reasons)
const serialNumber = fc.uint8Array({ minLength: 1, maxLength: 20 }).map((octets) => {
  octets[0] ||= 1
  return octets.toHex()
})
const revocationDate = fc.date({ min: new Date('1950-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
const entry = fc.record({ serialNumber, revocationDate, reason })

const encoded = ({ serialNumber, revocationDate, reason }: pkix.RevokedEntry) =>
  pkix.RevokedCertificate.encode({
    userCertificate: pkix.serialNumberOctets(serialNumber),
    revocationDate,
    ...(reason !== 'unspecified' && { crlEntryExtensions: [pkix.extension(pkix.reasonCode, reason)] }),
  })

describe('an entry', () => {
  it('is written as its codec writes it', () => {
    const write = entryWriter()
    fc.assert(
      fc.property(entry, fc.nat(9), (one, at) => {
        const into = new Uint8Array(at + longestEntry)
        const end = write(into, at, one)
        assert.equal(into.subarray(at, end).toHex(), encoded(one).toHex())
      }),
      { numRuns: 300 },
    )
  })
  for (const wrong of ['', '0', '00', '0001', '1', '0G', 'AB', '0x', '1 ', 'é1', '01'.repeat(21)])
    it(`is refused with the serial number "${wrong}"`, () => {
      const one = { serialNumber: wrong, revocationDate: now, reason: 'superseded' } as const
      assert.throws(() => entryWriter()(new Uint8Array(longestEntry), 0, one), DerError)
    })
  it('is refused at no time that there is', () => {
    const one = { serialNumber: '01', revocationDate: new Date(Number.NaN), reason: 'superseded' } as const
    assert.throws(() => entryWriter()(new Uint8Array(longestEntry), 0, one), DerError)
  })
})

const pageSize = 1000
const serialOf = (index: number) => (0x4100000000000000n + BigInt(index) * 3n).toString(16)
const entryAt = (index: number): pkix.RevokedEntry => ({
  serialNumber: serialOf(index),
  revocationDate: hoursFromNow(-(index % 5000)),
  reason: reasons[index % reasons.length] ?? 'unspecified',
})

async function* pagesOf(count: number): AsyncGenerator<readonly pkix.RevokedEntry[]> {
  for (let first = 0; first < count; first += pageSize)
    yield Array.from({ length: Math.min(pageSize, count - first) }, (_, index) => entryAt(first + index))
}

const issue = (count: number, signer: Signer) =>
  issueLongCrl(
    {
      issuer: caName,
      thisUpdate: now,
      nextUpdate: hoursFromNow(30),
      crlNumber: BigInt(count),
      authorityKeyIdentifier: keyIdentifier(signer.publicKey),
    },
    pagesOf(count),
    signer,
  )

for (const [kind, signer] of Object.entries({ RSA: rsaSigner(), 'P-256': p256Signer() }))
  describe(`a list signed with ${kind}`, async () => {
    const ca = await makeCa({ signer })
    // One page and none, the edges of one and two octets of length, more than one piece of memory, and of what is hashed at once.
    for (const count of [0, 1, 2, 3, 5, 6, 150, 1000, 1600, 120_000])
      it(`of ${count} entries is read back as it was written`, async () => {
        const crl = await verifyCrl(await issue(count, signer), ca.certificate, now)
        let index = 0
        for (const one of crl.entries()) {
          if (index % 997 === 0) assert.deepEqual(one, entryAt(index))
          index++
        }
        assert.equal(index, count)
        if (count > 0) assert.deepEqual(crl.find(serialOf(count - 1)), entryAt(count - 1))
        assert.equal(crl.find(serialOf(count)), undefined)
        assert.deepEqual(crl.der, pkix.CertificateList.encode(pkix.CertificateList.decode(crl.der)))
      })
    it('is read by openssl', { skip: needs('openssl') }, async () => {
      const { put, run } = workplace()
      put('ca.pem', pem('CERTIFICATE', ca.der))
      put('long.crl', await issue(60_000, signer))
      assert.match(run('openssl', 'crl', '-in', 'long.crl', '-CAfile', 'ca.pem', '-noout').said, /verify OK/)
      put('list.crl', await issue(5000, signer))
      const { said } = run('openssl', 'crl', '-in', 'list.crl', '-CAfile', 'ca.pem', '-text', '-noout')
      assert.match(said, /verify OK/)
      assert.equal(said.match(/Serial Number:/g)?.length, 5000)
      assert.match(said, new RegExp(`Serial Number: ${serialOf(4999).toUpperCase()}\\b`))
    })
    it('is read by certtool', { skip: needs('certtool') }, async () => {
      const { put, run } = workplace()
      put('list.crl', await issue(3, signer))
      const { said } = run('certtool', '--crl-info', '--inder', '--infile', 'list.crl')
      assert.match(said, /Revoked certificates \(3\)/)
      assert.match(said, new RegExp(serialOf(2)))
    })
  })
