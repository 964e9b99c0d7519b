/** A login and an agreement, as the app shows them: who asks for whom and for what, the number, the PIN, and everything that goes wrong. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { resume } from '@mobile-jpki/jpki-ui/domain'
import type { Challenge } from '@mobile-jpki/relying-party'
import { call } from '@mobile-jpki/service'
import { stopPhone } from '@mobile-jpki/sp-tsm/contract'
import { needs } from '../../../test/needs.ts'
import { hanako } from '../../town/people.ts'
import { openStreet, password, type Street } from '../life/street.ts'
import { pin, revoke } from '../stage/town.ts'
import { type AppPage, openScreens, type Screens } from './app-page.ts'
import { openSite, type Site } from './site.ts'

const minute = 60_000

describe('a site that asks', { skip: needs('chromium'), timeout: 600_000 }, () => {
  let street: Street
  let site: Site
  let screens: Screens
  let app: AppPage
  before(async () => {
    street = await openStreet()
    site = await openSite(street, 'みほん認証')
    screens = await openScreens()
    app = await screens.app(street.places.phone)
  })
  after(async () => {
    await screens?.[Symbol.asyncDispose]()
    await site?.[Symbol.asyncDispose]()
    await street?.[Symbol.asyncDispose]()
  })

  const opened = ({ appLink }: Pick<Challenge, 'appLink'>) => app.open(new URL(appLink).hash)
  const chooses = (number: string) => app.page.getByRole('radio', { name: number, exact: true }).check()
  const enters = async (digits: string, label = '4桁の暗証番号') =>
    app.page.getByLabel(label, { exact: true }).fill(digits)
  const ended = async ({ loginId, ticket }: Challenge) => (await site.outcome(loginId, ticket)).state

  it('is reached by a link that is entered by hand, when it is one', async () => {
    const login = await site.challenge()
    await app.open('')
    await app.follow('リンクでログイン')
    await app.heading('リンクでログイン')
    await app.press('次へ')
    await app.sees('リンクを入力してください。')
    for (const wrong of [
      'https://bank.example',
      `http://x/#/login?site=${site.origin}&login=7`,
      '#/login?site=ftp://a&login=',
    ]) {
      await app.field('link').fill(wrong)
      await app.press('次へ')
      await app.sees('ログインのリンクではありません。サイトの画面から、もう一度コピーしてください。')
    }
    await app.field('link').fill(` ${login.appLink}\n`)
    await app.press('次へ')
    await app.heading('ログインの確認')
    await app.sees('みほん認証')
    await app.sees(site.origin)
  })

  it('says for whom it asks, and is not answered when its number is not there', async () => {
    const login = await site.challenge({ requester: 'おくすり手帳' })
    await opened(login)
    await app.sees('おくすり手帳')
    await app.sees('みほん認証を通じてのログインです')
    await app.sees('自分で始めた操作ですか')
    assert.equal(await app.page.getByRole('radio').count(), 3)
    assert.equal(await app.page.getByLabel('4桁の暗証番号').count(), 0, 'no PIN before the number')
    await app.press('同じ番号がない')
    await app.heading('中止しました')
    assert.equal(await ended(login), 'waiting')
  })

  it('that shows another number is refused on both sides: somebody else began', async () => {
    const login = await site.challenge()
    await opened(login)
    await app.page.getByRole('radio').first().waitFor()
    const numbers = await app.page
      .getByRole('radio')
      .evaluateAll((all) => all.map((one) => one.parentElement?.textContent?.trim() ?? ''))
    assert.ok(numbers.includes(login.number))
    await chooses(numbers.find((one) => one !== login.number) ?? '')
    await enters(pin)
    await app.press('ログインする')
    await app.heading('ログインできませんでした')
    await app.sees('選んだ番号が、サイトの画面の番号と違います。')
    await app.sees('login.wrong-number')
    assert.equal(await ended(login), 'wrongNumber')
  })

  it('is answered after a wrong PIN and a reload, and once only', async () => {
    const login = await site.challenge()
    await opened(login)
    await chooses(login.number)
    await app.page.keyboard.type('99')
    await app.press('ログインする')
    await app.sees('4桁の数字を入力してください。')
    await enters('9999')
    await app.press('ログインする')
    await app.sees('暗証番号が違います。')
    await app.sees('あと2回入力できます')
    assert.equal(await app.page.getByRole('radio', { name: login.number }).isChecked(), true)
    await app.reload()
    await chooses(login.number)
    await app.page.keyboard.type(pin)
    await app.press('ログインする')
    await app.heading('ログインしました')
    assert.equal(await ended(login), 'good')
    await app.reload()
    await app.sees('このログインは、すでに終わっています。')
  })

  it('for an agreement shows the text as it is signed', async () => {
    const text = '振込先 甲野商店\n金額 12,000円'
    const agreement = await site.challenge({ text })
    await opened(agreement)
    await app.heading('内容の確認')
    await app.sees('確認する内容')
    assert.equal(await app.page.getByText('振込先 甲野商店').textContent(), text)
    await chooses(agreement.number)
    await enters(pin)
    await app.press('同意して署名する')
    await app.heading('署名しました')
    const outcome = await site.outcome(agreement.loginId, agreement.ticket)
    assert.ok(outcome.state === 'good')
    assert.deepEqual([outcome.purpose, outcome.text], ['confirm', text])
  })

  it('that speaks for another, is too late, or never asked, gets no PIN', async () => {
    const login = await site.challenge()
    const { hash } = new URL(login.appLink)
    await app.open(hash.replace('127.0.0.1', 'localhost'))
    await app.sees('login.origin-mismatch')
    await app.open(hash.replace(login.loginId, randomUUID()))
    await app.sees('このログインの受付が見つかりません。')
    site.clock.ahead = 10 * minute
    await app.open(hash)
    await app.sees('login.expired')
    site.clock.ahead = 0
    assert.equal(await app.page.getByRole('radio').count(), 0)
  })

  it('is answered while SP-TSM is away: a login needs the SIM and the site', async () => {
    const login = await site.challenge()
    await app.page.route('**/network/sp-tsm/**', (route) => route.abort())
    await opened(login)
    await chooses(login.number)
    await enters(pin)
    await app.press('ログインする')
    await app.heading('ログインしました')
    await app.page.unroute('**/network/sp-tsm/**')
  })

  it('refuses a certificate on hold; the app says so before, and where to go after', async () => {
    const { msisdn } = hanako.phone
    await call(street.device.spTsm, stopPhone, { msisdn, password })
    const login = await site.challenge()
    await opened(login)
    await app.sees('利用を止めています')
    await chooses(login.number)
    await enters(pin)
    await app.press('ログインする')
    await app.sees('電子証明書は一時停止されています。')
    assert.equal(await ended(login), 'onHold')
    await app.follow('証明書の状態を見る')
    await app.heading('手続き・困ったとき')
    await resume(street.device, street.signer, street.chance, street.waits)
  })

  it('refuses an expired one by its own clock, and a revoked one; told in English as well', async () => {
    site.clock.ahead = 11 * 365 * 24 * 60 * minute
    const late = await site.challenge()
    await opened(late)
    await chooses(late.number)
    await enters(pin)
    await app.press('ログインする')
    await app.sees('certificate.expired')
    await app.page.getByRole('link', { name: '申請し直す' }).waitFor()
    site.clock.ahead = 0
    const { serialNumber } = await street.life(await street.orderId())
    await revoke(street, 'auth', serialNumber, 'cessationOfOperation')
    const login = await site.challenge()
    await opened(login)
    await app.press('English')
    await chooses(login.number)
    await enters(pin, '4-digit PIN')
    await app.press('Log in')
    await app.heading('You are not logged in')
    await app.sees('The certificate is revoked.')
    await app.page.getByRole('link', { name: 'See how the certificate stands' }).waitFor()
    assert.equal(await ended(login), 'revoked')
  })
})
