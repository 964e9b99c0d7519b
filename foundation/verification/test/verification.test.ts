/** Every answer about a certificate, over real HTTP, with the refusal that it becomes. RFC 5280 §6.1, RFC 6960 §3.2. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, beforeEach, describe, it } from 'node:test'
import { certificatePolicyIds } from '@mobile-jpki/jpki'
import { extension, extKeyUsage, keyPurposes, keyUsage, ocspErrorOf, parseOcspRequest } from '@mobile-jpki/pkix'
import { ocspRequest } from '@mobile-jpki/pkix/crypto'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { ring } from '@mobile-jpki/trace'
import { askOcspByHttp, type VerificationRequest, verifyCertificate } from '../index.ts'
import { type Holder, openTestAuthority, p256Signer, type TestAuthority } from './authority.ts'

const now = new Date()
const inHours = (hours: number) => new Date(Math.floor(now.getTime() / 1000) * 1000 + hours * 3_600_000)
const trace = ring()

let authority: TestAuthority
let stranger: TestAuthority
let card: Holder
before(async () => {
  authority = await openTestAuthority('sign', () => now)
  stranger = await openTestAuthority('sign', () => now)
  card = await authority.issue('sign')
})
beforeEach(() => {
  authority.answer({})
  authority.statuses.clear()
})
after(() => Promise.all([authority.close(), stranger.close()]))

const verify = (certificate: Uint8Array, changes: Partial<VerificationRequest> = {}) =>
  verifyCertificate(
    {
      anchors: [authority.certificate],
      now: () => now,
      random: (length) => new Uint8Array(randomBytes(length)),
      askOcsp: askOcspByHttp,
      trace,
      actor: 'sp-tsm',
    },
    {
      certificate,
      policies: [certificatePolicyIds.sign],
      keyUsage: ['nonRepudiation'],
      step: '③',
      order: 'an order',
      ...changes,
    },
  )

const refuses = (verified: Promise<unknown>, code: RefusalCode, detail?: RegExp) =>
  assert.rejects(verified, (error) => {
    assert.ok(error instanceof Refusal, String(error))
    assert.equal(error.code, code)
    if (detail !== undefined) assert.match(error.message, detail)
    return true
  })

describe('a certificate in use', () => {
  it('is answered, opened, and the question is in the trace with its step and order', async () => {
    const certificate = await verify(card.der)
    assert.equal(certificate.serialNumber, card.serialNumber)
    const entry = trace.entries().at(-1)
    assert.ok(entry)
    const { step, from, to, what, ok, order, decoded } = entry
    assert.deepEqual(
      { step, from, to, what, ok, order, decoded },
      {
        step: '③',
        from: 'sp-tsm',
        to: 'jpki-system',
        what: 'OCSP',
        ok: true,
        order: 'an order',
        decoded: { serialNumber: card.serialNumber, status: 'good' },
      },
    )
  })
  it('is good by the word of the CA itself, too', async () => {
    authority.answer({}, authority.signer)
    await verify(card.der)
  })
})

describe('the responder says', () => {
  const since = inHours(-5)
  it('revoked', () => {
    authority.statuses.set(card.serialNumber, { status: 'revoked', revokedAt: since, reason: 'keyCompromise' })
    return refuses(verify(card.der), 'certificate.revoked', new RegExp(`keyCompromise, ${since.toISOString()}`))
  })
  it('on hold', () => {
    authority.statuses.set(card.serialNumber, { status: 'revoked', revokedAt: since, reason: 'certificateHold' })
    return refuses(verify(card.der), 'certificate.on-hold')
  })
  it('unknown', () => {
    authority.statuses.set(card.serialNumber, { status: 'unknown' })
    return refuses(verify(card.der), 'certificate.status-unknown', /no such certificate/)
  })
})

describe('nobody can say, and the trace shows it', () => {
  const request = (serialNumber: string, nonce?: Uint8Array) =>
    parseOcspRequest(ocspRequest(authority.certificate, serialNumber, nonce))
  const cases: Record<string, () => void | Promise<void>> = {
    'an answer to another nonce': () =>
      authority.answer({ request: request(card.serialNumber, new Uint8Array(randomBytes(32))) }),
    'an answer without the nonce': () => authority.answer({ request: request(card.serialNumber) }),
    'an answer about another certificate': () => authority.answer({ request: request('7777', new Uint8Array(32)) }),
    'an answer signed by somebody else under the responder’s name': () => authority.answer({}, p256Signer()),
    'an answer by the responder of another CA': async () => {
      const foreign = await stranger.responder()
      authority.answer({ responderCertificate: foreign.der }, foreign.signer)
    },
    'an answer by a certificate that is not for OCSP': async () => {
      const plain = await authority.responder({
        extensions: [
          extension(keyUsage, ['digitalSignature'], 'critical'),
          extension(extKeyUsage, [keyPurposes.clientAuth]),
        ],
      })
      authority.answer({ responderCertificate: plain.der }, plain.signer)
    },
    'an answer by a responder whose certificate expired': async () => {
      const old = await authority.responder({ notBefore: inHours(-9), notAfter: inHours(-1) })
      authority.answer({ responderCertificate: old.der }, old.signer)
    },
    tryLater: () => authority.behave((reply) => void reply.end(ocspErrorOf('tryLater'))),
    garbage: () => authority.behave((reply) => void reply.end(randomBytes(300))),
    nothing: () => authority.behave((reply) => void reply.end()),
    'a broken connection': () => authority.behave((reply) => void reply.destroy()),
    'an error of the server': () => authority.behave((reply) => void reply.writeHead(500).end('sorry')),
    'an answer without end': () =>
      authority.behave((reply) => {
        const more = () =>
          void (reply.destroyed || reply.write(Buffer.alloc(16_384), (error) => error ?? setImmediate(more)))
        more()
      }),
  }
  for (const [what, arrange] of Object.entries(cases))
    it(what, async () => {
      await arrange()
      await refuses(verify(card.der), 'certificate.status-unknown')
      const { ok, refusal } = trace.entries().at(-1) ?? {}
      assert.deepEqual([ok, refusal], [false, 'certificate.status-unknown'])
    })

  const wrongTimes = {
    'an answer whose time is over': { thisUpdate: inHours(-3), nextUpdate: inHours(-2) },
    'an answer from the future': { thisUpdate: inHours(1), nextUpdate: inHours(2) },
  }
  for (const [what, times] of Object.entries(wrongTimes))
    it(what, async () => {
      authority.answer(times)
      await refuses(verify(card.der), 'certificate.status-stale')
      assert.equal(trace.entries().at(-1)?.refusal, 'certificate.status-stale')
    })

  it('a responder that is not there', async () => {
    const gone = await openTestAuthority('sign', () => now)
    const orphan = await gone.issue('sign')
    await gone.close()
    const world = { anchors: [gone.certificate], now: () => now, trace, actor: 'sp-tsm' as const }
    const random = (length: number) => new Uint8Array(length)
    const request = { certificate: orphan.der, policies: [certificatePolicyIds.sign], keyUsage: [] }
    await refuses(
      verifyCertificate({ ...world, random, askOcsp: askOcspByHttp }, request),
      'certificate.status-unknown',
      /does not answer/,
    )
  })
  it('a certificate that names no responder', async () => {
    const { extensions } = await authority.issue('sign').then(({ certificate }) => certificate)
    const silent = await authority.issue('sign', {
      extensions: extensions.filter(({ extnID }) => extnID !== '1.3.6.1.5.5.7.1.1'),
    })
    await refuses(verify(silent.der), 'certificate.status-unknown', /names no OCSP responder/)
  })
})

describe('a certificate that is not the right one is refused before anybody is asked', () => {
  const refusesUnasked = async (certificate: Uint8Array, code: RefusalCode, changes?: Partial<VerificationRequest>) => {
    const before = trace.entries().length
    await refuses(verify(certificate, changes), code)
    assert.equal(trace.entries().length, before)
  }
  it('expired, or not valid yet', async () => {
    const old = await authority.issue('sign', { notBefore: inHours(-9), notAfter: inHours(-1) })
    const early = await authority.issue('sign', { notBefore: inHours(1), notAfter: inHours(9) })
    for (const { der } of [old, early]) await refusesUnasked(der, 'certificate.expired')
  })
  it('by another CA of the same name', async () =>
    refusesUnasked((await stranger.issue('sign')).der, 'certificate.untrusted'))
  it('changed after it was signed', async () => {
    const changed = card.der.slice()
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
    await refusesUnasked(changed, 'certificate.untrusted')
  })
  it('of another policy', () =>
    refusesUnasked(card.der, 'certificate.wrong-policy', { policies: [certificatePolicyIds.auth] }))
  it('for another use', () => refusesUnasked(card.der, 'certificate.wrong-policy', { keyUsage: ['keyEncipherment'] }))
  it('with a critical extension that nobody here knows', async () => {
    const { certificate } = await authority.issue('sign')
    const odd = { extnID: '2.999.1', critical: true, extnValue: Uint8Array.of(5, 0) }
    const unknown = await authority.issue('sign', { extensions: [...certificate.extensions, odd] })
    await refusesUnasked(unknown.der, 'certificate.untrusted')
  })
  it('the CA’s own', async () => refusesUnasked(authority.certificate.der, 'certificate.wrong-policy'))
  it('octets that are no certificate', async () => {
    for (const octets of [new Uint8Array(), Uint8Array.of(0x30, 0x00), new Uint8Array(randomBytes(200))])
      await refusesUnasked(octets, 'request.malformed')
  })
})
