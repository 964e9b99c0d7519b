/** The person's screens in a browser, over real sockets: install, apply, download, look, and what goes wrong on the way. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { formatAccessCode } from '@mobile-jpki/jpki'
import { remembered } from '@mobile-jpki/jpki-ui/domain'
import { needs } from '../../../test/needs.ts'
import { hanako } from '../../town/people.ts'
import { codeMailsIn, openTown, type StoryTown } from '../stage/town.ts'
import { type AppPage, codeIn, installed, openScreens, type Screens } from './app-page.ts'

const password = 'himitsu-2016'
const pin = '1234'

describe('the screens of the person', { skip: needs('chromium'), timeout: 600_000 }, () => {
  let town: StoryTown
  let screens: Screens
  let app: AppPage
  before(async () => {
    town = await openTown()
    screens = await openScreens()
    app = await screens.app(town.places.phone)
  })
  after(async () => {
    await screens?.[Symbol.asyncDispose]()
    await town?.[Symbol.asyncDispose]()
  })

  const press = (name: string) => app.press(name)
  const follow = (name: string | RegExp) => app.follow(name)
  const heading = (name: string) => app.heading(name)
  const sees = (text: string | RegExp) => app.sees(text)
  const field = (name: string) => app.field(name)
  const codeInMail = async () => codeIn(await codeMailsIn(town))

  it('① installs the app by its button, and finds no certificate', async () => {
    await installed(app, town.places.phone)
    await sees('未登録')
    assert.equal(await app.page.title(), 'JPKI-UIアプリ')
  })

  it('② tells what is missing in the form, and takes it when it is right', async () => {
    await follow(/申請する/)
    await heading('申請')
    await sees(hanako.sim.iccid)
    await sees('Carrier A')
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
    const kept = await app.page.evaluate(async () => {
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
    await app.page.goto(town.places.phone)
    await sees('ダウンロードの途中です')
    await follow('続きから')
    await heading('暗証番号を決めてください')
  })

  it('⑱ asks the PIN twice, waits while everything is down, and goes on by itself', async () => {
    await app.typePin(pin)
    await sees(/推測されやすい番号です/)
    await press('次へ')
    await app.page.keyboard.type('4321')
    await sees(/2回の入力が同じではありません/)
    await app.page.keyboard.type(pin)
    await press('次へ')
    await sees('もう一度入力してください')
    await town.stop()
    await app.page.keyboard.type(pin)
    await sees('接続を待っています')
    await town.start()
    await heading('完了')
  })

  it('shows the certificate and saves it', async () => {
    await follow('証明書を見る')
    await sees('あと3回入力できます')
    await sees('シリアル番号')
    const [download] = await Promise.all([app.page.waitForEvent('download'), follow('PEM形式で保存する')])
    assert.match(await readFile(await download.path(), 'utf8'), /^-----BEGIN CERTIFICATE-----\n/)
    await follow('ホームへ戻る')
    await sees('有効')
  })
})
