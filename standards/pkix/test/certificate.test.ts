/** Certificates: read back, read by others, and refused where they break the profile. RFC 5280 §4. */

import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { before, describe, it } from 'node:test'
import { DerError, octetString } from '@mobile-jpki/der'
import { needs } from '../../../test/needs.ts'
import { keyIdentifier, verifySignature } from '../crypto.ts'
import * as pkix from '../index.ts'
import { caName, type Issued, issueBy, japaneseName, makeCa, pem, rsaSigner, workplace } from './hierarchy.ts'
import rfc5280 from './rfc5280.json' with { type: 'json' }

describe(rfc5280.source, () => {
  const c1 = Uint8Array.fromBase64(rfc5280.c1)
  const c2 = Uint8Array.fromBase64(rfc5280.c2)

  it('C.1 says what the RFC says of it', () => {
    const ca = pkix.parseCertificate(c1)
    assert.equal(ca.serialNumber, '11')
    assert.equal(pkix.printName(ca.subject), 'CN=Example CA,DC=example,DC=com')
    assert.deepEqual(ca.notBefore, new Date('2004-04-30T14:25:34Z'))
    assert.deepEqual(ca.notAfter, new Date('2005-04-30T14:25:34Z'))
    assert.deepEqual(ca.extension(pkix.keyUsage), { critical: true, value: ['keyCertSign', 'cRLSign'] })
    assert.deepEqual(ca.extension(pkix.basicConstraints), { critical: true, value: { cA: true } })
    assert.equal(ca.extension(pkix.subjectKeyIdentifier)?.value.toHex(), keyIdentifier(ca.publicKey).toHex())
    assert.equal(ca.publicKeyBits.length, 140)
  })
  it('C.2 says what the RFC says of it', () => {
    const end = pkix.parseCertificate(c2)
    assert.equal(end.serialNumber, '12')
    assert.equal(pkix.printName(end.subject), 'CN=End Entity,DC=example,DC=com')
    assert.deepEqual(end.extension(pkix.subjectAltName)?.value, [
      { kind: 'rfc822Name', value: 'end.entity@example.com' },
    ])
    assert.deepEqual(end.extension(pkix.keyUsage)?.value, ['digitalSignature', 'nonRepudiation'])
    assert.equal(
      end.extension(pkix.authorityKeyIdentifier)?.value.keyIdentifier?.toHex(),
      pkix.parseCertificate(c1).extension(pkix.subjectKeyIdentifier)?.value.toHex(),
    )
  })
  it('both are written again as they were read', () => {
    for (const der of [c1, c2]) {
      const { tbsCertificate, ...rest } = pkix.Certificate.decode(der)
      const octets = pkix.TbsCertificate.encode(tbsCertificate.value)
      assert.equal(
        pkix.Certificate.encode({ tbsCertificate: { ...tbsCertificate, octets }, ...rest }).toHex(),
        der.toHex(),
      )
    }
  })
  it('SHA-1 signatures are not accepted', async () => {
    const { publicKey, tbs: octets, signature, signatureAlgorithm: algorithm } = pkix.parseCertificate(c1)
    assert.equal(await verifySignature({ publicKey, octets, signature, algorithm }), false)
  })
})

describe('a certificate in the JPKI shape', () => {
  let ca: Issued
  let end: Issued
  before(async () => {
    ca = await makeCa({ signer: rsaSigner() })
    end = await issueBy(ca, { signer: rsaSigner() })
  })

  it('is the same to node:crypto', () => {
    const other = new X509Certificate(end.der)
    assert.equal(other.serialNumber.toLowerCase(), end.certificate.serialNumber)
    assert.ok(other.checkIssued(new X509Certificate(ca.der)))
    assert.ok(other.verify(new X509Certificate(ca.der).publicKey))
    assert.equal(new Date(other.validTo).getTime(), end.certificate.notAfter.getTime())
  })
  it('keeps the order and the criticality of its extensions', () => {
    assert.deepEqual(
      ca.certificate.extensions.map(({ extnID, critical }) => [extnID, critical]),
      [
        ['2.5.29.15', true],
        ['2.5.29.17', false],
        ['2.5.29.19', true],
        ['2.5.29.31', false],
        ['2.5.29.14', false],
      ],
    )
  })
  it('carries Japanese names whole', () => {
    const [name] = end.certificate.extension(pkix.issuerAltName)?.value ?? []
    assert.deepEqual(name, { kind: 'directoryName', value: japaneseName })
    assert.deepEqual(pkix.attributesOf(japaneseName, 'OU'), ['公的個人認証サービス例利用者証明用', '例示機構'])
  })
  it('carries the four recorded items as otherNames', async () => {
    const names = [
      pkix.otherNameOf('1.2.392.200149.8.5.5.1', '公的　花子'),
      pkix.otherNameOf('1.2.392.200149.8.5.5.3', '2'),
    ]
    const { certificate } = await issueBy(ca, { extensions: [pkix.extension(pkix.subjectAltName, names)] })
    const found = certificate.extension(pkix.subjectAltName)?.value ?? []
    assert.equal(pkix.otherNameText(found, '1.2.392.200149.8.5.5.1'), '公的　花子')
    assert.equal(pkix.otherNameText(found, '1.2.392.200149.8.5.5.9'), undefined)
  })
  it('ends after 2049 where it must', async () => {
    const notAfter = new Date('2056-03-31T14:59:59Z')
    assert.deepEqual((await makeCa({ notAfter })).certificate.notAfter, notAfter)
  })

  it('is read by openssl', { skip: needs('openssl') }, () => {
    const { put, run } = workplace()
    const file = put('end.pem', pem('CERTIFICATE', end.der))
    const { said } = run('openssl', 'x509', '-in', file, '-noout', '-text', '-nameopt', 'utf8')
    assert.match(said, /X509v3 Key Usage: critical\s+Digital Signature/)
    assert.match(
      said,
      /X509v3 Certificate Policies: critical\s+Policy: 1\.3\.6\.1\.4\.1\.99999\.1\s+CPS: http:\/\/example\.jp/,
    )
    assert.match(said, /OCSP - URI:http:\/\/ocsp\.example\.jp\//)
    assert.match(said, /Serial Number: 114393094 \(0x6d18006\)/)
    const parsed = run('openssl', 'asn1parse', '-in', file, '-strparse', String(offsetOf(end, '2.5.29.18')))
    for (const text of pkix.attributesOf(japaneseName, 'OU')) assert.ok(parsed.said.includes(text))
  })
  it('is verified by openssl, strictly', { skip: needs('openssl') }, () => {
    const { put, run } = workplace()
    const [file, roots] = [put('end.pem', pem('CERTIFICATE', end.der)), put('ca.pem', pem('CERTIFICATE', ca.der))]
    const { status, said } = run(
      'openssl',
      'verify',
      '-x509_strict',
      '-CAfile',
      roots,
      '-policy',
      '1.3.6.1.4.1.99999.1',
      '-explicit_policy',
      file,
    )
    assert.equal(status, 0, said)
  })
  it('is verified by certtool', { skip: needs('certtool') }, () => {
    const { put, run } = workplace()
    const chain = put('chain.pem', pem('CERTIFICATE', end.der) + pem('CERTIFICATE', ca.der))
    const { status, said } = run('certtool', '--verify-chain', '--infile', chain)
    assert.equal(status, 0, said)
    assert.match(said, /Verified/)
  })
})

/** Where an extension's OCTET STRING begins, for `openssl asn1parse -strparse`. */
function offsetOf({ der, certificate }: Issued, extnID: string): number {
  const own = certificate.extensions.find((one) => one.extnID === extnID)
  assert.ok(own)
  const header = octetString.encode(own.extnValue).length - own.extnValue.length
  return own.extnValue.byteOffset - der.byteOffset - header
}

describe('serial numbers', () => {
  const octets = (hex: string) => pkix.serialNumberOctets(hex).toHex()

  it('have one text form', () => {
    assert.equal(octets('01'), '01')
    assert.equal(octets('ff01'), '00ff01')
    assert.equal(pkix.serialNumberOf(Uint8Array.fromHex('00ff01')), 'ff01')
    for (const wrong of ['', '1', '00', '0001', 'FF', '0x01', 'zz', 'aa'.repeat(21)])
      assert.throws(() => pkix.serialNumberOctets(wrong), DerError)
  })
  it('are refused when negative, zero or too long (§4.1.2.2)', () => {
    for (const contents of ['ff', '80', '00', `7f${'00'.repeat(20)}`])
      assert.throws(() => pkix.serialNumberOf(Uint8Array.fromHex(contents)), DerError)
  })
  it('make a certificate unreadable when negative', async () => {
    const { der } = await makeCa()
    const at = der.toHex().indexOf('020101')
    assert.ok(at > 0)
    const negative = Uint8Array.fromHex(der.toHex().replace('020101', '0201ff'))
    assert.throws(() => pkix.parseCertificate(negative), /serialNumber/)
  })
})

describe('what is not a certificate by the profile', () => {
  it('the same extension twice', async () => {
    const usage = pkix.extension(pkix.keyUsage, ['digitalSignature'])
    await assert.rejects(makeCa({ extensions: [usage, usage] }), /twice/)
  })
  it('an extension whose value is not what its type says', async () => {
    const broken = { extnID: pkix.keyUsage.id, critical: false, extnValue: Uint8Array.of(0x04, 0x00) }
    await assert.rejects(makeCa({ extensions: [broken] }), /extensions\.2\.5\.29\.15: tag 03 expected/)
  })
  it('two different signature algorithms', async () => {
    const { der } = await makeCa()
    const { tbsCertificate, signatureValue } = pkix.Certificate.decode(der)
    const signatureAlgorithm = pkix.algorithms.sha256WithRSAEncryption
    assert.throws(
      () => pkix.parseCertificate(pkix.Certificate.encode({ tbsCertificate, signatureAlgorithm, signatureValue })),
      /differ/,
    )
  })
  it('extensions in version 1', async () => {
    const { der } = await makeCa()
    const { tbsCertificate, ...rest } = pkix.Certificate.decode(der)
    const octets = pkix.TbsCertificate.encode({ ...tbsCertificate.value, version: 0 })
    assert.throws(
      () => pkix.parseCertificate(pkix.Certificate.encode({ tbsCertificate: { ...tbsCertificate, octets }, ...rest })),
      /version 3/,
    )
  })
})

describe('names', () => {
  it('are printed with what RFC 4514 wants escaped', () => {
    const name = pkix.nameOf(['C', 'JP'], ['O', ' #1, "A+B" <C>; D\\E '], ['CN', '#x'])
    assert.equal(pkix.printName(name), 'CN=\\#x,O=\\ #1\\, \\"A\\+B\\" \\<C\\>\\; D\\\\E\\ ,C=JP')
  })
  it('are the same whatever string type, case and spaces (§7.1)', () => {
    const other = [[{ type: '2.5.4.10', value: { kind: 'printableString', value: 'example  agency' } }]] as const
    assert.ok(pkix.sameName(pkix.nameOf(['O', 'Example Agency']), other))
    assert.ok(!pkix.sameName(pkix.nameOf(['O', 'Example']), other))
    assert.ok(!pkix.sameName(caName, [...caName].reverse()))
  })
})
