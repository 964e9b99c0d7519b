/** The hand-over page: whose login it is, how it ends, and what the person and the service hear of it. docs/protocols/openid.md. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { LoginStatement } from '@mobile-jpki/jpki'
import type { RefusalCode } from '@mobile-jpki/refusal'
import type { Holder } from '@mobile-jpki/verification/test-authority'
import { type House, openHouse, type Service } from './house.ts'
import { anotherThan, answerOf, shownOn } from './person.ts'
import { atPage, toldIn, withCode } from './service.ts'

let house: House
let service: Service
let phone: Holder
before(async () => {
  house = await openHouse()
  phone = await house.authority.issue('phoneAuth')
})
after(() => house.close())
beforeEach(async () => {
  house.clock.ahead = 0
  house.authority.statuses.clear()
  house.authority.answer({})
  service = await house.serviceOf('notebook')
})

const stateOf = async (page: string, browser = service.browser) =>
  JSON.parse((await browser.visit(`${page}/state`, { headers: { accept: 'application/json' } })).text).state

describe('the page', () => {
  it('shows the same login when it is loaded again, and in the language that is asked for', async () => {
    const { page } = await atPage(service)
    const { loginId } = shownOn(page.text)
    for (const [url, language, word] of [
      [page.url, 'ja', 'みほんnotebookにログイン'],
      [`${page.url}?lang=en`, 'en', 'Log in to Sample notebook'],
      [page.url, 'en', 'Log in to Sample notebook'],
    ] as const) {
      const { text } = await service.browser.visit(url)
      assert.match(text, new RegExp(`<html lang="${language}">[\\s\\S]*${word}`))
      assert.equal(shownOn(text).loginId, loginId, 'no other login was begun')
    }
    const english = await house.serviceOf('notebook')
    assert.match((await atPage(english, { ui_locales: 'en-GB ja' })).page.text, /<html lang="en">/)
  })

  it('lets in nothing but itself', async () => {
    const { page } = await atPage(service)
    assert.doesNotMatch(page.text, /<script>|onclick=|style=/)
    const reply = await fetch(page.url)
    const policy = reply.headers.get('content-security-policy') ?? ''
    assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/)
    assert.doesNotMatch(policy, /unsafe/)
    for (const name of ['page.css', 'page.js']) assert.equal((await fetch(`${house.issuer}/page/${name}`)).status, 200)
    assert.equal((await fetch(`${house.issuer}/page/html.ts`)).status, 404)
  })

  it('tells how the login stands', async () => {
    const { page } = await atPage(service)
    assert.equal(await stateOf(page.url), 'waiting')
    assert.match((await service.browser.post(`${page.url}/finish`)).text, /data-waiting/)
    await answerOf(phone, shownOn(page.text))
    assert.equal(await stateOf(page.url), 'good')
    assert.match(
      (await service.browser.visit(page.url)).url,
      /[?&]code=/,
      'a page that was closed goes on when it is opened again',
    )
  })
})

describe('a login belongs to the browser that began it', () => {
  it('who has the address of the page, or a QR code of another, hears nothing and gets nothing', async () => {
    const { page } = await atPage(service)
    await answerOf(phone, shownOn(page.text))
    const thief = await house.serviceOf('notebook')
    const own = await atPage(thief)
    for (const path of ['', '/state', '/card?code=x']) {
      const { status, text } = await thief.browser.visit(`${page.url}${path}`)
      assert.equal(status, 400, path)
      assert.match(text, /別のブラウザーで始めたログインです/)
    }
    for (const act of ['finish', 'again', 'abort'])
      assert.equal((await thief.browser.post(`${page.url}/${act}`)).status, 400)
    assert.equal(await stateOf(own.page.url, thief.browser), 'waiting')
    assert.match((await service.browser.post(`${page.url}/finish`)).url, /[?&]code=/)
  })

  it('a page of another site cannot press its buttons', async () => {
    const { page } = await atPage(service)
    const headers = { origin: 'http://127.0.0.1:9' }
    const { status } = await service.browser.visit(`${page.url}/abort`, { method: 'POST', headers })
    assert.equal(status, 400)
    assert.equal(await stateOf(page.url), 'waiting')
  })
})

describe('a login is refused: the person reads why, and the service hears it', () => {
  const refuses = async (
    code: RefusalCode,
    words: RegExp,
    {
      by = phone,
      mistaken,
      ...changes
    }: Partial<LoginStatement> & { readonly by?: Holder; readonly mistaken?: true } = {},
  ) => {
    const { page } = await atPage(service)
    const shown = shownOn(page.text)
    const number = mistaken ? anotherThan(shown.number) : shown.number
    await assert.rejects(answerOf(by, shown, { number, ...changes }), { code })
    const refused = await service.browser.post(`${page.url}/finish`)
    assert.equal(refused.status, 403)
    assert.match(refused.text, words)
    assert.match(refused.text, new RegExp(`<code>${code}</code>`))
    const [told, description] = toldIn((await service.browser.post(`${page.url}/abort`)).url)
    assert.equal(told, code === 'certificate.wrong-policy' ? 'unmet_authentication_requirements' : 'access_denied')
    assert.match(description ?? '', new RegExp(`^${code}: [\\x20-\\x7e]+$`))
  }
  const revokedFor = (reason: 'keyCompromise' | 'certificateHold') =>
    house.authority.statuses.set(phone.serialNumber, { status: 'revoked', revokedAt: new Date(), reason })

  it('a revoked certificate', async () => {
    revokedFor('keyCompromise')
    await refuses('certificate.revoked', /失効しています/)
  })
  it('a certificate on hold', async () => {
    revokedFor('certificateHold')
    await refuses('certificate.on-hold', /一時停止されています/)
  })
  it('an expired certificate', async () => {
    const [notBefore, notAfter] = [new Date('2020-01-01T00:00:00Z'), new Date('2025-01-01T00:00:00Z')]
    const by = await house.authority.issue('phoneAuth', { notBefore, notAfter })
    await refuses('certificate.expired', /有効期間が過ぎています/, { by })
  })
  it('another number than the one on the page', async () =>
    refuses('login.wrong-number', /数字と違いました/, { mistaken: true }))
  it('a signature for another origin', () =>
    refuses('login.signature-invalid', /電子署名を確認できません/, { origin: 'https://evil.example' }))
  it('a signature over another nonce', () =>
    refuses('login.signature-invalid', /電子署名を確認できません/, { nonce: new Uint8Array(32) }))
  it('a signature for another service', () =>
    refuses('login.signature-invalid', /電子署名を確認できません/, { requester: 'みほん銀行' }))

  it('a list that is too old, when OCSP is down', async () => {
    house.authority.behave((reply) => void reply.destroy())
    const [thisUpdate, nextUpdate] = [new Date('2026-01-01T00:00:00Z'), new Date('2026-01-02T00:00:00Z')]
    const old = await house.authority.issueList({ thisUpdate, nextUpdate })
    house.authority.list((reply) => void reply.writeHead(200).end(old))
    const { page } = await atPage(service)
    await assert.rejects(answerOf(phone, shownOn(page.text)), { code: 'certificate.status-stale' })
    assert.match((await service.browser.visit(page.url)).text, /情報が古く/)
    const told = toldIn((await service.browser.post(`${page.url}/abort`)).url).join()
    assert.match(told, /^temporarily_unavailable,certificate\.status-stale: /)
  })
  it('nobody to ask: page and service hear it at once, and the app may answer again', async () => {
    house.authority.behave((reply) => void reply.destroy())
    house.authority.list((reply) => void reply.destroy())
    const { page } = await atPage(service)
    await assert.rejects(answerOf(phone, shownOn(page.text)), { code: 'certificate.status-unknown' })
    const state = await service.browser.visit(`${page.url}/state`, { headers: { accept: 'application/json' } })
    assert.match(state.text, /"waiting".*確認できませんでした/)
    assert.match(
      (await service.browser.visit(page.url)).text,
      /id="trouble"[^>]*>電子証明書が有効かどうかを確認できません/,
    )
    const other = await house.serviceOf('notebook')
    const second = await atPage(other)
    await assert.rejects(answerOf(phone, shownOn(second.page.text)))
    const told = toldIn((await other.browser.post(`${second.page.url}/abort`)).url).join()
    assert.match(told, /^temporarily_unavailable,certificate\.status-unknown: /)
    house.authority.answer({})
    await answerOf(phone, shownOn(page.text))
    assert.match((await service.browser.post(`${page.url}/finish`)).url, /[?&]code=/)
  })

  it('too late', async () => {
    const { page } = await atPage(service)
    house.clock.ahead = 301_000
    assert.equal(await stateOf(page.url), 'tooLate')
    const refused = await service.browser.post(`${page.url}/finish`)
    assert.match(refused.text, /受付時間が過ぎました[\s\S]*login\.expired/)
    assert.match(
      toldIn((await service.browser.post(`${page.url}/abort`)).url).join(),
      /^access_denied,login\.expired: /,
    )
  })

  it('when nobody can say who a certificate is: no second account is made of it', async () => {
    const renewed = await house.authority.issue('phoneAuth')
    house.firsts.set(renewed.serialNumber, 'unreachable')
    const { page } = await atPage(service)
    await assert.rejects(answerOf(renewed, shownOn(page.text)), { code: 'peer.unreachable' })
    assert.match((await service.browser.visit(page.url)).text, /JPKIシステムに接続できません/)
    assert.equal(toldIn((await service.browser.post(`${page.url}/abort`)).url)[0], 'temporarily_unavailable')
  })

  it('and may be tried again, with another QR code and number', async () => {
    const { page } = await atPage(service)
    await assert.rejects(answerOf(phone, shownOn(page.text), { number: anotherThan(shownOn(page.text).number) }))
    await service.browser.post(`${page.url}/finish`)
    const again = await service.browser.post(`${page.url}/again`)
    assert.equal(again.status, 200)
    assert.notEqual(shownOn(again.text).loginId, shownOn(page.text).loginId)
    await answerOf(phone, shownOn(again.text))
    assert.match((await service.browser.post(`${page.url}/finish`)).url, /[?&]code=/)
  })

  it('or given up by the person', async () => {
    const { page } = await atPage(service)
    const told = toldIn((await service.browser.post(`${page.url}/abort`)).url)
    assert.deepEqual(told, ['access_denied', 'The person went back without logging in.'])
  })
})

describe('another person at the same browser', () => {
  it('is logged in instead of the one before, whose services are told', async () => {
    const first = await withCode(service, phone)
    assert.match(first.back.url, /code=/)
    const { page } = await atPage(service, { prompt: 'login' })
    await answerOf(await house.authority.issue('auth'), shownOn(page.text))
    const back = await service.browser.post(`${page.url}/finish`)
    assert.equal(back.status, 200)
    assert.match(back.text, /<form[^>]+action="[^"]*logout/)
  })
})
