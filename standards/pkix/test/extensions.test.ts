/** Extensions that others write, all kinds in one certificate, read and written again octet by octet. RFC 5280 §4.2. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { needs } from '../../../test/needs.ts'
import { verifySignature } from '../crypto.ts'
import * as pkix from '../index.ts'
import { workplace } from './hierarchy.ts'

const configuration = `
[req]
prompt = no
utf8 = yes
string_mask = utf8only
distinguished_name = name
x509_extensions = extensions
[name]
C = JP
O = Example Agency
CN = All
[extensions]
basicConstraints = critical,CA:TRUE,pathlen:3
keyUsage = critical,digitalSignature,nonRepudiation,keyCertSign,cRLSign,decipherOnly,keyAgreement
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always,issuer:always
extendedKeyUsage = serverAuth,clientAuth,OCSPSigning
subjectAltName = email:a@example.jp,DNS:example.jp,URI:http://example.jp/,IP:127.0.0.1,IP:::1,RID:1.2.3.4,dirName:name,otherName:1.2.392.200149.8.5.5.1;UTF8:Hanako
issuerAltName = dirName:name
certificatePolicies = 1.2.3.4,@policy
crlDistributionPoints = point,relative
authorityInfoAccess = OCSP;URI:http://ocsp.example.jp/,caIssuers;URI:http://ca.example.jp/
noCheck = ignored
[policy]
policyIdentifier = 1.2.3.5
CPS.1 = http://example.jp/cps.html
userNotice.1 = @notice
[notice]
explicitText = UTF8:Notice
organization = Example
noticeNumbers = 1,2
[point]
fullname = URI:http://example.jp/a.crl,dirName:name
CRLissuer = dirName:name
reasons = keyCompromise,CACompromise
[relative]
relativename = relative_name
[relative_name]
CN = relative
`

describe('a certificate made by openssl with every extension', { skip: needs('openssl') }, () => {
  const { put, path, run } = workplace()
  const make = (): pkix.ParsedCertificate => {
    put('all.cnf', configuration)
    const { status, said } = run(
      ...(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'] as const),
      ...['-config', 'all.cnf', '-keyout', 'all.key', '-outform', 'DER', '-out', 'all.der', '-days', '2'],
    )
    assert.equal(status, 0, said)
    return pkix.parseCertificate(new Uint8Array(readFileSync(path('all.der'))))
  }

  it('is read with all that it says, and written again as it was', async () => {
    const certificate = make()
    const value = <T>(type: pkix.ExtensionType<T>): T => {
      const found = certificate.extension(type)
      assert.ok(found, type.id)
      const written = certificate.extensions.find(({ extnID }) => extnID === type.id)
      assert.equal(type.codec.encode(found.value).toHex(), written?.extnValue.toHex())
      return found.value
    }
    assert.deepEqual(value(pkix.basicConstraints), { cA: true, pathLenConstraint: 3 })
    assert.deepEqual(value(pkix.keyUsage), [
      'digitalSignature',
      'nonRepudiation',
      'keyAgreement',
      'keyCertSign',
      'cRLSign',
      'decipherOnly',
    ])
    const { keyIdentifier, authorityCertIssuer, authorityCertSerialNumber } = value(pkix.authorityKeyIdentifier)
    assert.deepEqual(keyIdentifier, value(pkix.subjectKeyIdentifier))
    assert.deepEqual(authorityCertIssuer, [pkix.directoryNameOf(certificate.subject)])
    assert.ok(authorityCertSerialNumber)
    assert.equal(pkix.serialNumberOf(authorityCertSerialNumber), certificate.serialNumber)

    const names = value(pkix.subjectAltName)
    assert.deepEqual(
      names.map(({ kind }) => kind),
      [
        'rfc822Name',
        'dNSName',
        'uniformResourceIdentifier',
        'iPAddress',
        'iPAddress',
        'registeredID',
        'directoryName',
        'otherName',
      ],
    )
    assert.equal(pkix.otherNameText(names, '1.2.392.200149.8.5.5.1'), 'Hanako')
    assert.deepEqual(value(pkix.issuerAltName), [pkix.directoryNameOf(certificate.issuer)])

    const [plain, qualified] = value(pkix.certificatePolicies)
    assert.deepEqual(plain, { policyIdentifier: '1.2.3.4' })
    assert.deepEqual(
      qualified?.policyQualifiers?.map(({ qualifier: { kind } }) => kind),
      ['cPSuri', 'other'],
    )
    const [point, relative] = value(pkix.cRLDistributionPoints)
    assert.equal(point?.distributionPoint?.kind, 'fullName')
    assert.ok(point.cRLIssuer && point.reasons)
    assert.equal(relative?.distributionPoint?.kind, 'nameRelativeToCRLIssuer')
    assert.deepEqual(
      value(pkix.authorityInfoAccess).map(({ accessMethod }) => accessMethod),
      [pkix.accessMethods.ocsp, pkix.accessMethods.caIssuers],
    )
    assert.ok(value(pkix.extKeyUsage).includes(pkix.keyPurposes.ocspSigning))
    assert.equal(value(pkix.ocspNoCheck), null)
  })
  it('is a path by itself when it is the anchor', async () => {
    const certificate = make()
    const path = await pkix.validatePath(certificate, {
      anchors: [certificate],
      at: certificate.notBefore,
      verifySignature,
      policies: ['1.2.3.5'],
    })
    assert.deepEqual(path, [certificate])
    assert.deepEqual(pkix.readPublicKey(certificate.publicKey).kind, 'p256')
  })
})
