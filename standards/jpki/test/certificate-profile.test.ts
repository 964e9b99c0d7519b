/** The certificate profile: order and content of the extensions, with openssl as the second reader. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import {
  certificatePolicies,
  type Extension,
  type Name,
  type ParsedCertificate,
  parseCertificate,
  printName,
  sameName,
} from '@mobile-jpki/pkix'
import { issueCertificate, keyIdentifier, keySigner } from '@mobile-jpki/pkix/crypto'
import { certificateKindOf } from '../certificate/check.ts'
import { type FourItems, readFourItems } from '../certificate/four-items.ts'
import { authorityName, certificatePolicyIds, crlPartitionName, holderIdentifier } from '../certificate/names.ts'
import { contentsOf, profiles } from '../certificate/profile.ts'
import type { HolderTerms } from '../certificate/terms.ts'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const key = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }))
const municipality = { code: '13221', prefecture: 'Tokyo-to', city: 'Kiyose-shi' }
const terms: HolderTerms = {
  identifier: 'ABCDEFGHIJKLMN13221001S',
  municipality,
  subjectKeyIdentifier: keyIdentifier(key),
  authorityKeyIdentifier: keyIdentifier(key),
  locations: {
    crl: 'http://ca.example/crl/sign-1/13221.crl',
    ocsp: 'http://ca.example/ocsp',
    caIssuers: 'http://ca.example/sign.cer',
    cps: 'http://ca.example/cps.html',
  },
}
const fourItems: FourItems = {
  name: '山田　花子',
  address: '東京都清瀬市中里五丁目８４２番地',
  birthDate: '1990-02-17',
  gender: 'female',
}

async function issued(contents: { subject: Name; extensions: readonly Extension[] }): Promise<ParsedCertificate> {
  const validity = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2031-02-17T14:59:59Z') }
  const der = await issueCertificate(
    { serialNumber: '0132c4ab', issuer: authorityName('sign'), publicKey: key, ...contents, ...validity },
    keySigner(privateKey),
  )
  return parseCertificate(der)
}

const order = ({ extensions }: ParsedCertificate) =>
  extensions.map(({ extnID, critical }) => `${extnID.replace('2.5.29.', '')}${critical ? '!' : ''}`).join(' ')

const text = ({ der }: ParsedCertificate) =>
  execFileSync('openssl', ['x509', '-inform', 'DER', '-noout', '-text', '-nameopt', 'utf8'], {
    input: der,
    encoding: 'utf8',
  })

describe('certificate profile', () => {
  it('of a CA: key usage, alternative name, basic constraints, distribution point, key identifier', async () => {
    const ca = await issued(contentsOf(profiles.authority.sign, { subjectKeyIdentifier: keyIdentifier(key) }))
    assert.equal(order(ca), '15! 17 19! 31 14')
    assert.equal(ca.extensions[0]?.extnValue.toHex(), '03020106')
    assert.equal(
      printName(ca.subject),
      'OU=Mobile JPKI Test Authority,OU=Mobile JPKI Test for digital signature,O=Mobile JPKI Test,C=JP',
    )
    assert.match(text(ca), /CA:TRUE/)
    assert.ok(!sameName(authorityName('sign'), authorityName('auth')))
  })

  it('of a sign certificate: nonRepudiation, the policy, the four items', async () => {
    const sign = await issued(contentsOf(profiles.sign, { ...terms, fourItems }))
    assert.equal(order(sign), '15! 32! 18 17 35 14 31 1.3.6.1.5.5.7.1.1')
    assert.equal(sign.extensions[0]?.extnValue.toHex(), '030206c0')
    assert.equal(certificateKindOf(sign), 'sign')
    assert.equal(printName(sign.subject), 'CN=ABCDEFGHIJKLMN13221001S,L=Kiyose-shi,L=Tokyo-to,C=JP')
    const shown = text(sign)
    assert.match(shown, /Digital Signature, Non Repudiation/)
    assert.match(shown, /Policy: 2\.999\.8\.5\.1\.1\.20\s+CPS: http:\/\/ca\.example\/cps\.html/)
    assert.match(shown, /URI:http:\/\/ca\.example\/crl\/sign-1\/13221\.crl/)
    assert.match(shown, /OCSP - URI:http:\/\/ca\.example\/ocsp/)
    assert.match(shown, /CN ?= ?Kiyose-shi CRLDP/)
    assert.deepEqual(readFourItems(sign), fourItems)
  })

  it('of an auth certificate: nothing of the person', async () => {
    for (const kind of ['auth', 'phoneAuth'] as const) {
      const certificate = await issued(contentsOf(profiles[kind], terms))
      assert.equal(order(certificate), '15! 32! 18 35 14 31 1.3.6.1.5.5.7.1.1')
      assert.equal(certificate.extensions[0]?.extnValue.toHex(), '03020780')
      assert.equal(certificateKindOf(certificate), kind)
      assert.equal(readFourItems(certificate), undefined)
      assert.equal(printName(certificate.subject), 'CN=ABCDEFGHIJKLMN13221001S,C=JP')
    }
  })

  it('keeps policies apart from those of JPKI', async () => {
    const { value } = (await issued(contentsOf(profiles.auth, terms))).extension(certificatePolicies) ?? assert.fail()
    for (const { policyIdentifier } of value) assert.ok(!policyIdentifier.startsWith('1.2.392.'))
    assert.equal(new Set(Object.values(certificatePolicyIds)).size, 3)
  })

  it('names the partition of the revocation list by prefecture and city', () => {
    assert.equal(
      printName(crlPartitionName('auth', municipality)),
      'CN=Kiyose-shi CRLDP,OU=Tokyo-to,OU=CRL Distribution Points,OU=Mobile JPKI Test for user authentication,O=Mobile JPKI Test,C=JP',
    )
  })

  it('gives holders opaque names of 23 characters that end in place, issue and kind', () => {
    const name = holderIdentifier(new Uint8Array(randomBytes(32)), municipality, 'auth')
    assert.match(name, /^[0-9A-Z]{14}13221001A$/)
    assert.throws(() => holderIdentifier(new Uint8Array(32).fill(255), municipality, 'auth'), RangeError)
  })
})
