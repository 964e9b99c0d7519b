/** Whose account: asked of the JPKI system by mutual TLS, once for each certificate, and no login without an answer. docs/protocols/certificates.md#linkage. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { loginToSign } from '@mobile-jpki/jpki'
import { findFirstCertificate } from '@mobile-jpki/jpki-system/contract'
import { openServiceCertificates, type ServiceCertificates } from '@mobile-jpki/keyring'
import { Refusal } from '@mobile-jpki/refusal'
import { type Listening, listen, serve } from '@mobile-jpki/service'
import { type Holder, openTestAuthority, type TestAuthority } from '@mobile-jpki/verification/test-authority'
import { type Jpki, jpki, type Linkage, linkageAt } from '../index.ts'
import { signatureOf } from './phone.ts'

let directory = ''
let certificates: ServiceCertificates
let authority: TestAuthority
let [phone, card, renewed]: (Holder | undefined)[] = []
let system: Listening
const asked: string[] = []
const firsts = new Map<string, string>()
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jpki-linkage-'))
  certificates = await openServiceCertificates(directory, () => new Date())
  authority = await openTestAuthority('auth')
  ;[card, phone, renewed] = [
    await authority.issue('auth'),
    await authority.issue('phoneAuth'),
    await authority.issue('phoneAuth'),
  ]
  for (const { serialNumber } of [card, phone, renewed]) firsts.set(serialNumber, card.serialNumber)
  system = await listen({
    actor: 'jpki-system',
    port: 0,
    tls: { ...(await certificates.identityOf('jpki-system')), requireClient: true },
    routes: [
      serve(findFirstCertificate, ({ authCertificate }) => {
        asked.push(authCertificate)
        const serialNumber = firsts.get(authCertificate)
        if (serialNumber === undefined) throw new Refusal('reference.not-found')
        return { serialNumber }
      }),
    ],
  })
})
after(async () => {
  await Promise.all([authority.close(), system.close()])
  await rm(directory, { recursive: true })
})
beforeEach(() => {
  asked.length = 0
})

const siteWith = (linkage: Linkage | undefined): Jpki =>
  jpki({
    origin: 'https://shop.example',
    name: 'Shop',
    appUrl: 'https://app.example',
    anchors: [authority.certificate.der],
    linkage,
  })
const linkageAs = async (actor: 'relying-party' | 'sp-tsm', url = system.url) =>
  linkageAt({ url, ...(await certificates.identityOf(actor)) })

/** The person's part, from challenge to verdict. */
async function loggedIn(site: Jpki, by: Holder | undefined) {
  assert.ok(by !== undefined)
  const { loginId, number } = await site.challenge()
  const login = await site.question(loginId)
  assert.ok(!('state' in login))
  const { nonce, purpose } = login
  const signature = signatureOf({ origin: site.origin, loginId, nonce, purpose, number })
  return site.verify({ loginId, number, certificate: by.der, signature })
}
const accountOf = (verdict: Awaited<ReturnType<typeof loggedIn>>) => {
  assert.ok(verdict.state === 'good', verdict.state)
  return verdict.account
}

describe('the account', () => {
  it('is the same for card, phone, and the phone after renewal, asked once for each', async () => {
    const site = siteWith(await linkageAs('relying-party'))
    for (const holder of [card, phone, renewed, phone, renewed])
      assert.equal(accountOf(await loggedIn(site, holder)), card?.serialNumber)
    assert.deepEqual(
      asked,
      [card, phone, renewed].map((one) => one?.serialNumber),
    )
  })
  it('is the serial number where nobody is asked', async () => {
    assert.equal(accountOf(await loggedIn(siteWith(undefined), phone)), phone?.serialNumber)
  })
  it('goes with what was signed: who reads it can show it to others', async () => {
    const verdict = await loggedIn(siteWith(undefined), phone)
    assert.ok(verdict.state === 'good')
    const { holder, proof, loginId, purpose } = verdict
    assert.deepEqual([holder.kind, holder.certificate, proof.certificate], ['phone', phone?.der, phone?.der])
    const statement = new TextDecoder('latin1').decode(proof.statement)
    assert.ok(statement.includes(loginId) && statement.includes('https://shop.example') && statement.includes(purpose))
    assert.equal(
      proof.statement.length,
      loginToSign({ origin: 'https://shop.example', loginId, nonce: new Uint8Array(32), purpose, number: '00' }).length,
    )
  })
  it('is nobody’s while the linkage service is silent, does not know, or refuses: no login, and it may be tried again', async () => {
    const gone = await linkageAs('relying-party', 'https://127.0.0.1:1')
    const stranger = await authority.issue('phoneAuth')
    const notAllowed = await linkageAs('sp-tsm')
    for (const [linkage, holder] of [
      [gone, phone],
      [notAllowed, phone],
      [await linkageAs('relying-party'), stranger],
    ] as const)
      assert.equal((await loggedIn(siteWith(linkage), holder)).state, 'accountUnknown')

    let silent = true
    const there = await linkageAs('relying-party')
    const site = siteWith({ firstOf: (one) => (silent ? gone : there).firstOf(one) })
    const { loginId, number, ticket } = await site.challenge()
    const login = await site.question(loginId)
    assert.ok(!('state' in login) && phone !== undefined)
    const { nonce, purpose } = login
    const signature = signatureOf({ origin: site.origin, loginId, nonce, purpose, number })
    const answer = { loginId, number, certificate: phone.der, signature }
    assert.equal((await site.verify(answer)).state, 'accountUnknown')
    assert.equal((await site.outcome(loginId, ticket)).state, 'waiting')
    silent = false
    assert.equal((await site.verify(answer)).state, 'good')
    assert.equal((await site.verify(answer)).state, 'answeredBefore')
    assert.equal((await site.outcome(loginId, ticket)).state, 'good')
  })
  it('is not told by somebody else in the place of the JPKI system', async () => {
    const impostor = await listen({
      actor: 'sp-tsm',
      port: 0,
      tls: await certificates.identityOf('sp-tsm'),
      routes: [serve(findFirstCertificate, () => ({ serialNumber: '41' }))],
    })
    const verdict = await loggedIn(siteWith(await linkageAs('relying-party', impostor.url)), phone)
    await impostor.close()
    assert.equal(verdict.state, 'accountUnknown')
  })
})

describe('what is asked of the person', () => {
  it('is shown as it is, or not asked', async () => {
    const site = siteWith(undefined)
    const { loginId } = await site.challenge({ text: '振込先 山田 太郎 様\n金額 10,000円', requester: 'みほん商店' })
    const login = await site.question(loginId)
    assert.ok(!('state' in login))
    assert.deepEqual([login.purpose, login.requester], ['confirm', 'みほん商店'])
    assert.equal(new Set(login.numbers).size, 3)
    assert.ok(login.numbers.includes(login.number))
    for (const text of ['', ' ', 'a\u202eb', 'x'.repeat(1001), 'a\r\nb'])
      await assert.rejects(site.challenge({ text }), RangeError)
    for (const requester of ['', 'a\nb', 'a\u200bb', 'x'.repeat(101)])
      await assert.rejects(site.challenge({ requester }), RangeError)
  })
  it('is asked by a site that says where it is, and whom it trusts', () => {
    const options = { name: 'Shop', appUrl: 'https://app.example', anchors: [authority.certificate.der] }
    for (const origin of ['https://shop.example/', 'shop.example', 'https://shop.example:443', 'HTTPS://shop.example'])
      assert.throws(() => jpki({ ...options, origin }), TypeError, origin)
    assert.throws(() => jpki({ ...options, origin: 'https://shop.example', anchors: [] }), TypeError)
  })
})
