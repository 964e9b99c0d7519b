/** What is said of a certificate when nobody answers OCSP: by the list, while it is current, and never more than it says. RFC 5280 §6.3. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, beforeEach, describe, it } from 'node:test'
import { certificatePolicyIds } from '@mobile-jpki/jpki'
import { ocspErrorOf } from '@mobile-jpki/pkix'
import { noTrace } from '@mobile-jpki/trace'
import fc from 'fast-check'
import {
  askOcspByHttp,
  type CertificateVerdict,
  fetchListByHttp,
  judgeCertificate,
  keptAnswers,
  openLists,
  refusalOfVerdict,
  type VerificationWorld,
} from '../index.ts'
import { type Holder, openTestAuthority, p256Signer, partitionOf, type TestAuthority } from './authority.ts'

const hour = 3_600_000
const start = Math.floor(Date.now() / 1000) * 1000
let clock = start
const now = () => new Date(clock)
const inHours = (hours: number) => new Date(start + hours * hour)

let authority: TestAuthority
let card: Holder
before(async () => {
  authority = await openTestAuthority('auth', () => new Date(start))
  card = await authority.issue('auth')
})
after(() => authority.close())
let world: VerificationWorld
beforeEach(() => {
  clock = start
  authority.answer({})
  authority.list()
  authority.statuses.clear()
  world = {
    anchors: [authority.certificate],
    now,
    random: (length) => new Uint8Array(randomBytes(length)),
    askOcsp: askOcspByHttp,
    lists: openLists({ fetchList: fetchListByHttp, now }),
    trace: noTrace,
    actor: 'relying-party',
  }
})

const judge = (certificate = card.der): Promise<CertificateVerdict> =>
  judgeCertificate(world, { certificate, policies: [certificatePolicyIds.auth], keyUsage: ['digitalSignature'] })
const silence = () => authority.behave((reply) => void reply.destroy())
const serve = (list: Uint8Array) => authority.list((reply) => void reply.writeHead(200).end(list))
const because = (reason: 'keyCompromise' | 'certificateHold') =>
  authority.statuses.set(card.serialNumber, { status: 'revoked', revokedAt: inHours(-1), reason })

describe('while the responder answers', () => {
  it('it is believed, and no list is fetched', async () => {
    const before = authority.listsAsked()
    const verdict = await judge()
    assert.ok(verdict.state === 'good' && verdict.status.source === 'ocsp')
    because('keyCompromise')
    assert.deepEqual(await judge(), { state: 'revoked', reason: 'keyCompromise', at: inHours(-1) })
    because('certificateHold')
    assert.deepEqual(await judge(), { state: 'onHold', at: inHours(-1) })
    assert.equal(authority.listsAsked(), before)
  })
  it('a certificate that it does not know is not good because no list has it', async () => {
    authority.statuses.set(card.serialNumber, { status: 'unknown' })
    const before = authority.listsAsked()
    assert.equal((await judge()).state, 'unknown')
    assert.equal(authority.listsAsked(), before)
  })
})

describe('when the responder is silent', () => {
  beforeEach(silence)

  it('the list says who is good, revoked and on hold', async () => {
    const verdict = await judge()
    assert.ok(verdict.state === 'good')
    assert.deepEqual(verdict.status, { source: 'crl', thisUpdate: inHours(0), nextUpdate: inHours(30) })
    for (const [reason, expected] of [
      ['keyCompromise', { state: 'revoked', reason: 'keyCompromise', at: inHours(-1) }],
      ['certificateHold', { state: 'onHold', at: inHours(-1) }],
    ] as const) {
      because(reason)
      world = { ...world, lists: openLists({ fetchList: fetchListByHttp, now }) }
      assert.deepEqual(await judge(), expected)
    }
  })
  it('the list speaks as well when the responder says “try later”, or something that it did not sign', async () => {
    authority.behave((reply) => void reply.end(ocspErrorOf('tryLater')))
    assert.equal((await judge()).state, 'good')
    authority.answer({}, p256Signer())
    assert.equal((await judge()).state, 'good')
  })
  it('a list is fetched once for all that ask, used on while nobody answers, and not a moment past its nextUpdate', async () => {
    const before = authority.listsAsked()
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => judge()))
    assert.ok(verdicts.every(({ state }) => state === 'good'))
    await judge()
    assert.equal(authority.listsAsked(), before + 1)
    authority.list((reply) => void reply.destroy())
    clock = inHours(30).getTime()
    assert.equal((await judge()).state, 'good')
    clock += 1
    const late = await judge()
    assert.equal(late.state, 'unknown')
    assert.match(late.state === 'unknown' ? late.why : '', /cannot be fetched/)
  })
  it('a newer list is asked for after ten minutes, and an older one never put in its place', async () => {
    const older = await authority.issueList({ thisUpdate: inHours(-2) })
    assert.equal((await judge()).state, 'good')
    because('keyCompromise')
    assert.equal((await judge()).state, 'good', 'within ten minutes')
    clock += 10 * 60_000
    assert.equal((await judge()).state, 'revoked')
    serve(older)
    clock += 10 * 60_000
    assert.equal((await judge()).state, 'revoked')
  })
  it('a list that did not change is not sent again', async () => {
    const list = await authority.issueList()
    const tags: unknown[] = []
    authority.list((reply) => {
      const tag = reply.req.headers['if-none-match']
      tags.push(tag)
      if (tag === '"1"') reply.writeHead(304).end()
      else reply.writeHead(200, { etag: '"1"' }).end(list)
    })
    for (let time = 0; time < 2; time++) {
      assert.equal((await judge()).state, 'good')
      clock += 10 * 60_000
    }
    assert.deepEqual(tags, [undefined, '"1"'])
  })
  it('a list past its time is stale, and still says who was revoked for good', async () => {
    const past = { thisUpdate: inHours(-40), nextUpdate: inHours(-10) }
    serve(await authority.issueList(past))
    const verdict = await judge()
    assert.deepEqual({ ...verdict, why: '' }, { state: 'stale', why: '', ...past })
    assert.ok(verdict.state === 'stale' && refusalOfVerdict(verdict).code === 'certificate.status-stale')
    because('certificateHold')
    serve(await authority.issueList(past))
    assert.equal((await judge()).state, 'stale', 'a hold may be over')
    because('keyCompromise')
    serve(await authority.issueList(past))
    assert.equal((await judge()).state, 'revoked')
  })

  const worthless: Record<string, () => Promise<Uint8Array>> = {
    'signed by another key': () => authority.issueList({}, p256Signer()),
    'of another issuer': async () => {
      const sign = await openTestAuthority('sign')
      await sign.close()
      return sign.issueList()
    },
    'of another municipality': () => {
      const elsewhere = { code: '01100', prefecture: 'Hokkaido', city: 'Sapporo-shi' }
      return authority.issueList({ extensions: [partitionOf('auth', elsewhere, 'http://127.0.0.1/01100.crl')] })
    },
    'of tomorrow': () => authority.issueList({ thisUpdate: inHours(24), nextUpdate: inHours(48) }),
    'of no sense': async () => new Uint8Array(randomBytes(300)),
    'of no octets': async () => new Uint8Array(),
  }
  for (const [what, list] of Object.entries(worthless))
    it(`a list ${what} makes nothing good`, async () => {
      serve(await list())
      const { state } = await judge()
      assert.ok(state === 'unknown' || state === 'stale', state)
    })
  it('a server that fails, sends elsewhere or never ends makes nothing good', async () => {
    for (const behave of [
      (reply) => void reply.writeHead(500).end(),
      (reply) => void reply.writeHead(302, { location: '/elsewhere' }).end(),
      (reply) => void reply.writeHead(304).end(),
    ] satisfies Parameters<TestAuthority['list']>[0][]) {
      authority.list(behave)
      assert.equal((await judge()).state, 'unknown')
    }
  })
  it('nothing that comes instead of answer and list makes anything good', async () => {
    const list = await authority.issueList()
    await fc.assert(
      fc.asyncProperty(fc.nat(list.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const octets = list.map((octet, index) => (index === at ? octet ^ change : octet))
        const lists = openLists({ fetchList: async () => ({ octets }), now })
        const askOcsp = async () => octets
        const { state } = await judgeCertificate(
          { ...world, lists, askOcsp },
          { certificate: card.der, policies: [certificatePolicyIds.auth], keyUsage: [] },
        )
        assert.ok(state === 'unknown' || state === 'stale', `octet ${at} ^ ${change}: ${state}`)
      }),
      { numRuns: 200 },
    )
  })
})

describe('an answer that may be used again', () => {
  it('is used until its nextUpdate, and then asked for anew', async () => {
    let asked = 0
    const askOcsp = (url: string, request: Uint8Array) => {
      asked++
      return askOcspByHttp(url, request)
    }
    world = { ...world, answers: keptAnswers(), askOcsp }
    for (let time = 0; time < 3; time++) assert.equal((await judge()).state, 'good')
    assert.equal(asked, 1)
    because('keyCompromise')
    clock = inHours(1).getTime()
    assert.equal((await judge()).state, 'good', 'the price of using it again')
    clock += 1
    authority.answer({ thisUpdate: inHours(1), nextUpdate: inHours(2) })
    assert.equal((await judge()).state, 'revoked')
    assert.equal(asked, 2)
  })
  it('is not one that says “unknown”, nor one without a nextUpdate', async () => {
    world = { ...world, answers: keptAnswers() }
    authority.statuses.set(card.serialNumber, { status: 'unknown' })
    assert.equal((await judge()).state, 'unknown')
    authority.statuses.clear()
    assert.equal((await judge()).state, 'good')
  })
})
