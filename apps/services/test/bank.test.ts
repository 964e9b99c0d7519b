/** The bank on real sockets, with real certificates and OCSP: logins, transfers that the phone confirms, and every no on its page. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { loginToSign } from '@mobile-jpki/jpki'
import { answerLogin, getLogin } from '@mobile-jpki/relying-party/contract'
import { call } from '@mobile-jpki/service/call'
import { type Holder, openTestAuthority, rsaKey, type TestAuthority } from '@mobile-jpki/verification/test-authority'
import { startBank } from '../index.ts'
import { handedOver, openVisitor, type Shown, textOf, type Visitor } from './visitor.ts'

let clock = new Date()
let auth: TestAuthority
let hanako: Holder
let taro: Holder
let bank: Awaited<ReturnType<typeof startBank>>
let directory: string
/** Which certificate came after which: its first one. */
const first = new Map<string, string>()
const now = () => clock

const freePort = () =>
  new Promise<number>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

const opened = (port: number) =>
  startBank(
    { port, origin: `http://127.0.0.1:${port}`, dataDirectory: directory },
    {
      appUrl: 'http://127.0.0.1:1',
      anchors: [auth.certificate.der],
      linkage: { firstOf: async (serialNumber) => first.get(serialNumber) ?? serialNumber },
      now,
    },
  )

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bank-'))
  auth = await openTestAuthority('auth', now)
  ;[hanako, taro] = await Promise.all([auth.issue('phoneAuth'), auth.issue('phoneAuth')])
  bank = await opened(await freePort())
})
after(async () => {
  await Promise.all([bank.close(), auth.close()])
  await rm(directory, { recursive: true })
})
beforeEach(() => {
  clock = new Date()
  auth.statuses.clear()
  auth.answer({})
})

/** The app's part. */
async function answered(shown: Shown, by: Holder, { number, key = rsaKey }: { number?: string; key?: KeyObject } = {}) {
  const { loginId, number: onPage } = handedOver(shown)
  const site = { url: bank.url, actor: 'relying-party', as: 'jpki-ui' } as const
  const { origin, nonce, purpose, requester, text, numbers } = await call(site, getLogin, { loginId })
  const chosen = number ?? onPage
  assert.ok(numbers.includes(onPage))
  const statement = loginToSign({ origin, loginId, nonce, purpose, requester, text, number: chosen })
  const signature = new Uint8Array(sign('sha256', statement, key))
  await call(site, answerLogin, { loginId, number: chosen, certificate: by.der, signature })
  return { text, purpose }
}

const page = (path = '/') => `${bank.url}${path}`

async function loggedIn(by: Holder): Promise<Visitor> {
  const visitor = openVisitor()
  await answered(await visitor.post(page('/login')), by)
  assert.match((await visitor.get(page('/phone'))).text, /ログインしました/)
  return visitor
}

describe('a login at the bank', () => {
  it('is handed over with a link, a QR code and a number, and leads to the account', async () => {
    const visitor = openVisitor()
    assert.match((await visitor.get(page())).text, /スマートフォンでログイン/)
    const shown = await visitor.post(page('/login'))
    assert.match(shown.text, /<svg xmlns.*id="open"/s)
    assert.deepEqual(JSON.parse((await visitor.get(page('/wait'))).text), { waiting: true })
    assert.deepEqual(await answered(shown, hanako), { text: undefined, purpose: 'login' })
    assert.deepEqual(JSON.parse((await visitor.get(page('/wait'))).text), { waiting: false })
    const account = await visitor.get(page('/phone'))
    assert.equal(account.url, page())
    assert.match(account.text, /300,000円/)
    assert.equal(textOf(account, 'serial'), hanako.serialNumber)
  })

  it('belongs to the browser that began it', async () => {
    const shown = await openVisitor().post(page('/login'))
    await answered(shown, hanako)
    const thief = openVisitor()
    assert.match((await thief.get(page('/phone'))).text, /session\.none/)
    assert.match((await thief.get(page())).text, /スマートフォンでログイン/)
  })

  it('ends with logging out', async () => {
    const visitor = await loggedIn(hanako)
    await visitor.post(page('/logout'))
    assert.match((await visitor.post(page('/transfers'), { payee: '甲野', amount: 1 })).text, /session\.none/)
  })

  const revokedAt = new Date('2026-01-01T00:00:00Z')
  const refusals: Readonly<Record<string, () => unknown>> = {
    'certificate.revoked': () =>
      auth.statuses.set(hanako.serialNumber, { status: 'revoked', revokedAt, reason: 'keyCompromise' }),
    'certificate.on-hold': () =>
      auth.statuses.set(hanako.serialNumber, { status: 'revoked', revokedAt, reason: 'certificateHold' }),
  }
  for (const [code, prepare] of Object.entries(refusals))
    it(`is refused with ${code}, and the page says what to do`, async () => {
      const visitor = openVisitor()
      const shown = await visitor.post(page('/login'))
      prepare()
      await assert.rejects(answered(shown, hanako), { code })
      const refused = await visitor.get(page('/phone'))
      assert.deepEqual([refused.status, refused.text.includes(`<code>${code}</code>`)], [422, true])
      assert.match(refused.text, /最初の画面へ/)
    })

  it('is refused with the wrong number, with another key, and when it comes too late', async () => {
    const wrongNumber = openVisitor()
    const shown = await wrongNumber.post(page('/login'))
    const { number } = handedOver(shown)
    await assert.rejects(answered(shown, hanako, { number: number === '11' ? '22' : '11' }), {
      code: 'login.wrong-number',
    })
    assert.match((await wrongNumber.get(page('/phone'))).text, /login\.wrong-number/)

    const otherKey = openVisitor()
    const { privateKey: key } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    await assert.rejects(answered(await otherKey.post(page('/login')), hanako, { key }), {
      code: 'login.signature-invalid',
    })
    assert.match((await otherKey.get(page('/phone'))).text, /login\.signature-invalid/)

    const late = openVisitor()
    await late.post(page('/login'))
    clock = new Date(clock.getTime() + 5 * 60_000)
    assert.match((await late.get(page('/phone'))).text, /login\.expired/)
  })
})

describe('a transfer', () => {
  const transfer = { payee: '甲野商店', amount: 12_000 }

  it('is shown in the app as it is signed, and moves the money', async () => {
    const visitor = await loggedIn(taro)
    const asked = await visitor.post(page('/transfers'), transfer)
    assert.match(asked.text, /甲野商店/)
    const { text, purpose } = await answered(asked, taro)
    assert.match(text ?? '', /^甲野商店 に 12,000円 を振り込みます。\n振込元: 普通預金 [0-9]{7}$/)
    assert.equal(purpose, 'confirm')
    const done = await visitor.get(page('/phone'))
    for (const said of [/振り込みました/, /288,000円/, /-12,000円/]) assert.match(done.text, said)
    assert.match((await visitor.get(page('/phone'))).text, /session\.none/)
    assert.match((await visitor.get(page())).text, /288,000円/)
  })

  it('is booked when the person has agreed, although the browser never comes back', async () => {
    const visitor = await loggedIn(taro)
    await answered(await visitor.post(page('/transfers'), transfer), taro)
    assert.match((await visitor.get(page())).text, /276,000円/)
  })

  it('is not done for what the account does not hold, nor for what no form of ours sends', async () => {
    const visitor = await loggedIn(taro)
    assert.match((await visitor.post(page('/transfers'), { ...transfer, amount: 400_000 })).text, /amount\.too-high/)
    for (const wrong of [
      { amount: 0 },
      { amount: -5 },
      { amount: 1.5 },
      { payee: '' },
      { payee: 'a\u202Eb' },
      { payee: 'x\ny' },
    ])
      assert.match((await visitor.post(page('/transfers'), { ...transfer, ...wrong })).text, /form\.incomplete/)
  })

  it('is not done twice from two pages for what the account holds once', async () => {
    const visitor = await loggedIn(taro)
    const [one, other] = [await loggedIn(taro), visitor]
    const shown = [
      await one.post(page('/transfers'), { ...transfer, amount: 200_000 }),
      await other.post(page('/transfers'), { ...transfer, amount: 200_000 }),
    ] as const
    await answered(shown[0], taro)
    await assert.rejects(answered(shown[1], taro), { code: 'conditions.not-satisfied' })
    assert.match((await other.get(page('/phone'))).text, /amount\.too-high/)
    assert.match((await other.get(page())).text, /76,000円/)
  })

  it('is not done when somebody else confirms it', async () => {
    const visitor = await loggedIn(hanako)
    const shown = await visitor.post(page('/transfers'), transfer)
    await assert.rejects(answered(shown, taro), { code: 'conditions.not-satisfied' })
    assert.match((await visitor.get(page('/phone'))).text, /account\.another/)
    assert.match((await visitor.get(page())).text, /300,000円/)
  })

  it('is not done when it is cancelled', async () => {
    const visitor = await loggedIn(hanako)
    const shown = await visitor.post(page('/transfers'), transfer)
    await visitor.post(page('/cancel'))
    assert.match((await visitor.get(page('/phone'))).text, /session\.none/)
    await assert.rejects(answered(shown, hanako), { code: 'conditions.not-satisfied' })
    assert.match((await visitor.get(page())).text, /300,000円/)
  })
})

describe('an account', () => {
  it('survives a restart of the bank and a renewal of the certificate', async () => {
    await bank.close()
    bank = await opened(await freePort())
    const renewed = await auth.issue('phoneAuth')
    first.set(renewed.serialNumber, taro.serialNumber)
    const account = await (await loggedIn(renewed)).get(page())
    assert.match(account.text, /76,000円/)
    assert.equal(textOf(account, 'serial'), renewed.serialNumber)
  })
})
