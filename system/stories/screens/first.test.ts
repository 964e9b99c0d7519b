/** The person's screens in a browser, over real sockets: install, apply, download, look, log in, and what goes wrong on the way. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { formatAccessCode } from '@mobile-jpki/jpki'
import { remembered } from '@mobile-jpki/jpki-ui/domain'
import { type Browser, chromium, type Page } from 'playwright-core'
import { needs, pathOf } from '../../test/needs.ts'
import { hanako } from '../town/people.ts'
import { codeMailsIn, openTown, revoke, type StoryTown } from './stage/town.ts'

const password = 'himitsu-2016'
const pin = '1234'
const patience = 30_000
const quiet = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

describe('the screens of the person', { skip: needs('chromium'), timeout: 180_000 }, () => {
  let town: StoryTown
  let browser: Browser
  let app: Page
  const faults: string[] = []

  before(async () => {
    town = await openTown()
    browser = await chromium.launch({ executablePath: pathOf('chromium') ?? '', args: quiet })
    app = await newPage({ width: 390, height: 844 })
  })
  after(async () => {
    await browser?.close()
    await town?.[Symbol.asyncDispose]()
  })

  /** A page that keeps to the content security policy and never throws. */
  async function newPage(viewport: { width: number; height: number }): Promise<Page> {
    const page = await (await browser.newContext({ viewport, acceptDownloads: true })).newPage()
    page.setDefaultTimeout(patience)
    page.on('pageerror', ({ message }) => faults.push(message))
    page.on('console', (said) => {
      if (/Content Security Policy/.test(said.text())) faults.push(said.text())
    })
    return page
  }

  const press = (name: string) => app.getByRole('button', { name, exact: true }).click()
  const follow = (name: string | RegExp) => app.getByRole('link', { name }).first().click()
  const heading = (name: string) => app.getByRole('heading', { name, exact: true }).waitFor()
  const sees = (text: string | RegExp) => app.getByText(text).first().waitFor()
  const field = (name: string) => app.locator(`input[name="${name}"]`)
  const codeInMail = async () => /アクセスコード: (\S+)/.exec((await codeMailsIn(town)).at(-1)?.text ?? '')?.[1] ?? ''
  const typePin = async (digits: string) => {
    for (const digit of digits) await press(digit)
  }

  it('① installs the app by its button, and finds no certificate', async () => {
    await app.goto(town.places.phone)
    await app.getByRole('button', { name: /インストール/ }).click()
    await sees('未登録')
    assert.equal(await app.title(), 'JPKI-UIアプリ')
  })

  it('② tells what is missing in the form, and takes it when it is right', async () => {
    await follow(/申請する/)
    await heading('申請')
    await sees(hanako.sim.iccid)
    await press('次へ')
    for (const problem of [/メールアドレスの形式/, /8文字以上で入力/, /同意が必要/]) await sees(problem)
    await field('mail').fill(hanako.mail)
    await field('password').fill(password)
    await field('passwordAgain').fill(password)
    await field('consent').check()
    await press('次へ')
    await heading('マイナンバーカードをかざす')
    await sees('カードを検出しました')
  })

  it('② counts a wrong sign password, loses nothing, and sends with the right one', async () => {
    await field('signPassword').fill('zzz999')
    await press('署名して送信する')
    await sees('署名用パスワードが違います。')
    await sees('あと4回入力できます')
    await sees('pin.wrong')
    await press('戻る')
    assert.equal(await field('mail').inputValue(), hanako.mail)
    assert.equal(await field('password').inputValue(), password)
    await press('次へ')
    await field('signPassword').fill(hanako.card.signPassword.toLowerCase())
    assert.equal(await field('signPassword').inputValue(), hanako.card.signPassword)
    await press('署名して送信する')
    await heading('申請完了')
    await sees('アクセスコードをメールで送りました。')
  })

  it('⑬ finds a slip in the code before it is sent, and refuses a code that is nobody’s', async () => {
    const code = await codeInMail()
    await follow('ダウンロードへ進む')
    await heading('ダウンロード')
    const wrong = code.replace(/.$/, code.endsWith('0') ? '1' : '0')
    await field('accessCode').pressSequentially(wrong.replaceAll('-', '').toLowerCase())
    assert.equal(await field('accessCode').inputValue(), wrong)
    await sees('入力に間違いがあります。メールのコードと見比べてください。')
    await field('accessCode').fill(formatAccessCode(new Uint8Array(10).fill(7)))
    await field('password').fill(password)
    await press('ダウンロードを始める')
    await sees('アクセスコードが違います。')
    await sees('あと4回入力できます')
    await field('accessCode').fill(code)
    await field('password').fill('another-password')
    await press('ダウンロードを始める')
    await sees('パスワードが違います。')
    await sees('あと3回入力できます')
    assert.equal(await field('accessCode').inputValue(), code)
  })

  it('keeps the key of the phone where no script can take it out, and nothing of it in the phone', async () => {
    const kept = await app.evaluate(async () => {
      const opening = indexedDB.open('jpki-ui')
      await new Promise((resolve) => opening.addEventListener('success', resolve))
      const asking = opening.result.transaction('keys').objectStore('keys').get('device')
      await new Promise((resolve) => asking.addEventListener('success', resolve))
      opening.result.close()
      const { extractable, usages } = asking.result.privateKey as CryptoKey
      return { extractable, usages }
    })
    assert.deepEqual(kept, { extractable: false, usages: ['sign'] })
    assert.equal(await remembered(town.device, 'device-key'), undefined)
  })

  it('⑭ ⑮ goes on after a reload without the code', async () => {
    await field('password').fill(password)
    await press('ダウンロードを始める')
    await heading('ダウンロード中')
    await app.goto(town.places.phone)
    await sees('ダウンロードの途中です')
    await follow('続きから')
    await heading('暗証番号を決めてください')
  })

  it('⑱ asks the PIN twice, waits while everything is down, and goes on by itself', async () => {
    await typePin(pin)
    await sees(/推測されやすい番号です/)
    await press('次へ')
    await app.keyboard.type('4321')
    await sees(/2回の入力が同じではありません/)
    await app.keyboard.type(pin)
    await press('次へ')
    await sees('もう一度入力してください')
    await town.stop()
    await app.keyboard.type(pin)
    await sees('接続を待っています')
    await town.start()
    await heading('完了')
  })

  it('shows the certificate and saves it', async () => {
    await follow('証明書を見る')
    await sees('あと3回入力できます')
    await sees('シリアル番号')
    const [download] = await Promise.all([app.waitForEvent('download'), follow('PEM形式で保存する')])
    assert.match(await readFile(await download.path(), 'utf8'), /^-----BEGIN CERTIFICATE-----\n/)
    await follow('ホームへ戻る')
    await sees('有効')
  })

  it('logs in at a site, on two screens, after a wrong PIN', async () => {
    const site = await newPage({ width: 1280, height: 800 })
    await app.goto(await linkOf(site, town.places.relyingParty))
    await sees('このサイトに心当たりがありますか')
    await sees(new URL(town.places.relyingParty).origin)
    await app.keyboard.type('9999')
    await press('ログインする')
    await sees('暗証番号が違います。')
    await sees('あと2回入力できます')
    await app.keyboard.type(pin)
    await press('ログインする')
    await heading('ログインしました')
    await site.getByRole('heading', { name: /ログインしました/ }).waitFor()
    assert.match((await site.locator('#serial').textContent()) ?? '', /^[0-9a-f]+$/)
  })

  it('refuses a site that speaks for another, and a login that is over', async () => {
    const site = await newPage({ width: 1280, height: 800 })
    const link = await linkOf(site, town.places.relyingParty)
    await app.goto(link.replace(encodeURIComponent('//127.0.0.1:'), encodeURIComponent('//localhost:')))
    await sees('login.origin-mismatch')
    assert.equal(await app.getByRole('button', { name: 'ログインする' }).count(), 0)
    town.clock.ahead += 10 * 60_000
    await app.goto(link)
    await sees('login.expired')
    await site.getByText('login.expired').waitFor()
  })

  it('refuses a revoked certificate on both screens, in both languages', async () => {
    const site = await newPage({ width: 1280, height: 800 })
    await app.goto(`${town.places.phone}/#/certificate`)
    const serialNumber = (await app.locator('dt:has-text("シリアル番号") + dd').textContent()) ?? ''
    await revoke(town, 'auth', serialNumber, 'cessationOfOperation')
    await app.goto(await linkOf(site, town.places.relyingParty))
    await press('English')
    await app.getByLabel('4-digit PIN').fill(pin)
    await press('Log in')
    await heading('You are not logged in')
    await sees('The certificate is revoked.')
    await site.getByText('certificate.revoked').waitFor()
    await site.getByText('電子証明書は失効しています。').waitFor()
  })

  it('never breaks its content security policy, and never throws', () => {
    assert.deepEqual(faults, [])
  })
})

/** The site's link to the app, of a login that was just begun there. */
async function linkOf(site: Page, relyingParty: string): Promise<string> {
  await site.goto(relyingParty)
  await site.getByRole('button', { name: /スマートフォンでログイン/ }).click()
  const open = site.locator('a#open[href*="login="]')
  await open.waitFor()
  return (await open.getAttribute('href')) ?? ''
}
