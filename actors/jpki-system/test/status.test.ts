/** OCSP answers and revocation lists, read by our own verifier; strangers read them in strangers.test.ts. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ocspRequestOf, parseCertificate, parseOcspRequest, parseOcspResponse } from '@mobile-jpki/pkix'
import { certId, ocspRequest, signOcspResponse, verifyOcspResponse } from '@mobile-jpki/pkix/crypto'
import { ocspResponder } from '../domain/status.ts'
import type { CertificateRecord } from '../domain/world.ts'
import {
  activated,
  day,
  discard,
  enrolled,
  halfKeyPairs,
  ordered,
  revoke,
  type Surroundings,
  surroundings,
} from './surroundings.ts'

const start = new Date('2026-04-01T03:00:00Z')
const later = (milliseconds: number) => new Date(start.getTime() + milliseconds)

describe('OCSP', () => {
  let world: Surroundings
  let answer: ReturnType<typeof ocspResponder>
  before(async () => {
    world = await surroundings({ keyPairs: halfKeyPairs })
    answer = ocspResponder(world)
  })
  after(() => world.close())

  const issuerOf = ({ authority, generation }: Pick<CertificateRecord, 'authority' | 'generation'>) =>
    world.authorities.find(authority, generation).opened

  async function statusOf(certificate: Pick<CertificateRecord, 'authority' | 'generation' | 'serialNumber'>) {
    const issuer = issuerOf(certificate)
    const { serialNumber } = certificate
    const nonce = world.random(32)
    const { der } = await answer(ocspRequest(issuer, serialNumber, nonce))
    const { status, ...rest } = await verifyOcspResponse(der, { issuer, serialNumber, nonce, at: world.now() })
    return 'reason' in rest ? `${status} ${rest.reason} ${rest.revokedAt.toISOString()}` : status
  }

  it('says good of a valid certificate, and of nothing else', async () => {
    const card = await enrolled(world)
    assert.equal(await statusOf(card.sign), 'good')
    assert.equal(await statusOf(card.auth), 'good')
    const phone = await ordered(world, card)
    assert.equal(await statusOf(phone.certificate), 'unknown', 'pending')
    assert.equal(await statusOf({ ...card.sign, serialNumber: '4123456789abcdef' }), 'unknown', 'never issued')
    assert.equal(await statusOf({ ...card.sign, authority: 'auth' }), 'unknown', "of the other CA's")
    assert.equal(await statusOf((await activated(world, card)).certificate), 'good')
  })

  it('says revoked at once, with reason and time, and goes on saying it after expiry', async () => {
    const { sign, auth } = await enrolled(world)
    assert.equal(await statusOf(sign), 'good')
    await revoke(world, { authority: 'sign', serialNumber: sign.serialNumber, reason: 'affiliationChanged' })
    const said = 'revoked affiliationChanged 2026-04-01T03:00:00.000Z'
    assert.equal(await statusOf(sign), said)
    await revoke(world, { authority: 'auth', serialNumber: auth.serialNumber, reason: 'certificateHold' })
    assert.match(await statusOf(auth), /^revoked certificateHold/)
    world.at('2031-03-01T00:00:00Z')
    assert.equal(await statusOf(sign), said)
    world.at(start)
  })

  it('says revoked of what was thrown away, and unknown of what expired', async () => {
    const card = await enrolled(world)
    const { orderId, certificate } = await ordered(world, card)
    await discard(world, orderId)
    assert.match(await statusOf(certificate), /^revoked unspecified/)
    world.at('2031-03-01T00:00:00Z')
    assert.equal(await statusOf(card.sign), 'unknown')
    world.at(start)
  })

  it('answers several at once, each in its place, and only those of the authority that was asked first', async () => {
    const card = await enrolled(world)
    const sign = world.authorities.current('sign').opened
    const ids = [
      certId(sign, card.sign.serialNumber, 'sha256'),
      certId(world.authorities.current('auth').opened, card.auth.serialNumber),
      certId(sign, '41'),
    ]
    const response = parseOcspResponse((await answer(ocspRequestOf(ids))).der)
    assert.ok(typeof response !== 'string')
    assert.deepEqual(
      response.responses.map(({ certStatus }) => certStatus.kind),
      ['good', 'unknown', 'unknown'],
    )
  })

  it('does not speak for an issuer that it does not know', async () => {
    const foreign = { subjectOctets: Uint8Array.of(0x30, 0), publicKeyBits: Uint8Array.of(1) }
    const { der, authority } = await answer(ocspRequest(foreign, '41'))
    assert.equal(parseOcspResponse(der), 'unauthorized')
    assert.equal(authority, undefined)
  })

  it('calls malformed what is no request, too long a nonce, and too many questions', async () => {
    const issuer = world.authorities.current('sign').opened
    const many = Array.from({ length: 33 }, () => certId(issuer, '41'))
    const requests = [
      new Uint8Array(),
      Uint8Array.of(0x30, 0x03, 0x02, 0x01, 0x00),
      ocspRequest(issuer, '41', new Uint8Array(129)),
      ocspRequestOf(many),
      ocspRequest(issuer, '41').subarray(0, -1),
    ]
    for (const request of requests) assert.equal(parseOcspResponse((await answer(request)).der), 'malformedRequest')
  })

  it('lets caches keep only an answer that can never change', async () => {
    const { sign, auth } = await enrolled(world)
    const ask = (certificate: CertificateRecord, nonce?: Uint8Array) =>
      answer(ocspRequest(issuerOf(certificate), certificate.serialNumber, nonce))
    assert.equal((await ask(sign)).kept, undefined)
    await revoke(world, { authority: 'sign', serialNumber: sign.serialNumber, reason: 'keyCompromise' })
    await revoke(world, { authority: 'auth', serialNumber: auth.serialNumber, reason: 'certificateHold' })
    assert.ok((await ask(sign)).kept)
    assert.equal((await ask(sign, world.random(32))).kept, undefined)
    assert.equal((await ask(auth)).kept, undefined, 'a hold is not the last word')
  })

  it('changes its responder every day, and registers each', async () => {
    const { sign } = await enrolled(world)
    const responder = async () => {
      const response = parseOcspResponse((await answer(ocspRequest(issuerOf(sign), sign.serialNumber))).der)
      assert.ok(typeof response !== 'string')
      return parseCertificate(response.certificates[0] ?? new Uint8Array())
    }
    const first = await responder()
    assert.equal((await responder()).serialNumber, first.serialNumber)
    world.at(later(day))
    const second = await responder()
    assert.notEqual(second.serialNumber, first.serialNumber)
    assert.equal(await statusOf(sign), 'good')
    world.at(start)
    assert.equal((await world.register.certificates.find('sign', second.serialNumber))?.kind, 'responder')
  })

  it('makes one responder however many ask first', async () => {
    const { sign } = await enrolled(world)
    const request = ocspRequest(issuerOf(sign), sign.serialNumber)
    const fresh = ocspResponder(world)
    const replies = await Promise.all([1, 2, 3].map(() => fresh(request)))
    const responders = replies.map(({ der }) => {
      const response = parseOcspResponse(der)
      return typeof response === 'string' ? response : response.certificates[0]?.toHex()
    })
    assert.equal(new Set(responders).size, 1)
  })

  it('refuses to revoke a responder as if it were a person', async () => {
    const { sign } = await enrolled(world)
    const response = parseOcspResponse((await answer(ocspRequest(issuerOf(sign), sign.serialNumber))).der)
    assert.ok(typeof response !== 'string')
    const { serialNumber } = parseCertificate(response.certificates[0] ?? new Uint8Array())
    const asked = revoke(world, { authority: 'sign', serialNumber, reason: 'superseded' })
    await assert.rejects(asked, { name: 'Refusal', code: 'reference.not-found' })
  })

  it('is not believed when somebody else signs the answer', async () => {
    const { sign, auth } = await enrolled(world)
    const issuer = issuerOf(sign)
    const request = parseOcspRequest(ocspRequest(issuer, sign.serialNumber))
    const at = world.now()
    const other = world.authorities.find('auth', auth.generation)
    const forged = await signOcspResponse(
      {
        request,
        statuses: [{ status: 'good' }],
        producedAt: at,
        thisUpdate: at,
        responderCertificate: other.certificate,
      },
      other.signer,
    )
    await assert.rejects(verifyOcspResponse(forged, { issuer, serialNumber: sign.serialNumber, at }))
  })
})
