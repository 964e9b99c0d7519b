/** A login over the net, on real sockets with real certificates and OCSP: what is accepted, and every refusal. docs/protocols/login.md. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { call, type Listening, listen, type Peer, serve } from '@mobile-jpki/service'
import { type Holder, openTestAuthority, type TestAuthority } from '@mobile-jpki/verification/test-authority'
import { answerLogin, beginLogin, getLogin, getOutcome } from '../contract.ts'
import { jpki } from '../jpki.ts'
import { memoryStore } from '../store/memory.ts'
import { loginHandlers } from '../web/handlers.ts'
import { answered as answeredBy, type Begun, type Changes, signatureOf } from './phone.ts'

const refusedWith = (code: RefusalCode) => (error: unknown) => error instanceof Refusal && error.code === code

let clock = new Date()
let auth: TestAuthority
let stranger: TestAuthority
let signing: TestAuthority
let phone: Holder
let site: Listening
let peer: Peer
before(async () => {
  const now = () => clock
  ;[auth, stranger, signing] = await Promise.all([
    openTestAuthority('auth', now),
    openTestAuthority('auth', now),
    openTestAuthority('sign', now),
  ])
  phone = await auth.issue('phoneAuth')
  const port = await freePort()
  const anchors = [auth.certificate.der]
  const origin = `http://127.0.0.1:${port}`
  const bank = jpki({ origin, name: 'みほん銀行', appUrl: 'http://127.0.0.1:1', anchors, now })
  const routes = loginHandlers(bank).map(({ endpoint, handle }) =>
    serve(endpoint, async (request) => (await handle(request)).reply),
  )
  site = await listen({ actor: 'relying-party', routes, port })
  peer = { url: site.url, actor: 'relying-party', as: 'jpki-ui' }
})
after(() => Promise.all([auth, stranger, signing, site].map((one) => one.close())))
beforeEach(() => {
  clock = new Date()
  auth.statuses.clear()
  auth.answer({})
  auth.list()
})

const freePort = () =>
  new Promise<number>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

const begun = () => call(peer, beginLogin, {})
const answered = (login: Begun, { by = phone, ...changes }: Changes = {}) => answeredBy(peer, login, by, changes)

describe('a login', () => {
  it('with the phone’s certificate is accepted, and the page that began it hears so', async () => {
    const login = await begun()
    const { loginId, ticket, appLink } = login
    const asked = await call(peer, getLogin, { loginId })
    assert.deepEqual([asked.origin, asked.name, asked.nonce.length], [site.url, 'みほん銀行', 32])
    assert.equal(appLink, `http://127.0.0.1:1/#/login?${new URLSearchParams({ site: site.url, login: loginId })}`)
    assert.deepEqual(await call(peer, getOutcome, { loginId, ticket }), { state: 'waiting' })
    const { serialNumber } = phone
    assert.deepEqual(await answered(login), { serialNumber })
    assert.deepEqual(await call(peer, getOutcome, { loginId, ticket }), { state: 'accepted', serialNumber })
  })
  it('with the certificate of a My Number card is accepted too', async () => {
    const card = await auth.issue('auth')
    assert.equal((await answered(await begun(), { by: card })).serialNumber, card.serialNumber)
  })
  it('has a nonce of its own each time', async () => {
    const nonces = await Promise.all(
      Array.from({ length: 5 }, async () =>
        (await call(peer, getLogin, { loginId: (await begun()).loginId })).nonce.toHex(),
      ),
    )
    assert.equal(new Set(nonces).size, 5)
  })
})

describe('a login is refused, and the page hears the reason', () => {
  const refuses = async (code: RefusalCode, given: Changes | ((number: string) => Changes) = {}) => {
    const login = await begun()
    const { loginId, ticket } = login
    const changes = typeof given === 'function' ? given(login.number) : given
    await assert.rejects(answered(login, changes), refusedWith(code))
    const outcome = await call(peer, getOutcome, { loginId, ticket })
    assert.deepEqual([outcome.state, outcome.refusal?.code, outcome.serialNumber], ['refused', code, undefined])
    await assert.rejects(answered(login), refusedWith('request.replayed'))
  }
  const revokedAt = new Date('2026-01-01T00:00:00Z')

  it('signed for another origin', () => refuses('login.signature-invalid', { origin: 'https://evil.example' }))
  it('signed with another nonce', () => refuses('login.signature-invalid', { nonce: new Uint8Array(32) }))
  it('signed for another login', () => refuses('login.signature-invalid', { loginId: randomUUID() }))
  it('signed by another key', async () => {
    const { signer } = signing
    const foreign = await auth.issue('phoneAuth', { publicKey: signer.publicKey })
    await refuses('login.signature-invalid', { by: foreign })
  })
  it('with a revoked certificate', async () => {
    auth.statuses.set(phone.serialNumber, { status: 'revoked', revokedAt, reason: 'keyCompromise' })
    await refuses('certificate.revoked')
  })
  it('with a certificate on hold', async () => {
    auth.statuses.set(phone.serialNumber, { status: 'revoked', revokedAt, reason: 'certificateHold' })
    await refuses('certificate.on-hold')
  })
  it('with the number of another page', async () => {
    await refuses('login.wrong-number', (right) => ({ number: right === '00' ? '01' : '00' }))
  })
  it('with an expired certificate', async () => {
    const [notBefore, notAfter] = [new Date('2020-01-01T00:00:00Z'), new Date('2025-01-01T00:00:00Z')]
    await refuses('certificate.expired', { by: await auth.issue('phoneAuth', { notBefore, notAfter }) })
  })
  it('with a certificate of another CA of the same name', async () =>
    refuses('certificate.untrusted', { by: await stranger.issue('phoneAuth') }))
  it('with a sign certificate', async () => refuses('certificate.untrusted', { by: await signing.issue('sign') }))
  it('with a certificate of another policy', async () => {
    const { certificate } = await signing.issue('sign')
    const other = await auth.issue('phoneAuth', { extensions: certificate.extensions })
    await refuses('certificate.wrong-policy', { by: other })
  })
  it('with something else for a certificate', () => refuses('request.malformed', { certificate: new Uint8Array(9) }))
})

describe('an answer of which nobody can say whether its certificate is good', () => {
  const gone = (reply: ServerResponse) => void reply.destroy()

  it('is refused, and may be given again while the login lives', async () => {
    const login = await begun()
    auth.statuses.set(phone.serialNumber, { status: 'unknown' })
    await assert.rejects(answered(login), refusedWith('certificate.status-unknown'))
    auth.behave(gone)
    auth.list(gone)
    await assert.rejects(answered(login), refusedWith('certificate.status-unknown'))
    assert.deepEqual(await call(peer, getOutcome, login), { state: 'waiting' })
    auth.statuses.clear()
    auth.answer({})
    assert.deepEqual(await answered(login), { serialNumber: phone.serialNumber })
  })
  it('is judged by the revocation list, unless that is past its time', async () => {
    auth.behave(gone)
    const past = await auth.issueList({ thisUpdate: new Date('2026-01-01'), nextUpdate: new Date('2026-01-02') })
    auth.list((reply) => void reply.writeHead(200).end(past))
    await assert.rejects(answered(await begun()), refusedWith('certificate.status-stale'))
    auth.list()
    assert.deepEqual(await answered(await begun()), { serialNumber: phone.serialNumber })
  })
})

describe('an answer', () => {
  it('is taken once', async () => {
    const { loginId, ticket, number } = await begun()
    const { origin, nonce, purpose } = await call(peer, getLogin, { loginId })
    const signature = signatureOf({ origin, nonce, loginId, purpose, number })
    const answer = { loginId, number, certificate: phone.der, signature }
    await call(peer, answerLogin, answer)
    await assert.rejects(call(peer, answerLogin, answer), refusedWith('request.replayed'))
    await assert.rejects(call(peer, getLogin, { loginId }), refusedWith('request.replayed'))
    const other = await begun()
    await assert.rejects(
      call(peer, answerLogin, { ...answer, loginId: other.loginId }),
      refusedWith('login.signature-invalid'),
    )
    assert.equal((await call(peer, getOutcome, { loginId, ticket })).state, 'accepted')
  })
  it('that comes beside another one does not change what was decided', async () => {
    const login = await begun()
    const { loginId, ticket } = login
    const settled = await Promise.allSettled(Array.from({ length: 5 }, () => answered(login)))
    assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1)
    assert.equal((await call(peer, getOutcome, { loginId, ticket })).state, 'accepted')
  })
  it('comes too late after five minutes, also when it is being verified at that moment', async () => {
    const login = await begun()
    const { loginId, ticket, expiresAt } = login
    assert.equal(Date.parse(expiresAt) - clock.getTime(), 5 * 60_000)
    clock = new Date(Date.parse(expiresAt))
    await assert.rejects(answered(login), refusedWith('login.expired'))
    assert.deepEqual(await call(peer, getOutcome, { loginId, ticket }), { state: 'expired' })

    const late = await begun()
    auth.behave((reply) => {
      clock = new Date(Date.parse(late.expiresAt))
      reply.destroy()
    })
    await assert.rejects(answered(late), refusedWith('login.expired'))
    assert.deepEqual(await call(peer, getOutcome, late), { state: 'expired' })
  })
})

describe('the outcome', () => {
  it('is for whoever has the ticket', async () => {
    const login = await begun()
    const { loginId, ticket } = login
    const other = await begun()
    await answered(login)
    for (const wrong of [other.ticket, randomUUID(), loginId])
      await assert.rejects(call(peer, getOutcome, { loginId, ticket: wrong }), refusedWith('reference.not-found'))
    await assert.rejects(call(peer, getOutcome, { loginId: randomUUID(), ticket }), refusedWith('reference.not-found'))
    assert.equal((await call(peer, getOutcome, { loginId, ticket })).state, 'accepted')
  })
  it('is forgotten when ten thousand others came after it, and not before', async () => {
    const store = memoryStore()
    const one = { ticket: '', nonce: new Uint8Array(32), purpose: 'login', number: '00', numbers: ['00'] } as const
    const login = (id: string) => ({ ...one, id, begun: clock, expires: clock })
    for (let at = 0; at < 10_000; at++) await store.addLogin(login(String(at)))
    assert.ok(await store.decideLogin('0', { state: 'badSignature' }))
    assert.ok(!(await store.decideLogin('0', { state: 'wrongNumber' })), 'the first decision stands')
    assert.deepEqual((await store.findLogin('0'))?.decided, { state: 'badSignature' })
    await store.addLogin(login('one more'))
    const found = await Promise.all(['0', '1', 'one more'].map(async (id) => (await store.findLogin(id))?.id))
    assert.deepEqual(found, [undefined, '1', 'one more'])
    assert.ok(!(await store.decideLogin('0', { state: 'wrongNumber' })), 'there is no such login')
  })
})

describe('a site', () => {
  it('is told its origin as browsers write it', () => {
    const given = { name: 'x', appUrl: 'http://127.0.0.1:1', anchors: [auth.certificate.der] }
    assert.ok(jpki({ ...given, origin: 'https://shop.example' }))
    for (const origin of [
      'https://shop.example/',
      'https://Shop.example',
      'https://shop.example:443',
      'shop.example',
      '',
    ])
      assert.throws(() => jpki({ ...given, origin }), /no origin as browsers write it/, origin)
  })
})
