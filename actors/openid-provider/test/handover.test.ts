/** The hand-over page: whose login it is, how it ends, and what the person and the service hear of it. docs/protocols/openid.md. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { acr } from '../contract.ts'
import { type House, openHouse, type Service } from './house.ts'
import { atPage, lastAsked, toldIn, withCode } from './service.ts'

let house: House
let service: Service
before(async () => {
  house = await openHouse()
})
after(() => house.close())
beforeEach(async () => {
  house.clock.ahead = 0
  service = await house.serviceOf('notebook')
})

const stateOf = async (page: string, browser = service.browser) =>
  JSON.parse((await browser.visit(`${page}/state`, { headers: { accept: 'application/json' } })).text).state

describe('the page', () => {
  it('shows the same login when it is loaded again, and in the language that is asked for', async () => {
    const { page } = await atPage(service)
    const count = house.her.asked.length
    for (const [url, language, word] of [
      [page.url, 'ja', 'みほんnotebookにログイン'],
      [`${page.url}?lang=en`, 'en', 'Log in to Sample notebook'],
      [page.url, 'en', 'Log in to Sample notebook'],
    ] as const) {
      const { text } = await service.browser.visit(url)
      assert.match(text, new RegExp(`<html lang="${language}">[\\s\\S]*${word}`))
    }
    assert.equal(house.her.asked.length, count, 'no other login was begun')
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
    house.her.answer(lastAsked(house).login.loginId, '4f01')
    assert.equal(await stateOf(page.url), 'accepted')
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
    house.her.answer(lastAsked(house).login.loginId, '4f01')
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
  const refuses = async (code: RefusalCode, words: RegExp, error: string) => {
    const { page } = await atPage(service)
    house.her.refuse(lastAsked(house).login.loginId, new Refusal(code))
    const refused = await service.browser.post(`${page.url}/finish`)
    assert.equal(refused.status, 403)
    assert.match(refused.text, words)
    assert.match(refused.text, new RegExp(`<code>${code}</code>`))
    const [told, description] = toldIn((await service.browser.post(`${page.url}/abort`)).url)
    assert.equal(told, error)
    assert.match(description ?? '', new RegExp(`^${code}: [\\x20-\\x7e]+$`))
  }
  it('revoked', () => refuses('certificate.revoked', /失効しています/, 'access_denied'))
  it('on hold', () => refuses('certificate.on-hold', /一時停止されています/, 'access_denied'))
  it('expired certificate', () => refuses('certificate.expired', /有効期間が過ぎています/, 'access_denied'))
  it('another number chosen', () => refuses('login.wrong-number', /数字と違いました/, 'access_denied'))
  it('signed for another origin or nonce', () =>
    refuses('login.signature-invalid', /電子署名を確認できません/, 'access_denied'))
  it('a revocation list that is too old', () =>
    refuses('certificate.status-stale', /情報が古く/, 'temporarily_unavailable'))
  it('nobody to ask', () => refuses('certificate.status-unknown', /確認できませんでした/, 'temporarily_unavailable'))

  it('too late', async () => {
    const { page } = await atPage(service)
    house.clock.ahead = 301_000
    assert.equal(await stateOf(page.url), 'expired')
    const refused = await service.browser.post(`${page.url}/finish`)
    assert.match(refused.text, /受付時間が過ぎました[\s\S]*login\.expired/)
    assert.match(
      toldIn((await service.browser.post(`${page.url}/abort`)).url).join(),
      /^access_denied,login\.expired: /,
    )
  })

  it('when nobody can say who a certificate is: no second account is made of it', async () => {
    const { page } = await atPage(service)
    house.her.answer(lastAsked(house).login.loginId, 'unreachable')
    const refused = await service.browser.post(`${page.url}/finish`)
    assert.match(refused.text, /JPKIシステムに接続できません[\s\S]*peer\.unreachable/)
    assert.equal(toldIn((await service.browser.post(`${page.url}/abort`)).url)[0], 'temporarily_unavailable')
    assert.equal(await house.world.accounts.ofCertificate('unreachable'), undefined)
  })

  it('and may be tried again, with another QR code and number', async () => {
    const { page } = await atPage(service)
    house.her.refuse(lastAsked(house).login.loginId, new Refusal('login.wrong-number'))
    await service.browser.post(`${page.url}/finish`)
    const first = lastAsked(house).login
    const again = await service.browser.post(`${page.url}/again`)
    assert.equal(again.status, 200)
    const second = lastAsked(house).login
    assert.notEqual(second.loginId, first.loginId)
    house.her.answer(second.loginId, '4f01')
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
    const first = await withCode(house, service, { as: '4f01' })
    assert.match(first.back.url, /code=/)
    const { page } = await atPage(service, { prompt: 'login' })
    house.her.answer(lastAsked(house).login.loginId, '5a01', acr.card)
    const back = await service.browser.post(`${page.url}/finish`)
    assert.equal(back.status, 200)
    assert.match(back.text, /<form[^>]+action="[^"]*logout/)
  })
})
