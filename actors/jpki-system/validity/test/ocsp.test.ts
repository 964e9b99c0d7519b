/** OCSP answers, stored and signed on demand, read by our own verifier; strangers read them in test/strangers.test.ts. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { archiveCutoff, ocspRequestOf, parseCertificate, parseOcspRequest, parseOcspResponse } from '@mobile-jpki/pkix'
import { certId, ocspRequest, signOcspResponse, verifyOcspResponse } from '@mobile-jpki/pkix/crypto'
import type { CertificateRecord } from '../../domain/world.ts'
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
} from '../../test/surroundings.ts'
import { refreshing } from '../ocsp/refresh.ts'

const start = new Date('2026-04-01T03:00:00Z')
const later = (milliseconds: number) => new Date(start.getTime() + milliseconds)
const hour = 3_600_000

type Named = Pick<CertificateRecord, 'authority' | 'generation' | 'serialNumber'>

describe('OCSP', () => {
  let world: Surroundings
  let refresh: () => Promise<number>
  before(async () => {
    world = await surroundings({ keyPairs: halfKeyPairs })
    refresh = refreshing(refresherOf(world))
  })
  after(() => world.close())

  const issuerOf = ({ authority, generation }: Pick<Named, 'authority' | 'generation'>) =>
    world.authorities.find(authority, generation).opened
  const ask = async (certificate: Named, nonce?: Uint8Array) =>
    world.validity.answer(ocspRequest(issuerOf(certificate), certificate.serialNumber, nonce))

  async function verified(certificate: Named, nonce?: Uint8Array) {
    const { der } = await ask(certificate, nonce)
    const { serialNumber } = certificate
    const expected = { issuer: issuerOf(certificate), serialNumber, at: world.now() }
    return verifyOcspResponse(der, { ...expected, ...(nonce && { nonce }) })
  }

  /** The answer on demand, and the other one, which must say the same. */
  async function statusOf(certificate: Named) {
    const said = (one: Awaited<ReturnType<typeof verified>>) =>
      one.status === 'revoked' ? `revoked ${one.reason} ${one.revokedAt.toISOString()}` : one.status
    const [signed, other] = [await verified(certificate, world.random(32)), await verified(certificate)]
    assert.equal(said(other), said(signed))
    return said(signed)
  }

  const thisUpdateOf = async (certificate: Named) => (await verified(certificate)).thisUpdate

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

  it('says revoked at once, with reason and time', async () => {
    const { sign, auth } = await enrolled(world)
    while ((await refresh()) > 0);
    assert.equal(await statusOf(sign), 'good')
    await revoke(world, { authority: 'sign', serialNumber: sign.serialNumber, reason: 'affiliationChanged' })
    assert.equal(await statusOf(sign), 'revoked affiliationChanged 2026-04-01T03:00:00.000Z')
    await revoke(world, { authority: 'auth', serialNumber: auth.serialNumber, reason: 'certificateHold' })
    assert.match(await statusOf(auth), /^revoked certificateHold/)
    await revoke(world, { authority: 'auth', serialNumber: auth.serialNumber, reason: 'keyCompromise' })
    assert.match(await statusOf(auth), /^revoked keyCompromise/)
  })

  it('says revoked of what was thrown away', async () => {
    const { orderId, certificate } = await ordered(world, await enrolled(world))
    await discard(world, orderId)
    assert.match(await statusOf(certificate), /^revoked unspecified/)
  })

  it('goes on saying of what expired how it was at its end, and since when it knows', async () => {
    const [card, lost] = [await enrolled(world), await enrolled(world)]
    await revoke(world, { authority: 'sign', serialNumber: lost.sign.serialNumber, reason: 'keyCompromise' })
    const { certificate: waiting } = await ordered(world, card)
    while ((await refresh()) > 0);
    world.at('2031-03-01T00:00:00Z')
    while ((await refresh()) > 0);
    assert.equal(await statusOf(card.sign), 'good')
    assert.match(await statusOf(lost.sign), /^revoked keyCompromise/)
    assert.equal(await statusOf(waiting), 'unknown')
    const response = parseOcspResponse((await ask(card.sign)).der)
    assert.ok(typeof response !== 'string')
    const [cutoff] = response.responses[0]?.singleExtensions ?? []
    assert.equal(cutoff?.extnID, archiveCutoff.id)
    assert.deepEqual(archiveCutoff.codec.decode(cutoff?.extnValue ?? new Uint8Array()), issuerOf(card.sign).notBefore)
    world.at(start)
  })

  it('answers several at once, each in its place and in its own octets, and only those of the authority that was asked first', async () => {
    const card = await enrolled(world)
    const sign = world.authorities.current('sign').opened
    const ids = [
      certId(sign, card.sign.serialNumber, 'sha256'),
      certId(world.authorities.current('auth').opened, card.auth.serialNumber),
      certId(sign, '41'),
      { ...certId(sign, card.sign.serialNumber), hashAlgorithm: { algorithm: '1.3.14.3.2.26' } },
    ]
    const request = ocspRequestOf(ids)
    const response = parseOcspResponse((await world.validity.answer(request)).der)
    assert.ok(typeof response !== 'string')
    assert.deepEqual(
      response.responses.map(({ certStatus }) => certStatus.kind),
      ['good', 'unknown', 'unknown', 'good'],
    )
    assert.deepEqual(
      response.responses.map(({ certID }) => certID.octets.toHex()),
      parseOcspRequest(request).asked.map(({ octets }) => octets.toHex()),
    )
  })

  it('does not speak for an issuer that it does not know', async () => {
    const foreign = { subjectOctets: Uint8Array.of(0x30, 0), publicKeyBits: Uint8Array.of(1) }
    const { der, validity } = await world.validity.answer(ocspRequest(foreign, '41'))
    assert.equal(parseOcspResponse(der), 'unauthorized')
    assert.equal(validity, undefined)
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
    for (const request of requests)
      assert.equal(parseOcspResponse((await world.validity.answer(request)).der), 'malformedRequest')
  })

  it('knows which answer is the last word, and which holds for one request only', async () => {
    const { sign, auth } = await enrolled(world)
    const isFinal = async (certificate: Named) => (await ask(certificate)).validity?.isFinal
    assert.equal(await isFinal(sign), false)
    await revoke(world, { authority: 'sign', serialNumber: sign.serialNumber, reason: 'keyCompromise' })
    await revoke(world, { authority: 'auth', serialNumber: auth.serialNumber, reason: 'certificateHold' })
    assert.equal(await isFinal(sign), true)
    assert.equal((await ask(sign, world.random(32))).validity, undefined)
    assert.equal(await isFinal(auth), false, 'a hold is not the last word')
  })

  it('gives the stored answer until half of its life is over, and then another', async () => {
    const { sign } = await enrolled(world)
    while ((await refresh()) > 0);
    world.at(later(2 * hour))
    await refresh()
    assert.deepEqual(await thisUpdateOf(sign), start)
    const [first, again] = [await ask(sign), await ask(sign)]
    assert.deepEqual(again, first)
    world.at(later(6 * hour))
    while ((await refresh()) > 0);
    assert.deepEqual(await thisUpdateOf(sign), later(6 * hour))
    assert.notDeepEqual(await ask(sign), first)
    world.at(later(18 * hour))
    assert.deepEqual(await thisUpdateOf(sign), later(18 * hour), 'too old: signed on demand')
    world.at(start)
    assert.deepEqual(await thisUpdateOf(sign), start, 'from the future: signed on demand')
  })

  it('follows its responders every day, registers each, and serves what earlier ones signed', async () => {
    const { sign } = await enrolled(world)
    while ((await refresh()) > 0);
    const responderOf = async (nonce?: Uint8Array) => {
      const response = parseOcspResponse((await ask(sign, nonce)).der)
      assert.ok(typeof response !== 'string')
      return parseCertificate(response.certificates[0] ?? new Uint8Array()).serialNumber
    }
    const first = await responderOf()
    world.at(later(day - hour))
    while ((await refresh()) > 0);
    assert.equal(await responderOf(world.random(32)), first)
    world.at(later(day + hour))
    const second = await responderOf(world.random(32))
    assert.notEqual(second, first)
    assert.equal(await responderOf(), first)
    assert.equal(await statusOf(sign), 'good')
    assert.equal((await world.register.certificates.find('sign', second))?.kind, 'responder')
    world.at(start)
    assert.equal(await statusOf(sign), 'good', 'the clock was set back')
  })

  it('refuses to revoke a responder as if it were a person', async () => {
    const { certificate } = world.validity.responders.present('sign', 1) ?? {}
    const { serialNumber } = parseCertificate(certificate ?? new Uint8Array())
    const asked = revoke(world, { authority: 'sign', serialNumber, reason: 'superseded' })
    await assert.rejects(asked, { name: 'Refusal', code: 'reference.not-found' })
  })

  it('is not believed when somebody else signs the answer', async () => {
    const { sign, auth } = await enrolled(world)
    const issuer = issuerOf(sign)
    const request = parseOcspRequest(ocspRequest(issuer, sign.serialNumber))
    const at = world.now()
    const { certificate, signer } = world.authorities.find('auth', auth.generation)
    const answer = { request, statuses: [{ status: 'good' }], producedAt: at, thisUpdate: at } as const
    const forged = await signOcspResponse({ ...answer, responderCertificate: certificate }, signer)
    await assert.rejects(verifyOcspResponse(forged, { issuer, serialNumber: sign.serialNumber, at }))
  })
})

const refresherOf = (world: Surroundings) => ({
  ...world,
  ...world.validity,
  lifeMilliseconds: 12 * hour,
  register: { ...world.register, keep: world.register.statuses.keep },
  onFault: (error: unknown) => assert.ifError(error),
})
