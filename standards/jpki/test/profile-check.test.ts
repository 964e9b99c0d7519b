/** The table of profiles at both ends: what is built from it passes, and one thing changed is found and named. */
import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import {
  type CertificateFields,
  cRLDistributionPoints,
  directoryNameOf,
  distributionPointOf,
  type Extension,
  extension,
  type Finding,
  type GeneralName,
  keyUsage,
  lintCertificate,
  nameOf,
  p256PublicKeyInfo,
  parseCertificate,
  parseCrl,
  printFinding,
  rsaPublicKeyInfo,
  uriOf,
} from '@mobile-jpki/pkix'
import { issueCertificate, issueCrl, keyIdentifier, keySigner } from '@mobile-jpki/pkix/crypto'
import fc from 'fast-check'
import { lintCrlProfile, lintProfile } from '../certificate/check.ts'
import { authorityName, crlPartitionNames, holderIdentifier } from '../certificate/names.ts'
import { contentsOf, crlProfiles, type Profile, profiles } from '../certificate/profile.ts'
import { dayInJapan, endOfDay } from '../certificate/validity.ts'

const signer = keySigner(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
const sha1 = (octets: Uint8Array) => new Uint8Array(createHash('sha1').update(octets).digest())
const own = keyIdentifier(signer.publicKey)
const base = 'http://ca.example'
const municipality = { code: '13221', prefecture: 'Tokyo-to', city: 'Kiyose-shi' }
const fourItems = { name: '山田　花子', address: '東京都清瀬市', birthDate: '1990-02-17', gender: 'female' } as const
const rsaKey = (length: number) =>
  rsaPublicKeyInfo({ modulus: new Uint8Array(length).fill(0xff), publicExponent: Uint8Array.of(1, 0, 1) })

const holderTerms = (kind: 'sign' | 'auth' | 'phoneAuth', place = municipality) => {
  const use = kind === 'sign' ? 'sign' : 'auth'
  return {
    identifier: holderIdentifier(new Uint8Array(randomBytes(64)), place, kind),
    municipality: place,
    subjectKeyIdentifier: own,
    authorityKeyIdentifier: own,
    locations: {
      crl: `${base}/crl/${use}-1/${place.code}.crl`,
      ocsp: `${base}/ocsp`,
      caIssuers: `${base}/ca/${use}-1.cer`,
    },
  }
}
type Contents = ReturnType<typeof contentsOf>
const good = (use: 'sign' | 'auth', contents: Contents): CertificateFields => ({
  serialNumber: '4132c4ab00112233',
  issuer: authorityName(use),
  notBefore: new Date('2026-02-01T00:00:00Z'),
  notAfter: new Date('2031-02-17T14:59:59Z'),
  publicKey: signer.publicKey,
  ...contents,
})
const everyKind: readonly (readonly [Profile<never>, CertificateFields])[] = [
  [profiles.sign, good('sign', contentsOf(profiles.sign, { ...holderTerms('sign'), fourItems }))],
  [profiles.auth, good('auth', contentsOf(profiles.auth, holderTerms('auth')))],
  [profiles.phoneAuth, good('auth', contentsOf(profiles.phoneAuth, holderTerms('phoneAuth')))],
  [profiles.authority.sign, good('sign', contentsOf(profiles.authority.sign, { subjectKeyIdentifier: own }))],
  [profiles.authority.auth, good('auth', contentsOf(profiles.authority.auth, { subjectKeyIdentifier: own }))],
  ...(['sign', 'auth'] as const).map((use) => {
    const terms = { generation: `${use}-2`, subjectKeyIdentifier: own, authorityKeyIdentifier: own }
    const fields = good(use, contentsOf(profiles.responder[use], terms))
    return [profiles.responder[use], { ...fields, notAfter: new Date('2026-02-03T00:00:00Z') }] as const
  }),
]
const [sign, auth] = everyKind.map(([, fields]) => fields) as [CertificateFields, CertificateFields]

const made = async (fields: CertificateFields) => parseCertificate(await issueCertificate(fields, signer))
const check = async (fields: CertificateFields, profile: Profile<never>) => lintProfile(await made(fields), profile)
const finds = (found: readonly Finding[], field: string) =>
  assert.ok(
    found.some((one) => one.field === field && one.clause.startsWith('profile ')),
    found.map(printFinding).join('; ') || 'nothing found',
  )

describe('a certificate built from its profile', () => {
  for (const [profile, fields] of everyKind)
    it(`is one of it, and none of another: ${profile.name}`, async () => {
      const certificate = await made(fields)
      assert.deepEqual(lintProfile(certificate, profile), [])
      for (const [other] of everyKind) if (other !== profile) assert.notDeepEqual(lintProfile(certificate, other), [])
    })

  it('passes whatever the terms, RFC 5280 included', async () => {
    const ca = await made({
      ...good('sign', contentsOf(profiles.authority.sign, { subjectKeyIdentifier: own })),
      notAfter: new Date('2036-01-31T14:59:59Z'),
    })
    const place = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 40 })
      .filter((text) => /^\S(?:.*\S)?$/.test(text))
    const terms = fc.record({
      place: fc.record({
        code: fc.integer({ min: 0, max: 99999 }).map((n) => String(n).padStart(5, '0')),
        prefecture: place,
        city: place,
      }),
      name: place,
      address: place,
      birthDate: fc
        .date({ min: new Date('1868-01-25'), max: new Date('2011-01-01'), noInvalidDate: true })
        .map(dayInJapan),
      days: fc.integer({ min: 1, max: 2000 }),
    })
    await fc.assert(
      fc.asyncProperty(terms, async ({ place, name, address, birthDate, days }) => {
        const items = { name, address, birthDate, gender: 'other' } as const
        const contents = contentsOf(profiles.sign, { ...holderTerms('sign', place), fourItems: items })
        const notAfter = endOfDay(dayInJapan(new Date(Date.parse('2026-02-01') + days * 86_400_000)))
        const der = await issueCertificate({ ...good('sign', contents), notAfter }, signer)
        assert.deepEqual(
          lintCertificate(der, { issuer: ca, sha1 }, (one) => lintProfile(one, profiles.sign)),
          [],
        )
      }),
      { numRuns: 100 },
    )
  })

  it('may have a key of RSA-2048, RSA-3072 or P-256, and no other', async () => {
    for (const publicKey of [rsaKey(256), rsaKey(384), signer.publicKey])
      assert.deepEqual(await check({ ...auth, publicKey }, profiles.auth), [])
    for (const publicKey of [rsaKey(128), rsaKey(512), p256PublicKeyInfo(new Uint8Array(64))])
      finds(await check({ ...auth, publicKey }, profiles.auth), 'subjectPublicKeyInfo')
  })
})

const strange: Extension = { extnID: '2.999.1', critical: false, extnValue: Uint8Array.of(5, 0) }

describe('one field changed is found', () => {
  const changes: Readonly<Record<string, readonly Partial<CertificateFields>[]>> = {
    serialNumber: [
      { serialNumber: '01' },
      { serialNumber: '8132c4ab00112233' },
      { serialNumber: '4132c4ab0011223344' },
    ],
    issuer: [{ issuer: authorityName('auth') }],
    'validity.notAfter': [
      { notAfter: new Date('2031-02-17T15:00:00Z') },
      { notAfter: new Date('2032-03-01T14:59:59Z') },
    ],
    subject: [
      { subject: sign.subject.slice(1) },
      { subject: auth.subject },
      { subject: nameOf(['C', 'US'], ['L', 'Tokyo-to'], ['L', 'Kiyose-shi'], ['CN', 'ABCDEFGHIJKLMN13221001S']) },
      { subject: nameOf(['C', 'JP'], ['L', ' Tokyo-to'], ['L', 'Kiyose-shi'], ['CN', 'ABCDEFGHIJKLMN13221001S']) },
      { subject: nameOf(['C', 'JP'], ['L', 'Tokyo-to'], ['L', 'Kiyose-shi'], ['CN', '山田　花子']) },
      { subject: [sign.subject.flat()] },
    ],
  }
  for (const [field, list] of Object.entries(changes))
    it(`in ${field}`, async () => {
      for (const change of list) finds(await check({ ...sign, ...change }, profiles.sign), field)
    })

  it('in any extension: left out, critical or not, or beside a strange one', async () => {
    for (const [profile, fields] of everyKind)
      for (const [index, { name }] of profile.extensions.entries()) {
        const put = (...others: readonly Extension[]) => ({
          ...fields,
          extensions: fields.extensions.toSpliced(index, 1, ...others),
        })
        const one = fields.extensions[index] ?? assert.fail()
        finds(await check(put(), profile), `extensions.${name}`)
        finds(await check(put({ ...one, critical: !one.critical }), profile), `extensions.${name}`)
        finds(await check(put(one, strange), profile), 'extensions')
      }
    finds(await check({ ...sign, extensions: sign.extensions.toReversed() }, profiles.sign), 'extensions')
  })

  it('in what an extension says', async () => {
    const [changedUsage, points] = [
      extension(keyUsage, ['digitalSignature'], 'critical'),
      distributionPointOf(uriOf(`${base}/all.crl`)),
    ]
    const replacing = (one: Extension) => ({
      ...sign,
      extensions: sign.extensions.map((other) => (other.extnID === one.extnID ? one : other)),
    })
    finds(await check(replacing(changedUsage), profiles.sign), 'extensions.keyUsage')
    for (const names of [[points], [points, points], [distributionPointOf(directoryNameOf(authorityName('sign')))]])
      finds(
        await check(replacing(extension(cRLDistributionPoints, names)), profiles.sign),
        'extensions.cRLDistributionPoints',
      )
  })

  it('in any of the four items', async () => {
    const wrong = [{ name: ' 花子' }, { address: '' }, { birthDate: '1990-13-01' }]
    for (const change of wrong) {
      const items = { ...fourItems, ...change }
      const contents = contentsOf(profiles.sign, { ...holderTerms('sign'), fourItems: items })
      finds(await check(good('sign', contents), profiles.sign), 'extensions.subjectAltName')
    }
  })

  it('between parts: one municipality, one CA key', async () => {
    const other = { ...municipality, code: '01101' }
    const { locations } = holderTerms('sign')
    for (const changed of [
      holderTerms('sign', other).locations,
      { ...locations, caIssuers: `${base}/ca/sign-2.cer` },
    ]) {
      const terms = { ...holderTerms('sign'), fourItems, locations: changed }
      finds(await check(good('sign', contentsOf(profiles.sign, terms)), profiles.sign), 'extensions')
    }
  })
})

describe('a revocation list', () => {
  const names = crlPartitionNames('sign', municipality, `${base}/crl/sign-1/13221.crl`)
  const list = async (extensions: readonly Extension[], use: 'sign' | 'auth' = 'sign') =>
    parseCrl(
      await issueCrl(
        {
          issuer: authorityName(use),
          thisUpdate: new Date('2026-02-01'),
          nextUpdate: new Date('2026-02-02'),
          crlNumber: 1n,
          authorityKeyIdentifier: own,
          entries: [],
          extensions,
        },
        signer,
      ),
    )
  const partition = crlProfiles.partition.sign.map((part) => part.of({ names }))

  it('of all certificates has no scope, of a municipality a critical one with its two names', async () => {
    assert.deepEqual(lintCrlProfile(await list([]), 'full', 'sign'), [])
    assert.deepEqual(lintCrlProfile(await list(partition), 'partition', 'sign'), [])
    assert.deepEqual(
      partition.map(({ extnID, critical }) => [extnID, critical]),
      [['2.5.29.28', true]],
    )
  })
  it('is found to be another than it should be', async () => {
    finds(lintCrlProfile(await list(partition), 'full', 'sign'), 'extensions')
    finds(lintCrlProfile(await list([]), 'partition', 'sign'), 'extensions.issuingDistributionPoint')
    finds(lintCrlProfile(await list(partition, 'auth'), 'partition', 'auth'), 'extensions.issuingDistributionPoint')
    finds(lintCrlProfile(await list([], 'auth'), 'full', 'sign'), 'issuer')
    const named = (...names: readonly GeneralName[]) =>
      list(crlProfiles.partition.sign.map((part) => part.of({ names })))
    for (const one of [
      names.slice(0, 1),
      [uriOf(`${base}/13221.crl`)],
      [...names, directoryNameOf(authorityName('sign'))],
    ])
      finds(lintCrlProfile(await named(...one), 'partition', 'sign'), 'extensions.issuingDistributionPoint')
    const loose = partition.map((one) => ({ ...one, critical: false }))
    finds(lintCrlProfile(await list(loose), 'partition', 'sign'), 'extensions.issuingDistributionPoint')
  })
})
