/** Every rule about revocation lists: a good one is left alone, and one thing changed is found. RFC 5280 §5. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { type CrlFields, issueCertificate, issueCrl, keyIdentifier, keySigner } from '../../crypto.ts'
import * as pkix from '../../index.ts'

const signer = keySigner(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
const caName = pkix.nameOf(['C', 'JP'], ['O', 'Example'])
const own = keyIdentifier(signer.publicKey)
const { extension: ext } = pkix
const ca = async (usage: readonly pkix.KeyUsage[] = ['keyCertSign', 'cRLSign']) =>
  pkix.parseCertificate(
    await issueCertificate(
      {
        serialNumber: '01',
        issuer: caName,
        subject: caName,
        notBefore: new Date('2026-01-01T00:00:00Z'),
        notAfter: new Date('2036-01-01T00:00:00Z'),
        publicKey: signer.publicKey,
        extensions: [
          ext(pkix.keyUsage, usage, 'critical'),
          ext(pkix.basicConstraints, { cA: true }, 'critical'),
          ext(pkix.subjectKeyIdentifier, own),
        ],
      },
      signer,
    ),
  )
const issuer = await ca()

const everything = {
  onlyContainsUserCerts: false,
  onlyContainsCACerts: false,
  indirectCRL: false,
  onlyContainsAttributeCerts: false,
}
const names = (uri: string) => ({ kind: 'fullName', value: [pkix.uriOf(uri)] }) as const
const scope = (changed: Partial<Parameters<typeof pkix.issuingDistributionPoint.codec.encode>[0]>) => ({
  extensions: [
    ext(
      pkix.issuingDistributionPoint,
      { distributionPoint: names('http://ca.example/1.crl'), ...everything, ...changed },
      'critical',
    ),
  ],
})
const at = new Date('2026-06-01T00:00:00Z')
const good: CrlFields = {
  issuer: caName,
  thisUpdate: at,
  nextUpdate: new Date('2026-06-02T00:00:00Z'),
  crlNumber: 7n,
  authorityKeyIdentifier: own,
  entries: [
    { serialNumber: '41', revocationDate: new Date('2026-05-01T00:00:00Z'), reason: 'keyCompromise' },
    { serialNumber: '42', revocationDate: at, reason: 'unspecified' },
  ],
  ...scope({}),
}
const lint = async (changed: Partial<CrlFields>, by = issuer) =>
  pkix.lintCrl(await issueCrl({ ...good, ...changed }, signer), { issuer: by })
const finds = (found: readonly pkix.Finding[], field: string, clause: string) =>
  assert.ok(
    found.some((one) => one.field === field && one.clause === `RFC 5280 ${clause}`),
    found.map(pkix.printFinding).join('; ') || 'nothing found',
  )
const entry = (serialNumber: string, changed: object = {}) => ({
  serialNumber,
  revocationDate: at,
  reason: 'superseded' as const,
  ...changed,
})

// biome-ignore format: a table, one line each
const broken: readonly (readonly [what: string, field: string, clause: string, change: Partial<CrlFields>])[] = [
  ['another issuer', 'issuer', '§5.1.2.3', { issuer: pkix.nameOf(['O', 'Other']) }],
  ['a next list that is not after this one', 'nextUpdate', '§5.1.2.5', { nextUpdate: at }],
  ['a list before its CA', 'thisUpdate', '§5.1.2.4', { thisUpdate: new Date('2025-12-31T00:00:00Z'), entries: [] }],
  ['the identifier of another key', 'crlExtensions.authorityKeyIdentifier', '§5.2.1', { authorityKeyIdentifier: new Uint8Array(20) }],
  ['a negative number', 'crlExtensions.cRLNumber', '§5.2.3', { crlNumber: -1n }],
  ['a number of more than 20 octets', 'crlExtensions.cRLNumber', '§5.2.3', { crlNumber: 1n << 159n }],
  ['an issuingDistributionPoint that is not critical', 'crlExtensions.issuingDistributionPoint', '§5.2.5', { extensions: [{ ...(good.extensions?.[0] ?? assert.fail()), critical: false }] }],
  ['an empty one', 'crlExtensions.issuingDistributionPoint', '§5.2.5', { extensions: [ext(pkix.issuingDistributionPoint, everything, 'critical')] }],
  ['one for users only and for CAs only', 'crlExtensions.issuingDistributionPoint', '§5.2.5', scope({ onlyContainsUserCerts: true, onlyContainsCACerts: true })],
  ['one with a name that is no URI', 'crlExtensions.issuingDistributionPoint', '§5.2.5', scope({ distributionPoint: names('list') })],
  ['a serial number twice', 'revokedCertificates', '§5.1.2.6', { entries: [entry('41'), entry('41')] }],
  ['an entry that takes one out', 'revokedCertificates.reasonCode', '§5.3.1', { entries: [entry('41', { reason: 'removeFromCRL' })] }],
]

describe('the linter of revocation lists', () => {
  it('leaves good ones alone, of all certificates and of some', async () => {
    assert.deepEqual(await lint({}), [])
    assert.deepEqual(await lint({ extensions: [], entries: [] }), [])
  })
  for (const [what, field, clause, change] of broken)
    it(`finds ${what}`, async () => finds(await lint(change), field, clause))

  it('finds an issuer that may not sign lists', async () =>
    finds(await lint({}, await ca(['keyCertSign'])), 'issuer', '§4.2.1.3'))

  it('finds what is missing', async () => {
    const { tbsCertList, ...frame } = pkix.CertificateList.decode(await issueCrl(good, signer))
    const { nextUpdate, crlExtensions = [], ...tbs } = tbsCertList.value
    const lintTbs = (value: Parameters<typeof pkix.TbsCertList.encode>[0]) =>
      pkix.lintCrl(
        pkix.CertificateList.encode({ ...frame, tbsCertList: { value, octets: pkix.TbsCertList.encode(value) } }),
        { issuer },
      )
    finds(lintTbs({ ...tbs, crlExtensions }), 'nextUpdate', '§5.1.2.5')
    const others = (id: string) => crlExtensions.filter(({ extnID }) => extnID !== id)
    const kept = { ...tbs, ...(nextUpdate && { nextUpdate }) }
    finds(lintTbs({ ...kept, crlExtensions: others(pkix.cRLNumber.id) }), 'crlExtensions.cRLNumber', '§5.2.3')
    finds(
      lintTbs({ ...kept, crlExtensions: others(pkix.authorityKeyIdentifier.id) }),
      'crlExtensions.authorityKeyIdentifier',
      '§5.2.1',
    )
  })

  it('names the place where reading ends', async () => {
    const der = await issueCrl(good, signer)
    const [finding] = pkix.lintCrl(der.subarray(0, -1), { issuer })
    assert.equal(finding?.clause, 'RFC 5280 §5.1')
  })
})
