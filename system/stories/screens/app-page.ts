/** The app on the phone's screen, in Chromium, and what a person does there. */
import assert from 'node:assert/strict'
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core'
import { pathOf } from '../../../test/needs.ts'
import type { TestPerson } from '../../town/people.ts'

export const patience = 60_000
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

export interface AppPage {
  readonly page: Page
  press(name: string | RegExp): Promise<void>
  follow(name: string | RegExp): Promise<void>
  heading(name: string | RegExp): Promise<void>
  sees(text: string | RegExp): Promise<void>
  seesNot(text: string | RegExp): Promise<void>
  field(name: string): ReturnType<Page['locator']>
  /** An address of the app, e.g. `#/life`; the page is loaded anew, as when the app was closed. */
  open(hash: string): Promise<void>
  reload(): Promise<void>
  /** On the keys of the screen. */
  typePin(digits: string): Promise<void>
  /** A PIN, chosen twice. */
  choosePin(digits: string): Promise<void>
  /** With the card that lies at the phone. */
  sign(label: string, who: TestPerson): Promise<void>
  /** The page's own clock, which runs on from there; the town's is turned by the story. */
  turnTo(now: Date): Promise<void>
}

export interface Screens extends AsyncDisposable {
  /** What broke the content security policy, or was thrown. */
  readonly faults: string[]
  /** A browser of its own: another phone, or another visitor. */
  app(url: string, viewport?: { width: number; height: number }): Promise<AppPage>
}

export async function openScreens(): Promise<Screens> {
  const browser: Browser = await chromium.launch({ executablePath: pathOf('chromium') ?? '', args: quiet })
  const faults: string[] = []
  const contexts: BrowserContext[] = []
  return {
    faults,
    app: async (url, viewport = { width: 390, height: 844 }) => {
      const context = await browser.newContext({ viewport, acceptDownloads: true })
      contexts.push(context)
      const page = await context.newPage()
      page.setDefaultTimeout(patience)
      page.on('pageerror', ({ message }) => faults.push(message))
      page.on('console', (said) => {
        if (/Content Security Policy/.test(said.text())) faults.push(said.text())
      })
      return appIn(page, url)
    },
    [Symbol.asyncDispose]: async () => {
      await browser.close()
      assert.deepEqual(faults, [], 'the content security policy was kept, and nothing was thrown')
    },
  }
}

function appIn(page: Page, url: string): AppPage {
  const press = (name: string | RegExp) =>
    page.getByRole('button', { name, ...(typeof name === 'string' && { exact: true }) }).click()
  /** What is on the screen instead, when it does not come. */
  const appears = (wanted: Locator): Promise<void> =>
    wanted.waitFor().catch(async (cause: Error) => {
      const shown = await page.locator('main').allTextContents()
      throw new Error(`${cause.message}\nThe screen says: ${shown.join(' ')}`, { cause })
    })
  const heading = (name: string | RegExp) =>
    appears(page.getByRole('heading', { name, ...(typeof name === 'string' && { exact: true }) }).first())
  const field = (name: string) => page.locator(`input[name="${name}"]`)
  return {
    page,
    press,
    heading,
    field,
    follow: (name) => page.getByRole('link', { name }).first().click(),
    sees: (text) => appears(page.getByText(text).first()),
    seesNot: async (text) => assert.equal(await page.getByText(text).count(), 0, `${text} is shown`),
    open: async (hash) => {
      await page.goto('about:blank')
      await page.goto(`${url}/${hash}`)
    },
    reload: async () => {
      await page.reload()
    },
    typePin: async (digits) => {
      for (const digit of digits) await press(digit)
    },
    choosePin: async (digits) => {
      await heading('暗証番号を決めてください')
      await page.getByLabel('4桁の暗証番号', { exact: true }).fill(digits)
      await press('次へ')
      await page.getByLabel('もう一度入力してください', { exact: true }).fill(digits)
    },
    sign: async (label, who) => {
      await field('signPassword').fill(who.card.signPassword)
      await press(label)
    },
    turnTo: (now) => page.clock.install({ time: now }),
  }
}

/** ① by its button, once for each phone. */
export async function installed({ page }: Pick<AppPage, 'page'>, url: string): Promise<void> {
  await page.goto(url)
  await page.getByRole('button', { name: /インストール/ }).click()
  await page.getByRole('heading', { name: /JPKI-UIアプリ/ }).waitFor()
}

/** The code in the last letter that brings one. */
export const codeIn = (mails: readonly { readonly text: string }[]): string =>
  mails
    .map(({ text }) => /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}-[0-9A-Z*~$=]/.exec(text)?.[0])
    .findLast((code) => code !== undefined) ?? ''
