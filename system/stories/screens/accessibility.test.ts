/**
 * Every screen for everybody: axe-core finds nothing, in both languages, in light and in dark, and nothing is wider than the screen,
 * from 320 px up and with the largest type. WCAG 2.2 A and AA.
 */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Device, deviceAt, note } from '@mobile-jpki/jpki-ui/domain'
import axe from 'axe-core'
import { needs } from '../../../test/needs.ts'
import { hanako } from '../../town/people.ts'
import { codeMailsIn, openTown, type StoryTown } from '../stage/town.ts'
import { type AppPage, codeIn, installed, openScreens, type Screens } from './app-page.ts'

const password = 'himitsu-2016'
const pin = '4649'

const languages = ['ja', 'en'] as const
const widths = [320, 390, 1280] as const
/** Each screen in both languages, in light and in dark, one by one in these ways; whether it fits is looked at in every width. */
const ways = [
  [
    { width: 320, language: 'en', look: 'dark', size: 'largest' },
    { width: 1280, language: 'ja', look: 'light', size: 'normal' },
  ],
  [
    { width: 390, language: 'ja', look: 'dark', size: 'large' },
    { width: 320, language: 'en', look: 'light', size: 'normal' },
  ],
] as const

const addresses = [
  '#/',
  '#/eligibility',
  '#/apply',
  '#/download',
  '#/certificate',
  '#/history',
  '#/pin',
  '#/pin-less',
  '#/settings',
  '#/help',
  '#/help?code=pin.blocked',
  '#/help?code=nothing',
  '#/life',
  '#/pin-reset',
  '#/lost',
  '#/found',
  '#/give-up',
  '#/apply-again',
  '#/another-sim',
  '#/rebind',
  '#/stop-using',
  '#/login',
  '#/nowhere',
]

/** What says something else once there is a certificate. */
const afterwards = [
  '#/',
  '#/apply',
  '#/certificate',
  '#/history',
  '#/pin',
  '#/pin-less',
  '#/life',
  '#/pin-reset',
  '#/lost',
  '#/give-up',
  '#/apply-again',
  '#/stop-using',
]

describe('every screen', { skip: needs('chromium'), timeout: 1_200_000 }, () => {
  let town: StoryTown
  let screens: Screens
  let app: AppPage
  let device: Device
  before(async () => {
    town = await openTown()
    screens = await openScreens()
    app = await screens.app(town.places.phone)
    device = deviceAt(town.places.phone)
    await installed(app, town.places.phone)
  })
  after(async () => {
    await screens?.[Symbol.asyncDispose]()
    await town?.[Symbol.asyncDispose]()
  })

  /** As another window of the app would change it: the screen stays as it is, with all that was typed. */
  const prefer = (preferences: Readonly<Record<string, string>>) =>
    app.page.evaluate((wanted) => {
      for (const [key, value] of Object.entries(wanted)) {
        localStorage.setItem(key, value)
        dispatchEvent(new StorageEvent('storage', { key }))
      }
      return new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))
    }, preferences)

  const tooWide = () =>
    app.page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement
      return scrollWidth > clientWidth ? `${scrollWidth} px` : undefined
    })

  async function violations(): Promise<readonly string[]> {
    await app.page.evaluate(`window.axe ??= (() => { ${axe.source}; return window.axe })()`)
    const found = await app.page.evaluate(() => {
      const { axe } = window as unknown as { axe: typeof import('axe-core') }
      return axe.run(document, { resultTypes: ['violations'] })
    })
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
  }

  let looked = 0
  /** The screen as it stands now. */
  async function lookOver(what: string): Promise<void> {
    const flaws: string[] = []
    const told = (way: string, found: readonly (string | undefined)[]) =>
      flaws.push(...found.filter((one) => one !== undefined).map((one) => `${what}, ${way}: ${one}`))
    for (const { width, ...preferences } of ways[looked++ % ways.length] ?? []) {
      await app.page.setViewportSize({ width, height: 844 })
      await prefer(preferences)
      told(`${Object.values(preferences).join(' ')} ${width}`, await violations())
    }
    for (const width of widths) {
      await app.page.setViewportSize({ width, height: 844 })
      for (const language of languages) {
        await prefer({ language, size: 'largest' })
        told(`${language} largest ${width}`, [await tooWide()])
      }
    }
    await prefer({ language: 'ja', look: 'light', size: 'normal' })
    await app.page.setViewportSize({ width: 390, height: 844 })
    assert.deepEqual(flaws, [])
  }

  /** Opened, and waited for until it no longer asks anybody. */
  async function open(hash: string): Promise<void> {
    await app.open(hash)
    await app.page.locator('h1').waitFor()
    await app.page.waitForFunction(() => !/確認しています/.test(document.querySelector('main')?.textContent ?? ''))
  }

  it('is looked at here', async () => {
    const folder = join(import.meta.dirname, '..', '..', '..', 'apps', 'jpki-ui', 'screens')
    const tables = await Promise.all(
      ['index.tsx', 'procedures/index.tsx'].map((file) => readFile(join(folder, file), 'utf8')),
    )
    const declared = tables.flatMap((text) => [...text.matchAll(/^ {2}'(\/[a-z-]*)':/gm)].map(([, path]) => `#${path}`))
    assert.ok(declared.length > 15)
    assert.deepEqual(
      declared.filter((address) => !addresses.includes(address)),
      [],
    )
  })

  for (const address of addresses)
    it(`${address}, before there is a certificate`, async () => {
      await open(address)
      await lookOver(address)
    })

  it('of an application: what is missing, the card, a wrong password, the code explained, the end', async () => {
    await open('#/apply')
    await app.press('次へ')
    await app.sees(/同意が必要/)
    await lookOver('problems of the form')
    await app.field('mail').fill(hanako.mail)
    await app.field('password').fill(password)
    await app.field('passwordAgain').fill(password)
    await app.field('consent').check()
    await app.press('次へ')
    await app.sees('カードを検出しました')
    await app.field('signPassword').fill('ZZZ999')
    await app.press('署名して送信する')
    await app.sees('署名用パスワードが違います。')
    await lookOver('the card and a refusal')
    await app.press('コードの説明')
    await app.page.getByRole('dialog').waitFor()
    await lookOver('a code explained')
    await app.page.keyboard.press('Escape')
    await app.sign('署名して送信する', hanako)
    await app.sees('アクセスコードをメールで送りました。')
    await lookOver('the end of an application')
    await open('#/')
    await app.sees('アクセスコードをメールで送りました。')
    await lookOver('home with a code')
  })

  it('of a download: a slip in the code, under way, the PIN, the end', async () => {
    await open('#/download')
    await app.field('accessCode').fill('0000-0000-0000-0000-1')
    await app.sees(/入力に間違いがあります/)
    await lookOver('a slip in the code')
    await app.field('accessCode').fill(codeIn(await codeMailsIn(town)))
    await app.field('password').fill(password)
    await app.press('ダウンロードを始める')
    await app.heading('暗証番号を決めてください')
    await lookOver('the PIN is chosen')
    await app.page.keyboard.type(pin)
    await app.press('次へ')
    await town.stop()
    await app.page.keyboard.type(pin)
    await app.sees('接続を待っています')
    await lookOver('a download that waits')
    await town.start()
    await app.heading('完了')
    await lookOver('the end of a download')
  })

  for (const address of afterwards)
    it(`${address}, with a certificate`, async () => {
      if (address === '#/history')
        await note(
          device,
          { deed: 'confirmed', origin: 'https://bank.example', name: 'みほん銀行', refused: 'login.expired' },
          new Date(),
        )
      await open(address)
      await lookOver(address)
    })

  it('of a PIN that is changed, by the keyboard alone', async () => {
    await open('#/pin')
    await app.page.keyboard.type('9999')
    await app.page.keyboard.press('Enter')
    await app.sees('暗証番号が違います。')
    await lookOver('a wrong PIN')
    await app.page.keyboard.type(pin)
    await app.page.keyboard.press('Enter')
    await app.heading('新しい暗証番号')
    await app.page.keyboard.type('1234')
    await app.sees(/推測されやすい番号/)
    await lookOver('an easy PIN')
    await app.page.keyboard.press('Enter')
    await app.sees('もう一度入力してください')
    await app.page.keyboard.type('1234')
    await app.heading('変更しました')
    await lookOver('a PIN that was changed')
  })

  it('of use without PIN, switched on by the PIN that was just changed', async () => {
    await open('#/pin-less')
    await app.page.getByText('暗証番号なしで使う').click()
    await app.page.getByRole('alertdialog').waitFor()
    await lookOver('the question before it')
    await app.press('オンにする')
    await app.page.getByLabel('確認のため、暗証番号を入力してください').fill('1234')
    await lookOver('the PIN for it')
    await app.press('オンにする')
    await app.sees('オンにしました。')
    assert.ok(await app.page.getByRole('switch').isChecked())
    await lookOver('it is on')
  })

  it('of a history that is erased: the question holds the focus, Escape means no', async () => {
    await open('#/history')
    await app.press('履歴を消す')
    await app.page.getByRole('alertdialog').waitFor()
    await lookOver('a question')
    await app.page.keyboard.press('Tab')
    assert.ok(await app.page.evaluate(() => document.activeElement?.closest('[role=alertdialog]') !== null))
    await app.page.keyboard.press('Escape')
    await app.sees('暗証番号を変更しました')
    await app.press('履歴を消す')
    await app.page.getByRole('alertdialog').getByRole('button', { name: '履歴を消す' }).click()
    await app.sees('履歴を消しました。')
  })
})
