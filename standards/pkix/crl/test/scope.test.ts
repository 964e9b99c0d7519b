/** A list speaks for the certificates that name it, and for no others: ours and openssl's judgement. RFC 5280 §6.3.3. */

import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { TypeOf } from '@mobile-jpki/der'
import { needs } from '../../../../test/needs.ts'
import { CrlError, issueCrl, keyIdentifier, verifyCrl } from '../../crypto.ts'
import * as pkix from '../../index.ts'
import { caName, hoursFromNow, type Issued, issueBy, makeCa, now, pem, workplace } from '../../test/hierarchy.ts'

const partition = (city: string) =>
  pkix.directoryNameOf(pkix.nameOf(['C', 'JP'], ['O', 'JPKI-EXAMPLE'], ['OU', 'CRL Distribution Points'], ['CN', city]))
const address = (code: string) => pkix.uriOf(`http://crl.example.jp/auth-1/${code}.crl`)
const chofu = [partition('Chofu-shi CRLDP'), address('13208')] as const
const komae = [partition('Komae-shi CRLDP'), address('13219')] as const

const wholly = {
  onlyContainsUserCerts: false,
  onlyContainsCACerts: false,
  indirectCRL: false,
  onlyContainsAttributeCerts: false,
} as const
const scopeOf = (changes: Partial<TypeOf<typeof pkix.issuingDistributionPoint.codec>>) => [
  pkix.extension(pkix.issuingDistributionPoint, { ...wholly, ...changes }, 'critical'),
]
const fullName = (...names: readonly pkix.GeneralName[]) =>
  scopeOf({ distributionPoint: { kind: 'fullName', value: names } })

let ca: Issued
let certificate: Issued
let revoked: Issued
before(async () => {
  ca = await makeCa()
  certificate = await citizen(chofu)
  revoked = await citizen(chofu, { serialNumber: '0a02' })
})

const citizen = (names: readonly pkix.GeneralName[], changes: Parameters<typeof issueBy>[1] = {}) =>
  issueBy(ca, {
    extensions: [
      pkix.extension(pkix.cRLDistributionPoints, [pkix.distributionPointOf(...names)]),
      pkix.extension(pkix.authorityKeyIdentifier, { keyIdentifier: keyIdentifier(ca.signer.publicKey) }),
    ],
    ...changes,
  })

const list = (extensions: readonly pkix.Extension[], by = ca) =>
  issueCrl(
    {
      issuer: caName,
      thisUpdate: now,
      nextUpdate: hoursFromNow(30),
      crlNumber: 1n,
      authorityKeyIdentifier: keyIdentifier(by.signer.publicKey),
      entries: [{ serialNumber: '0a02', revocationDate: now, reason: 'affiliationChanged' }],
      extensions,
    },
    by.signer,
  )

const speaks = async (extensions: readonly pkix.Extension[], one = certificate): Promise<boolean> => {
  try {
    await verifyCrl(await list(extensions), ca.certificate, now, one.certificate)
    return true
  } catch (error) {
    assert.ok(error instanceof CrlError && error.code === 'scope', String(error))
    return false
  }
}

describe('a list speaks for a certificate', () => {
  it('when it has no scope', async () => assert.ok(await speaks([])))
  it('when all names agree', async () => assert.ok(await speaks(fullName(...chofu))))
  it('when one of the names agrees', async () => {
    assert.ok(await speaks(fullName(chofu[0], komae[1])))
    assert.ok(await speaks(fullName(address('0'), chofu[1])))
  })
  it('when the names agree but for case and spaces', async () =>
    assert.ok(await speaks(fullName(partition('CHOFU-SHI  CRLDP')))))
  it('when any of its distribution points agrees', async () => {
    const points = [komae, chofu].map((names) => pkix.distributionPointOf(...names))
    const extensions = [pkix.extension(pkix.cRLDistributionPoints, points)]
    assert.ok(await speaks(fullName(...chofu), await issueBy(ca, { extensions })))
  })
  it('when it names no point and the list is named as the issuer', async () => {
    const bare = await issueBy(ca, { extensions: [] })
    assert.ok(await speaks(fullName(pkix.directoryNameOf(caName)), bare))
  })
  it('when the name is relative to the issuer', async () => {
    const rdn = pkix.nameOf(['CN', '13208'])[0] ?? []
    const scope = scopeOf({ distributionPoint: { kind: 'nameRelativeToCRLIssuer', value: rdn } })
    const named = await citizen([pkix.directoryNameOf([...caName, rdn])])
    assert.ok(await speaks(scope, named))
    assert.equal(await speaks(scope), false)
  })
  it('when it is one for users, or one for CAs, and so is the certificate', async () => {
    assert.ok(await speaks(scopeOf({ onlyContainsUserCerts: true })))
    assert.ok(await speaks(scopeOf({ onlyContainsCACerts: true }), ca))
  })
})

describe('a list does not speak for a certificate', () => {
  it('of another partition', async () => assert.equal(await speaks(fullName(...komae)), false))
  it('whose directory name is the text of an address', async () =>
    assert.equal(await speaks(fullName(partition('http://crl.example.jp/auth-1/13208.crl'))), false))
  it('that names no point, being a partition', async () =>
    assert.equal(await speaks(fullName(...chofu), await issueBy(ca, { extensions: [] })), false))
  it('whose point is served by another issuer', async () => {
    const cRLIssuer = [pkix.directoryNameOf(pkix.nameOf(['O', 'another']))]
    const point = { ...pkix.distributionPointOf(...chofu), cRLIssuer }
    const one = await issueBy(ca, { extensions: [pkix.extension(pkix.cRLDistributionPoints, [point])] })
    assert.equal(await speaks(fullName(...chofu), one), false)
  })
  it('of a CA, being one for users, nor the other way round', async () => {
    assert.equal(await speaks(scopeOf({ onlyContainsUserCerts: true }), ca), false)
    assert.equal(await speaks(scopeOf({ onlyContainsCACerts: true })), false)
  })
  it('of another generation of the same CA, or of another CA', async () => {
    const other = await makeCa()
    assert.equal(await speaks([], await issueBy(other)), false)
    assert.equal(
      await speaks([], await issueBy(other, { extensions: [] })),
      true,
      'where no key is named, names decide',
    )
    assert.equal(await speaks([], await issueBy(ca, { issuer: pkix.nameOf(['O', 'another']) })), false)
  })
})

describe('openssl', { skip: needs('openssl') }, () => {
  const { put, run } = workplace()
  const check = async (one: Issued, extensions: readonly pkix.Extension[]) => {
    put('ca.pem', pem('CERTIFICATE', ca.der))
    put('list.pem', pem('X509 CRL', await list(extensions)))
    put('one.pem', pem('CERTIFICATE', one.der))
    return run('openssl', 'verify', '-crl_check', '-CAfile', 'ca.pem', '-CRLfile', 'list.pem', 'one.pem').said
  }
  for (const [what, scope] of Object.entries({ partition: fullName(...chofu), 'full list': [] }))
    it(`finds in the ${what} what is revoked, and passes what is not`, async () => {
      assert.match(await check(certificate, scope), /one\.pem: OK/)
      assert.match(await check(revoked, scope), /certificate revoked/)
    })
  it('says as we do that another partition says nothing of a certificate', async () => {
    assert.match(await check(certificate, fullName(...komae)), /different CRL scope/i)
    assert.match(await check(revoked, fullName(...komae)), /different CRL scope/i)
  })
  it('prints the scope as critical, with both names', async () => {
    put('list.pem', pem('X509 CRL', await list(fullName(...chofu))))
    const { said } = run('openssl', 'crl', '-in', 'list.pem', '-noout', '-text')
    assert.match(said, /Issuing Distribution Point: critical/)
    assert.match(said, /CN = Chofu-shi CRLDP/)
    assert.match(said, /URI:http:\/\/crl\.example\.jp\/auth-1\/13208\.crl/)
    assert.match(said, /Affiliation Changed/)
  })
})

describe('certtool', { skip: needs('certtool') }, () => {
  it('verifies the list of a partition', async () => {
    const { put, run } = workplace()
    put('ca.pem', pem('CERTIFICATE', ca.der))
    put('list.pem', pem('X509 CRL', await list(fullName(...chofu))))
    const { said } = run('certtool', '--verify-crl', '--load-ca-certificate', 'ca.pem', '--infile', 'list.pem')
    assert.match(said, /Verified/)
    assert.match(run('certtool', '--crl-info', '--infile', 'list.pem').said, /2\.5\.29\.28/)
  })
})
