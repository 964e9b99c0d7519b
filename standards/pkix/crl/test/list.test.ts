/** Revocation lists: read back, searched, believed by others. RFC 5280 §5. */

import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { DerError } from '@mobile-jpki/der'
import fc from 'fast-check'
import { needs } from '../../../../test/needs.ts'
import { CrlError, type CrlFields, type CrlRefusal, issueCrl, keyIdentifier, verifyCrl } from '../../crypto.ts'
import * as pkix from '../../index.ts'
import { caName, hoursFromNow, type Issued, issueBy, makeCa, now, pem, workplace } from '../../test/hierarchy.ts'
import rfc5280 from '../../test/rfc5280.json' with { type: 'json' }

let ca: Issued
before(async () => {
  ca = await makeCa()
})

const issue = (entries: Iterable<pkix.RevokedEntry>, changes: Partial<CrlFields> = {}, by: Issued = ca) =>
  issueCrl(
    {
      issuer: caName,
      thisUpdate: now,
      nextUpdate: hoursFromNow(24),
      crlNumber: 7n,
      authorityKeyIdentifier: keyIdentifier(by.signer.publicKey),
      entries,
      ...changes,
    },
    by.signer,
  )
const entry = (serialNumber: string, reason: pkix.CrlReason = 'unspecified', revocationDate = now) => ({
  serialNumber,
  revocationDate,
  reason,
})

it('RFC 5280 Appendix C.4 says what the RFC says of it', () => {
  const crl = pkix.parseCrl(Uint8Array.fromBase64(rfc5280.c4))
  assert.equal(pkix.printName(crl.issuer), 'CN=Example CA,DC=example,DC=com')
  assert.deepEqual(crl.thisUpdate, new Date('2005-02-05T12:00:00Z'))
  assert.deepEqual(crl.nextUpdate, new Date('2005-02-06T12:00:00Z'))
  assert.equal(crl.extension(pkix.cRLNumber)?.value, 12n)
  const revoked = entry('12', 'keyCompromise', new Date('2004-11-19T15:57:03Z'))
  assert.deepEqual([...crl.entries()], [revoked])
  assert.deepEqual(crl.find('12'), revoked)
  assert.equal(crl.find('11'), undefined)
})

describe('a revocation list', () => {
  const reasons: readonly pkix.CrlReason[] = [
    'unspecified',
    'keyCompromise',
    'cACompromise',
    'affiliationChanged',
    'superseded',
    'cessationOfOperation',
    'certificateHold',
  ]

  it('is read back as it was issued, every reason of JPKI included', async () => {
    const entries = reasons.map((reason, index) => entry(`0${index + 1}`, reason, hoursFromNow(-index)))
    const crl = await verifyCrl(await issue(entries), ca.certificate, now)
    assert.deepEqual([...crl.entries()], entries)
    assert.equal(crl.extension(pkix.cRLNumber)?.value, 7n)
    assert.deepEqual(crl.nextUpdate, hoursFromNow(24))
  })
  it('may be empty', async () => {
    const der = await issue([])
    assert.deepEqual([...pkix.parseCrl(der).entries()], [])
    assert.equal(pkix.findRevoked(der, '01'), undefined)
  })
  it('of 50,000 entries is searched rightly: first, last, middle, and what is not there', async () => {
    const serialOf = (index: number) => (0x06000000 + index * 3).toString(16).padStart(8, '0')
    const count = 50_000
    const der = await issue(
      Array.from({ length: count }, (_, i) => entry(serialOf(i), reasons[i % 7] as pkix.CrlReason)),
    )
    const crl = await verifyCrl(der, ca.certificate, now)
    for (const index of [0, 1, 25_001, count - 1])
      assert.deepEqual(crl.find(serialOf(index)), entry(serialOf(index), reasons[index % 7] as pkix.CrlReason))
    for (const absent of ['06000001', '05ffffff', serialOf(count), '06', '0106000000'])
      assert.equal(crl.find(absent), undefined)
    let counted = 0
    for (const _ of crl.entries()) counted++
    assert.equal(counted, count)
  })
  it('of any serial numbers is searched alike by walking and by table', async () => {
    const serial = fc
      .uint8Array({ minLength: 1, maxLength: 20 })
      .map((octets) => octets.toHex().replace(/^(?:00)+/, ''))
      .filter((hex) => hex !== '')
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(serial, { maxLength: 40 }), serial, async (listed, other) => {
        const der = await issue(listed.map((one) => entry(one)))
        const table = pkix.parseCrl(der)
        for (const one of [...listed, other, ...listed]) {
          const expected = listed.includes(one) ? one : undefined
          assert.equal(table.find(one)?.serialNumber, expected)
          assert.equal(pkix.findRevoked(der, one)?.serialNumber, expected)
        }
      }),
      { numRuns: 60 },
    )
  })
  it('with a broken entry is refused, not half searched', async () => {
    const der = await issue([entry('01020304'), entry('05060708')])
    const broken = Uint8Array.fromHex(der.toHex().replace('020401020304', '040401020304'))
    assert.throws(() => pkix.findRevoked(broken, '05060708'), DerError)
    const asked = pkix.parseCrl(broken)
    for (let times = 0; times < 3; times++) assert.throws(() => asked.find('05060708'), DerError)
  })
})

describe('a revocation list that is refused', () => {
  const refuses = (code: CrlRefusal, list: Promise<unknown>) =>
    assert.rejects(list, (error) => {
      assert.ok(error instanceof CrlError)
      assert.equal(error.code, code)
      return true
    })
  it('issuer: another name', async () =>
    refuses('issuer', verifyCrl(await issue([], { issuer: pkix.nameOf(['O', 'x']) }), ca.certificate, now)))
  it('issuer: another generation of the CA', async () =>
    refuses('issuer', verifyCrl(await issue([], {}, await makeCa()), ca.certificate, now)))
  it('signature', async () => {
    const der = await issue([entry('01020304')])
    const changed = Uint8Array.fromHex(der.toHex().replace('01020304', '01020305'))
    await refuses('signature', verifyCrl(changed, ca.certificate, now))
  })
  it('key-usage', async () => {
    const { signer } = ca
    const other = await makeCa({ signer, extensions: [pkix.extension(pkix.keyUsage, ['keyCertSign'], 'critical')] })
    await refuses('key-usage', verifyCrl(await issue([]), other.certificate, now))
  })
  it('not-fresh: of yesterday, and of tomorrow', async () => {
    const der = await issue([])
    await refuses('not-fresh', verifyCrl(der, ca.certificate, hoursFromNow(25)))
    await refuses('not-fresh', verifyCrl(der, ca.certificate, hoursFromNow(-1)))
  })
  it('scope: an indirect list', async () => {
    const point = {
      onlyContainsUserCerts: false,
      onlyContainsCACerts: false,
      indirectCRL: true,
      onlyContainsAttributeCerts: false,
    }
    const extensions = [pkix.extension(pkix.issuingDistributionPoint, point, 'critical')]
    await refuses('scope', verifyCrl(await issue([], { extensions }), ca.certificate, now))
  })
  it('an unknown critical extension', async () => {
    const extensions = [{ extnID: '2.5.29.27', critical: true, extnValue: Uint8Array.of(2, 1, 1) }]
    const der = await issue([], { extensions })
    assert.throws(() => pkix.parseCrl(der), /unknown critical extension/)
  })
})

describe('openssl', { skip: needs('openssl') }, () => {
  it('believes the list: what stands on it is revoked, what does not is good', async () => {
    const { put, run } = workplace()
    const [good, bad] = [await issueBy(ca, { serialNumber: '0a01' }), await issueBy(ca, { serialNumber: '0a02' })]
    put('ca.pem', pem('CERTIFICATE', ca.der))
    put('crl.pem', pem('X509 CRL', await issue([entry('0a02', 'certificateHold')])))
    const verify = (name: string, one: Issued) =>
      run(
        'openssl',
        'verify',
        '-crl_check',
        '-CAfile',
        'ca.pem',
        '-CRLfile',
        'crl.pem',
        put(name, pem('CERTIFICATE', one.der)),
      )
    const accepted = verify('good.pem', good)
    assert.equal(accepted.status, 0, accepted.said)
    const refused = verify('bad.pem', bad)
    assert.notEqual(refused.status, 0)
    assert.match(refused.said, /certificate revoked/)
    assert.match(run('openssl', 'crl', '-in', 'crl.pem', '-noout', '-text').said, /Certificate Hold/)
  })
})

describe('certtool', { skip: needs('certtool') }, () => {
  it('verifies the list', async () => {
    const { put, run } = workplace()
    put('ca.pem', pem('CERTIFICATE', ca.der))
    put('crl.pem', pem('X509 CRL', await issue([entry('0a02', 'superseded')])))
    const { said } = run('certtool', '--verify-crl', '--load-ca-certificate', 'ca.pem', '--infile', 'crl.pem')
    assert.match(said, /Verified/)
  })
})
