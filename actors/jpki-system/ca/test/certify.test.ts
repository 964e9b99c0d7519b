/** Nothing is signed by a CA before it was looked at, and what was looked at is what is signed. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { contentsOf, profiles } from '@mobile-jpki/jpki'
import { type CertificateFields, type CrlHead, nameOf, parseCertificate, Signed } from '@mobile-jpki/pkix'
import {
  issueLongCrl,
  issueRehearsed,
  keyIdentifier,
  type Signer,
  verifyCrl,
  verifySignature,
} from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import { enrolled, newPublicKey, person, type Surroundings, surroundings } from '../../test/surroundings.ts'
import type { Authority } from '../authorities.ts'
import { certify, findingsAbout, rehearsalOf, specimenFor } from '../certify.ts'
import { issueToResponder } from '../issue.ts'

describe('a certificate that is about to be signed', () => {
  let world: Surroundings
  let authority: Authority
  before(async () => {
    world = await surroundings()
    authority = world.authorities.current('auth')
  })
  after(() => world.close())

  /** The CA with a key that counts. */
  const watched = () => {
    const signed: Uint8Array[] = []
    const signer: Signer = {
      ...authority.signer,
      sign: (octets) => {
        signed.push(octets)
        return authority.signer.sign(octets)
      },
    }
    return { signed, ca: { ...authority, signer } }
  }
  const { municipality } = person()
  const fieldsFor = (publicKey: Uint8Array): CertificateFields => ({
    serialNumber: '4132c4ab00112233',
    issuer: authority.opened.subject,
    notBefore: new Date('2026-04-01T03:00:00Z'),
    notAfter: new Date('2031-02-17T14:59:59Z'),
    publicKey,
    ...contentsOf(profiles.auth, {
      identifier: 'ABCDEFGHIJKLMN13221001A',
      municipality,
      subjectKeyIdentifier: keyIdentifier(publicKey),
      authorityKeyIdentifier: authority.keyIdentifier,
      locations: {
        crl: 'http://127.0.0.1:4080/crl/auth-1/13221.crl',
        ocsp: 'http://127.0.0.1:4080/ocsp',
        caIssuers: 'http://127.0.0.1:4080/ca/auth-1.cer',
      },
    }),
  })

  it('is signed once, in the very octets that were looked at', async () => {
    const { signed, ca } = watched()
    const looked: Uint8Array[] = []
    const look = (rehearsed: Uint8Array) => {
      assert.deepEqual(signed, [], 'nothing is signed before it was looked at')
      looked.push(rehearsed)
    }
    const der = await issueRehearsed(fieldsFor(newPublicKey()), ca.signer, ca.specimen, look)
    const { tbs: octets, signature, signatureAlgorithm: algorithm } = parseCertificate(der)
    const rehearsed = parseCertificate(looked[0] ?? new Uint8Array())
    assert.deepEqual([signed, rehearsed.tbs, rehearsed.signature], [[octets], octets, ca.specimen.signature])
    // An ECDSA signature has 70 to 72 octets.
    assert.ok(Math.abs(rehearsed.der.length - der.length) <= 4)
    assert.ok(await verifySignature({ algorithm, publicKey: ca.signer.publicKey, octets, signature }))
  })

  it('never reaches the CA key when it breaks a rule, and the refusal names the clause', async () => {
    const good = fieldsFor(newPublicKey())
    const small = generateKeyPairSync('rsa', { modulusLength: 512 }).publicKey.export({ format: 'der', type: 'spki' })
    const wrong: readonly (readonly [Partial<CertificateFields>, RegExp])[] = [
      [{ publicKey: new Uint8Array(small) }, /subjectPublicKeyInfo is an RSA key of 512 bits.*RFC 5280 §4\.1\.2\.7/],
      [{ publicKey: newPublicKey() }, /extensions\.subjectKeyIdentifier .*RFC 5280 §4\.2\.1\.2/],
      [
        { notAfter: new Date('2037-02-17T14:59:59Z') },
        /validity\.notAfter is after the CA's own .*§6\.1\.3.*profile auth/,
      ],
      [{ issuer: nameOf(['C', 'JP']) }, /issuer .*§4\.1\.2\.6/],
      [{ subject: nameOf(['C', 'JP'], ['CN', '公的　花子']) }, /subject has .*holder's identifier.*profile auth/],
      [{ extensions: good.extensions.slice(1) }, /extensions\.keyUsage is missing .*profile auth/],
      [{ extensions: good.extensions.toReversed() }, /extensions are not in the order .*profile auth/],
    ]
    for (const [change, says] of wrong) {
      const { signed, ca } = watched()
      await assert.rejects(certify({ ...good, ...change }, profiles.auth, ca, ca.opened), (error) => {
        assert.ok(error instanceof Refusal)
        assert.deepEqual([error.code, error.whose], ['certificate.profile-violation', 'jpki-system'])
        assert.match(error.message, says)
        return true
      })
      assert.deepEqual(signed, [])
    }
  })

  it('is not registered either: a place whose name does not fit leaves no certificate behind', async () => {
    const before = await world.store.db.selectFrom('certificate').select('serial_number').execute()
    const municipality = { code: '13221', prefecture: 'Tokyo-to', city: 'K'.repeat(60) }
    await assert.rejects(enrolled(world, { municipality }), { code: 'certificate.profile-violation' })
    assert.deepEqual(await world.store.db.selectFrom('certificate').select('serial_number').execute(), before)
  })

  it('is looked at under a signature of the same algorithm and length, which is not the CA’s and says nothing of it', async () => {
    const { specimen, signer } = authority
    assert.equal(specimen.algorithm, signer.algorithm)
    const { sign } = await enrolled(world)
    const { signed: octets, signatureAlgorithm: algorithm, signatureValue } = Signed.decode(sign.der)
    assert.ok(Math.abs(specimen.signature.length - signatureValue.length) <= 4)
    const { signature } = specimen
    assert.ok(!(await verifySignature({ algorithm, publicKey: signer.publicKey, octets, signature })))
  })

  it('leaves no finding once issued: of people, CAs and responders', async () => {
    const { sign, auth } = await enrolled(world)
    const signCa = world.authorities.current('sign')
    assert.deepEqual(findingsAbout(sign.der, profiles.sign, signCa.opened), [])
    assert.deepEqual(findingsAbout(auth.der, profiles.auth, authority.opened), [])
    for (const { name, certificate } of world.authorities.all)
      assert.deepEqual(findingsAbout(certificate, profiles.authority[name], 'itself'), [])
    const { der } = await issueToResponder(world, authority, newPublicKey())
    assert.deepEqual(findingsAbout(der, profiles.responder.auth, authority.opened), [])
  })
})

describe('a revocation list that is about to be signed', () => {
  let world: Surroundings
  before(async () => {
    world = await surroundings()
  })
  after(() => world.close())

  const issued = async (changed: Partial<CrlHead>, scope: 'full' | 'partition' = 'full') => {
    const authority = world.authorities.current('auth')
    const signed: Uint8Array[] = []
    const sign: Signer['sign'] = (octets) => {
      signed.push(octets)
      return authority.signer.sign(octets)
    }
    const head: CrlHead = {
      issuer: authority.opened.subject,
      thisUpdate: world.now(),
      nextUpdate: new Date(world.now().getTime() + 3_600_000),
      crlNumber: 1n,
      authorityKeyIdentifier: authority.keyIdentifier,
      ...changed,
    }
    const entries = [[{ serialNumber: '41', revocationDate: world.now(), reason: 'superseded' as const }]]
    const issuing = issueLongCrl(head, entries, { ...authority.signer, sign }, rehearsalOf(authority, scope))
    return { signed, issuing, issuer: authority.opened }
  }

  it('is signed once, and is the CA’s', async () => {
    const { signed, issuing, issuer } = await issued({})
    const crl = await verifyCrl(await issuing, issuer, world.now())
    assert.equal(crl.find('41')?.reason, 'superseded')
    assert.equal(signed.length, 1)
  })

  it('never reaches the CA key when it breaks a rule', async () => {
    const wrong: readonly (readonly [Partial<CrlHead>, 'full' | 'partition', RegExp])[] = [
      [{ nextUpdate: world.now() }, 'full', /nextUpdate is not after thisUpdate .RFC 5280 §5\.1\.2\.5/],
      [{ crlNumber: -1n }, 'full', /cRLNumber .*§5\.2\.3/],
      [{ authorityKeyIdentifier: new Uint8Array(20) }, 'full', /authorityKeyIdentifier .*§5\.2\.1/],
      [{}, 'partition', /issuingDistributionPoint is missing .profile auth CRL, partition/],
    ]
    for (const [change, scope, says] of wrong) {
      const { signed, issuing } = await issued(change, scope)
      await assert.rejects(issuing, (error) => {
        assert.ok(error instanceof Refusal)
        assert.equal(error.code, 'certificate.profile-violation')
        assert.match(error.message, says)
        return true
      })
      assert.deepEqual(signed, [])
    }
  })
})

describe('a CA with a key by configuration', () => {
  it('rehearses with a signature like its own', async () => {
    for (const [pair, algorithm, length] of [
      [generateKeyPairSync('rsa', { modulusLength: 3072 }), 'sha256WithRSAEncryption', 384],
      [generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'ecdsaWithSHA256', 70],
    ] as const) {
      const publicKey = new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' }))
      const specimen = await specimenFor({ algorithm, publicKey })
      assert.equal(specimen.algorithm, algorithm)
      assert.ok(Math.abs(specimen.signature.length - length) <= 4, `${specimen.signature.length} octets`)
    }
  })
})
