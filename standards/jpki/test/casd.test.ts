/** Controlling authority → CASD → applet's key: what holds, and everything that breaks it. GPCS Amendment A §3; docs/protocols/personalization.md. */
import assert from 'node:assert/strict'
import { createECDH, generateKeyPairSync, sign } from 'node:crypto'
import { describe, it } from 'node:test'
import { TlvError } from '@mobile-jpki/tlv'
import fc from 'fast-check'
import {
  Attestation,
  type AttestationFlaw,
  type AttestedContext,
  type AttestedPurpose,
  appletInstance,
  attestationIn,
  CasdCertificate,
  type CasdStatement,
  casdAttestationToSign,
  casdKeyUsage,
  casdStatementToSign,
  flawOfAttestation,
  iccidOctets,
  p256Reference,
} from '../index.ts'

/** A P-256 key outside our own code. */
function signingPair() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  return {
    point: new Uint8Array(Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])),
    sign: (octets: Uint8Array) =>
      new Uint8Array(sign('sha256', octets, { key: privateKey, dsaEncoding: 'ieee-p1363' })),
  }
}

const authority = signingPair()
const casd = signingPair()
const iccid = iccidOctets('8981100022152967705')
const context: AttestedContext = { instanceAid: appletInstance, iccid, orderId: 'an-order' }
const at = new Date('2026-04-01T00:00:00Z')
const envelopeKey = (() => {
  const pair = createECDH('prime256v1')
  pair.generateKeys()
  return new Uint8Array(pair.getPublicKey())
})()

const statement: CasdStatement = {
  serialNumber: Uint8Array.of(1),
  caIdentifier: Uint8Array.of(0x4d, 0x4a),
  subject: iccid,
  keyUsage: casdKeyUsage,
  effectiveDate: '20260101',
  expirationDate: '20361231',
  publicKey: { point: casd.point, parameters: p256Reference },
}
const certificateOf = (changes: Partial<CasdStatement> = {}, by = authority) => {
  const fields = { ...statement, ...changes }
  return CasdCertificate.encode({ ...fields, signature: by.sign(casdStatementToSign(fields)) })
}
interface Changes {
  certificate?: Uint8Array
  signed?: AttestedContext
  purpose?: AttestedPurpose
  by?: typeof casd
  publicKey?: Uint8Array
  program?: Uint8Array
}
/** SHA-256 of the load file of an applet that was given out. */
const genuine = new Uint8Array(32).fill(0xa7)
const attested = ({
  certificate = certificateOf(),
  signed = context,
  purpose,
  by = casd,
  publicKey,
  program = genuine,
}: Changes = {}) => ({
  publicKey: publicKey ?? envelopeKey,
  signature: by.sign(casdAttestationToSign(purpose ?? 'envelopeKey', envelopeKey, signed, program)),
  certificate,
})
const flawOf = (
  changes?: Changes,
  when = at,
  authorities = [authority.point],
  expected = context,
  applets: readonly Uint8Array[] = [genuine],
) => flawOfAttestation(attested(changes), 'envelopeKey', expected, { attestedBy: 'casd', authorities, applets }, when)

describe('an attestation', () => {
  it('holds for every applet that was given out, and for no other program under its name', async () => {
    const [earlier, foreign] = [1, 2].map((octet) => new Uint8Array(32).fill(octet))
    const given = [genuine, earlier ?? genuine]
    for (const program of given) assert.equal(await flawOf({ program }, at, undefined, context, given), undefined)
    for (const program of [foreign ?? genuine, new Uint8Array()])
      assert.equal(await flawOf({ program }, at, undefined, context, given), 'signature')
    assert.equal(await flawOf({}, at, undefined, context, []), 'signature')
  })

  it('holds under one of the trust anchors, from the first day of the certificate to the last', async () => {
    assert.equal(await flawOf(), undefined)
    assert.equal(await flawOf({}, at, [signingPair().point, authority.point]), undefined)
    for (const day of ['2026-01-01T00:00:00Z', '2036-12-31T23:59:59Z'])
      assert.equal(await flawOf({}, new Date(day)), undefined, day)
  })

  const broken: Record<string, [AttestationFlaw, () => ReturnType<typeof flawOf>]> = {
    'under another authority': ['authority', () => flawOf({}, at, [signingPair().point])],
    'under none': ['authority', () => flawOf({}, at, [])],
    'of a certificate by another authority': [
      'authority',
      () => flawOf({ certificate: certificateOf({}, signingPair()) }),
    ],
    'of a certificate changed after it was signed': [
      'authority',
      () => {
        const signature = authority.sign(casdStatementToSign(statement))
        const subject = iccidOctets('8981100022152967706')
        return flawOf({ certificate: CasdCertificate.encode({ ...statement, subject, signature }) })
      },
    ],
    'before the certificate begins': ['validity', () => flawOf({}, new Date('2025-12-31T23:59:59Z'))],
    'after the certificate ended': ['validity', () => flawOf({}, new Date('2037-01-01T00:00:00Z'))],
    'of another SIM': [
      'subject',
      () => flawOf({ certificate: certificateOf({ subject: iccidOctets('8981100022152967706') }) }),
    ],
    'by a certificate for something else': [
      'usage',
      () => flawOf({ certificate: certificateOf({ keyUsage: Uint8Array.of(0x80) }) }),
    ],
    'by a key on another curve': [
      'usage',
      () => flawOf({ certificate: certificateOf({ publicKey: { point: casd.point, parameters: Uint8Array.of(3) } }) }),
    ],
    'for another purpose': ['signature', () => flawOf({ purpose: 'userAuthenticationKey' })],
    'for another order': ['signature', () => flawOf({ signed: { ...context, orderId: 'another' } })],
    'for another application': [
      'signature',
      () => flawOf({ signed: { ...context, instanceAid: Uint8Array.of(1, 2, 3, 4, 5) } }),
    ],
    'of another key': ['signature', () => flawOf({ publicKey: signingPair().point })],
    'signed by another card': ['signature', () => flawOf({ by: signingPair() })],
    'with something else for a certificate': ['format', () => flawOf({ certificate: new Uint8Array(120) })],
  }
  for (const [what, [flaw, run]] of Object.entries(broken))
    it(`does not hold ${what}: ${flaw}`, async () => assert.equal(await run(), flaw))

  it('does not hold with any octet of the certificate changed', async () => {
    const certificate = certificateOf()
    for (const [place, octet] of certificate.entries())
      assert.notEqual(await flawOf({ certificate: certificate.with(place, octet ^ 0x01) }), undefined, `octet ${place}`)
  })
})

describe('the formats', () => {
  it('come back as they were', () => {
    const value = { ...statement, signature: new Uint8Array(64) }
    assert.deepEqual(CasdCertificate.decode(CasdCertificate.encode(value)), value)
    const attestation = attested()
    assert.deepEqual(attestationIn(Attestation.encode(attestation)), attestation)
  })
  it('carry dates of eight digits', () => {
    for (const effectiveDate of ['2026010', '202601011', '2026010a', '20260f01'])
      assert.throws(() => casdStatementToSign({ ...statement, effectiveDate }), TlvError)
    const written = CasdCertificate.encode({ ...statement, signature: new Uint8Array(64) })
    const at = written.findIndex((octet, place) => octet === 0x5f && written[place + 1] === 0x25) + 3
    assert.throws(() => CasdCertificate.decode(written.with(at, 0xaf)), TlvError)
  })
  it('of any octets are read or are none', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => assert.equal(attestationIn(octets), undefined)),
      { numRuns: 300 },
    ))
})
