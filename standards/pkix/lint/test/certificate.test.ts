/** Every rule about certificates: a good one is left alone, and one thing changed is found by the rule that names it. RFC 5280 §4. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { integer, nullValue, utf8String } from '@mobile-jpki/der'
import { keyIdentifier, keySigner, sha1 } from '../../crypto.ts'
import * as pkix from '../../index.ts'

const rsa = keySigner(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)
const p256 = keySigner(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
const small = keySigner(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey)
const caName = pkix.nameOf(['C', 'JP'], ['O', 'Example'], ['OU', 'CA'])
const algorithm = pkix.algorithms.sha256WithRSAEncryption
const { extension: ext } = pkix

const good: pkix.CertificateFields = {
  serialNumber: '4132c4ab00112233',
  issuer: caName,
  subject: pkix.nameOf(['C', 'JP'], ['L', 'Kiyose-shi'], ['CN', '花子']),
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2031-02-17T14:59:59Z'),
  publicKey: rsa.publicKey,
  extensions: [
    ext(pkix.keyUsage, ['digitalSignature', 'nonRepudiation'], 'critical'),
    ext(pkix.certificatePolicies, [pkix.policyOf('2.999.1', 'http://ca.example/cps')], 'critical'),
    ext(pkix.issuerAltName, [pkix.directoryNameOf(caName)]),
    ext(pkix.subjectAltName, [pkix.dnsNameOf('hanako.example')]),
    ext(pkix.authorityKeyIdentifier, { keyIdentifier: keyIdentifier(p256.publicKey) }),
    ext(pkix.subjectKeyIdentifier, keyIdentifier(rsa.publicKey)),
    ext(pkix.cRLDistributionPoints, [pkix.distributionPointOf(pkix.uriOf('http://ca.example/1.crl'))]),
    ext(pkix.authorityInfoAccess, [
      { accessMethod: pkix.accessMethods.ocsp, accessLocation: pkix.uriOf('http://ca.example/ocsp') },
    ]),
  ],
}
const goodCa: pkix.CertificateFields = {
  ...good,
  subject: caName,
  publicKey: p256.publicKey,
  notBefore: new Date('2025-01-01T00:00:00Z'),
  notAfter: new Date('2035-01-01T00:00:00Z'),
  extensions: [
    ext(pkix.keyUsage, ['keyCertSign', 'cRLSign'], 'critical'),
    ext(pkix.basicConstraints, { cA: true }, 'critical'),
    ext(pkix.subjectKeyIdentifier, keyIdentifier(p256.publicKey)),
  ],
}

/** Signed by nobody: the linter does not ask who signed. */
const framed = (tbs: Uint8Array, signatureAlgorithm: pkix.AlgorithmIdentifier = algorithm) =>
  pkix.Signed.encode({ signed: tbs, signatureAlgorithm, signatureValue: new Uint8Array(64) })
const written = (fields: pkix.CertificateFields, by: pkix.AlgorithmIdentifier = algorithm) =>
  framed(pkix.tbsCertificateOf(fields, by), by)
const issuer = pkix.parseCertificate(written(goodCa))
const lint = (der: Uint8Array, by: pkix.ParsedCertificate | 'itself' = issuer) =>
  pkix.lintCertificate(der, { issuer: by, sha1 })

type Change = Partial<pkix.CertificateFields>
const replaced = (...others: readonly pkix.Extension[]): Change => ({
  extensions: [
    ...good.extensions.filter(({ extnID }) => !others.some((one) => one.extnID === extnID)),
    ...others.filter(({ extnValue }) => extnValue.length > 0),
  ],
})
const without = (type: { readonly id: string }): Change => ({
  extensions: good.extensions.filter(({ extnID }) => extnID !== type.id),
})
const critical = (type: { readonly id: string }, is: boolean): Change => ({
  extensions: good.extensions.map((one) => (one.extnID === type.id ? { ...one, critical: is } : one)),
})
const subject = (...rows: readonly (readonly [pkix.AttributeName, string])[]): Change => ({
  subject: pkix.nameOf(...rows),
})
const keyOf = (publicKey: Uint8Array): Change => ({
  publicKey,
  extensions: good.extensions.map((one) =>
    one.extnID === pkix.subjectKeyIdentifier.id ? ext(pkix.subjectKeyIdentifier, keyIdentifier(publicKey)) : one,
  ),
})
const modulus = new Uint8Array(256).fill(0xff)
const rsaKey = (changed: Partial<pkix.RsaPublicKey>) =>
  pkix.rsaPublicKeyInfo({ modulus, publicExponent: Uint8Array.of(1, 0, 1), ...changed })
const spkiWithoutNull = pkix.SubjectPublicKeyInfo.encode({
  ...pkix.SubjectPublicKeyInfo.decode(rsa.publicKey),
  algorithm: { algorithm: pkix.algorithms.rsaEncryption.algorithm },
})
const access = (method: string, location: pkix.GeneralName): Change =>
  replaced(ext(pkix.authorityInfoAccess, [{ accessMethod: method, accessLocation: location }]))
const points = (...list: readonly pkix.DistributionPoint[]): Change => replaced(ext(pkix.cRLDistributionPoints, list))
const names = (...list: readonly pkix.GeneralName[]): Change => replaced(ext(pkix.subjectAltName, list))
const purposes = (list: readonly string[], isCritical?: 'critical'): Change =>
  replaced(ext(pkix.extKeyUsage, list, isCritical))

// biome-ignore format: a table, one line each
const broken: readonly (readonly [what: string, field: string, clause: string, change: Change])[] = [
  ['an empty issuer', 'issuer', '§4.1.2.4', { issuer: [] }],
  ['another issuer', 'issuer', '§4.1.2.6', { issuer: pkix.nameOf(['C', 'JP'], ['O', 'Other']) }],
  ['the end before the beginning', 'validity', '§4.1.2.5', { notAfter: new Date('2025-12-31T00:00:00Z') }],
  ['a beginning before the CA', 'validity.notBefore', '§6.1.3', { notBefore: new Date('2024-12-31T00:00:00Z') }],
  ['an end after the CA', 'validity.notAfter', '§6.1.3', { notAfter: new Date('2035-01-01T00:00:01Z') }],
  ['a common name of 65 characters', 'subject', '§4.1.2.6', subject(['CN', '甲'.repeat(65)])],
  ['an empty locality', 'subject', '§4.1.2.6', subject(['L', ''], ['CN', 'x'])],
  ['a country of three letters', 'subject', '§4.1.2.6', subject(['C', 'JPN'], ['CN', 'x'])],
  ['a country as UTF8String', 'subject', '§4.1.2.6', { subject: [[{ type: '2.5.4.6', value: { kind: 'utf8String', value: 'JP' } }]] }],
  ['an organization as TeletexString', 'subject', '§4.1.2.6', { subject: [[{ type: '2.5.4.10', value: { kind: 'other', value: Uint8Array.of(0x14, 1, 0x41) } }]] }],
  ['an RSA key of 1024 bits', 'subjectPublicKeyInfo', '§4.1.2.7', keyOf(small.publicKey)],
  ['an RSA key of 2047 bits', 'subjectPublicKeyInfo', '§4.1.2.7', keyOf(rsaKey({ modulus: modulus.with(0, 0x7f) }))],
  ['an RSA key of 2052 bits', 'subjectPublicKeyInfo', '§4.1.2.7', keyOf(rsaKey({ modulus: Uint8Array.of(0x0f, ...modulus) }))],
  ['an even modulus', 'subjectPublicKeyInfo', '§4.1.2.7', keyOf(rsaKey({ modulus: modulus.with(255, 0xfe) }))],
  ['the exponent 3', 'subjectPublicKeyInfo', '§4.1.2.7', keyOf(rsaKey({ publicExponent: Uint8Array.of(3) }))],
  ['an RSA key without NULL', 'subjectPublicKeyInfo', '§4.1.2.7', keyOf(spkiWithoutNull)],
  ['a point beside the curve', 'subjectPublicKeyInfo', '§4.1.2.7', keyOf(p256.publicKey.with(90, (p256.publicKey[90] ?? 0) ^ 1))],
  ['no authorityKeyIdentifier', 'extensions.authorityKeyIdentifier', '§4.2.1.1', without(pkix.authorityKeyIdentifier)],
  ['the identifier of another CA key', 'extensions.authorityKeyIdentifier', '§4.2.1.1', replaced(ext(pkix.authorityKeyIdentifier, { keyIdentifier: new Uint8Array(20) }))],
  ['an AKI without a keyIdentifier', 'extensions.authorityKeyIdentifier', '§4.2.1.1', replaced(ext(pkix.authorityKeyIdentifier, { authorityCertIssuer: [pkix.directoryNameOf(caName)], authorityCertSerialNumber: Uint8Array.of(1) }))],
  ['a critical AKI', 'extensions.authorityKeyIdentifier', '§4.2.1.1', critical(pkix.authorityKeyIdentifier, true)],
  ['no subjectKeyIdentifier', 'extensions.subjectKeyIdentifier', '§4.2.1.2', without(pkix.subjectKeyIdentifier)],
  ['the identifier of another key', 'extensions.subjectKeyIdentifier', '§4.2.1.2', replaced(ext(pkix.subjectKeyIdentifier, new Uint8Array(20)))],
  ['a critical SKI', 'extensions.subjectKeyIdentifier', '§4.2.1.2', critical(pkix.subjectKeyIdentifier, true)],
  ['a keyUsage that is not critical', 'extensions.keyUsage', '§4.2.1.3', critical(pkix.keyUsage, false)],
  ['a keyUsage without a bit', 'extensions.keyUsage', '§4.2.1.3', replaced(ext(pkix.keyUsage, [], 'critical'))],
  ['keyCertSign without cA', 'extensions.keyUsage', '§4.2.1.3', replaced(ext(pkix.keyUsage, ['keyCertSign'], 'critical'))],
  ['encipherOnly alone', 'extensions.keyUsage', '§4.2.1.3', { ...keyOf(p256.publicKey), ...replaced(ext(pkix.keyUsage, ['encipherOnly'], 'critical')) }],
  ['keyAgreement of an RSA key', 'extensions.keyUsage', '§4.2.1.3', replaced(ext(pkix.keyUsage, ['keyAgreement'], 'critical'))],
  ['keyEncipherment of a P-256 key', 'extensions.keyUsage', '§4.2.1.3', { publicKey: p256.publicKey, ...replaced(ext(pkix.keyUsage, ['keyEncipherment'], 'critical'), ext(pkix.subjectKeyIdentifier, keyIdentifier(p256.publicKey))) }],
  ['the same policy twice', 'extensions.certificatePolicies', '§4.2.1.4', replaced(ext(pkix.certificatePolicies, [pkix.policyOf('2.999.1'), pkix.policyOf('2.999.1')]))],
  ['an unknown qualifier', 'extensions.certificatePolicies', '§4.2.1.4', replaced(ext(pkix.certificatePolicies, [{ policyIdentifier: '2.999.1', policyQualifiers: [{ policyQualifierId: '2.999.2', qualifier: { kind: 'other', value: nullValue.encode(null) } }] }]))],
  ['a CPS pointer that is none', 'extensions.certificatePolicies', '§4.2.1.4', replaced(ext(pkix.certificatePolicies, [pkix.policyOf('2.999.1', 'the counter')]))],
  ['an alternative name that is no host', 'extensions.subjectAltName', '§4.2.1.6', names(pkix.dnsNameOf('not a host'))],
  ['an IP address of five octets', 'extensions.subjectAltName', '§4.2.1.6', names({ kind: 'iPAddress', value: new Uint8Array(5) })],
  ['a mailbox without a place', 'extensions.subjectAltName', '§4.2.1.6', names({ kind: 'rfc822Name', value: 'hanako' })],
  ['a relative URI', 'extensions.subjectAltName', '§4.2.1.6', names(pkix.uriOf('/hanako'))],
  ['a critical subjectAltName beside a subject', 'extensions.subjectAltName', '§4.2.1.6', critical(pkix.subjectAltName, true)],
  ['neither subject nor critical subjectAltName', 'extensions.subjectAltName', '§4.2.1.6', { subject: [] }],
  ['a critical issuerAltName', 'extensions.issuerAltName', '§4.2.1.7', critical(pkix.issuerAltName, true)],
  ['an empty directoryName', 'extensions.issuerAltName', '§4.2.1.7', replaced(ext(pkix.issuerAltName, [pkix.directoryNameOf([])]))],
  ['a path length without cA', 'extensions.basicConstraints', '§4.2.1.9', replaced(ext(pkix.basicConstraints, { cA: false, pathLenConstraint: 0 }))],
  ['the same purpose twice', 'extensions.extKeyUsage', '§4.2.1.12', purposes(['2.999.3', '2.999.3'])],
  ['any purpose, critical', 'extensions.extKeyUsage', '§4.2.1.12', purposes([pkix.keyPurposes.anyExtendedKeyUsage], 'critical')],
  ['OCSP signing of a key that may not sign', 'extensions.extKeyUsage', '§4.2.1.12', { extensions: [...(purposes([pkix.keyPurposes.ocspSigning]).extensions ?? []).filter(({ extnID }) => extnID !== pkix.keyUsage.id), ext(pkix.keyUsage, ['keyEncipherment'], 'critical')] }],
  ['a critical distribution point', 'extensions.cRLDistributionPoints', '§4.2.1.13', critical(pkix.cRLDistributionPoints, true)],
  ['a point that names nothing', 'extensions.cRLDistributionPoints', '§4.2.1.13', points({})],
  ['a point of some reasons alone', 'extensions.cRLDistributionPoints', '§4.2.1.13', points({ ...pkix.distributionPointOf(pkix.uriOf('http://x.example/')), reasons: { octets: Uint8Array.of(0x40), unusedBits: 6 } })],
  ['a point by mail', 'extensions.cRLDistributionPoints', '§4.2.1.13', points(pkix.distributionPointOf(pkix.uriOf('mailto:crl@ca.example')))],
  ['a critical access description', 'extensions.authorityInfoAccess', '§4.2.2.1', critical(pkix.authorityInfoAccess, true)],
  ['OCSP over TLS', 'extensions.authorityInfoAccess', '§4.2.2.1', access(pkix.accessMethods.ocsp, pkix.uriOf('https://ca.example/ocsp'))],
  ['OCSP at a host name', 'extensions.authorityInfoAccess', '§4.2.2.1', access(pkix.accessMethods.ocsp, pkix.dnsNameOf('ca.example'))],
  ['an OCSP address that is none', 'extensions.authorityInfoAccess', '§4.2.2.1', access(pkix.accessMethods.ocsp, pkix.uriOf('ocsp'))],
  ['ocsp-nocheck for no responder', 'extensions.ocspNoCheck', 'RFC 6960', replaced(ext(pkix.ocspNoCheck, null))],
  ['a critical ocsp-nocheck', 'extensions.ocspNoCheck', 'RFC 6960', { extensions: [...(purposes([pkix.keyPurposes.ocspSigning]).extensions ?? []), ext(pkix.ocspNoCheck, null, 'critical')] }],
  ['a critical extension that nobody knows', 'extensions', '§4.2', replaced({ extnID: '2.999.9', critical: true, extnValue: utf8String.encode('?') })],
]

const brokenCa: readonly (readonly [what: string, field: string, clause: string, change: Change])[] = [
  ['an empty subject', 'subject', '§4.1.2.6', { subject: [] }],
  [
    'no keyCertSign',
    'extensions.keyUsage',
    '§4.2.1.3',
    { extensions: [ext(pkix.keyUsage, ['cRLSign'], 'critical'), ...goodCa.extensions.slice(1)] },
  ],
  ['no keyUsage', 'extensions.keyUsage', '§4.2.1.3', { extensions: goodCa.extensions.slice(1) }],
  [
    'basicConstraints that are not critical',
    'extensions.basicConstraints',
    '§4.2.1.9',
    { extensions: goodCa.extensions.map((one) => ({ ...one, critical: one.extnID === pkix.keyUsage.id })) },
  ],
]

const finds = (found: readonly pkix.Finding[], field: string, clause: string) =>
  assert.ok(
    found.some((one) => one.field === field && one.clause.includes(clause)),
    `expected ${field} (${clause}), found ${found.map(pkix.printFinding).join('; ') || 'nothing'}`,
  )

describe('the linter of certificates', () => {
  it('leaves good ones alone, of people and of CAs', () => {
    assert.deepEqual(lint(written(good)), [])
    assert.deepEqual(lint(written({ ...good, ...keyOf(p256.publicKey) }, pkix.algorithms.ecdsaWithSHA256)), [])
    assert.deepEqual(lint(written(goodCa), 'itself'), [])
  })
  for (const [what, field, clause, change] of broken)
    it(`finds ${what}`, () => finds(lint(written({ ...good, ...change })), field, clause))
  for (const [what, field, clause, change] of brokenCa)
    it(`finds ${what}, in a CA`, () => finds(lint(written({ ...goodCa, ...change }), 'itself'), field, clause))

  it('finds algorithms without their parameters, or with others, or unknown', () => {
    for (const one of [
      { algorithm: algorithm.algorithm },
      { ...pkix.algorithms.ecdsaWithSHA256, parameters: nullValue.encode(null) },
      { ...algorithm, parameters: integer.encode(1n) },
      { algorithm: '1.2.840.113549.1.1.5', parameters: nullValue.encode(null) },
    ])
      finds(lint(written(good, one)), 'signatureAlgorithm', '§4.1.1.2')
  })

  const tbs = pkix.TbsCertificate.decode(pkix.tbsCertificateOf(good, algorithm))
  const changed = (change: Partial<pkix.TbsCertificate>) => framed(pkix.TbsCertificate.encode({ ...tbs, ...change }))

  it('finds what stands in no certificate of version 3', () => {
    finds(
      lint(changed({ issuerUniqueID: { octets: Uint8Array.of(1), unusedBits: 0 } })),
      'uniqueIdentifiers',
      '§4.1.2.8',
    )
    const { extensions, ...bare } = tbs
    finds(lint(framed(pkix.TbsCertificate.encode({ ...bare, version: 0 }))), 'version', '§4.1.2.1')
    assert.ok(extensions !== undefined)
  })

  it('names the place where reading ends', () => {
    const der = written(good)
    const found = (octets: Uint8Array, field: RegExp, clause: string) => {
      const [finding, ...others] = lint(octets)
      assert.match(finding?.field ?? '', field)
      assert.equal(finding?.clause, `RFC 5280 ${clause}`)
      assert.deepEqual(others, [])
    }
    found(changed({ serialNumber: Uint8Array.of(0) }), /serialNumber/, '§4.1.2.2')
    found(changed({ serialNumber: Uint8Array.of(0x80) }), /serialNumber/, '§4.1.2.2')
    found(changed({ serialNumber: new Uint8Array(21).fill(1) }), /serialNumber/, '§4.1.2.2')
    found(changed({ extensions: [...good.extensions, ...good.extensions.slice(0, 1)] }), /extensions/, '§4.2')
    found(
      framed(pkix.tbsCertificateOf(good, algorithm), pkix.algorithms.ecdsaWithSHA256),
      /signatureAlgorithm/,
      '§4.1.1.2',
    )
    // 26 becomes 2Z in the year of the beginning, then a UTCTime becomes a GeneralizedTime of the same contents.
    const at = Buffer.from(der).indexOf('260101000000Z')
    found(der.with(at + 1, 0x5a), /validity\.notBefore/, '§4.1.2.5')
    found(der.with(at - 2, 0x18), /validity\.notBefore/, '§4.1.2.5')
    found(der.subarray(0, -1), /octets/, '§4.1')
  })
})
