/** The provider's pages in a browser: for everybody (axe-core, WCAG 2.2 A and AA, from 320 px up), and going on by themselves to the service. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Holder } from '@mobile-jpki/verification/test-authority'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { begun, type House, openHouse, type Service } from '../../../actors/openid-provider/test/house.ts'
import { anotherThan, answerOf, shownOn } from '../../../actors/openid-provider/test/person.ts'
import { needs, pathOf } from '../../../test/needs.ts'

const args = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const folder = process.env['JPKI_SCREENSHOTS']

describe('the pages of the OpenID provider', { skip: needs('chromium') }, () => {
  let house: House
  let browser: Browser
  let service: Service
  let phone: Holder
  const faults: string[] = []
  before(async () => {
    house = await openHouse({ cardOrigin: 'https://127.0.0.1:9' })
    service = await house.serviceOf('notebook')
    phone = await house.authority.issue('phoneAuth')
    browser = await chromium.launch({ executablePath: pathOf('chromium') ?? '', args })
  })
  after(async () => {
    await browser.close()
    await house.close()
  })

  async function opened(width = 390): Promise<Page> {
    const context = await browser.newContext({ viewport: { width, height: 844 }, locale: 'ja-JP', bypassCSP: false })
    const page = await context.newPage()
    page.on('pageerror', ({ message }) => faults.push(message))
    page.on('console', (said) => {
      if (/Content Security Policy/.test(said.text())) faults.push(said.text())
    })
    return page
  }

  /** Looked at in a copy without the policy, which keeps axe out as it keeps out everybody. */
  async function isForEverybody(page: Page, name: string) {
    const [html, css] = [await page.content(), await (await fetch(`${house.issuer}/page/page.css`)).text()]
    const copy = await (await browser.newContext({ bypassCSP: true })).newPage()
    await copy.setContent(html.replace(/<link rel="stylesheet"[^>]*>|<script[^>]*><\/script>/g, ''))
    await copy.addStyleTag({ content: css })
    await copy.addScriptTag({ content: axe.source })
    for (const colorScheme of ['light', 'dark'] as const) {
      await copy.emulateMedia({ colorScheme })
      for (const width of [320, 1280]) {
        await copy.setViewportSize({ width, height: 844 })
        const found = await copy.evaluate(async (only) => {
          const { axe: looker } = window as unknown as { axe: typeof axe }
          const { violations } = await looker.run(document, { runOnly: { type: 'tag', values: only } })
          const { scrollWidth, clientWidth } = document.documentElement
          return {
            violations: violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
            wide: scrollWidth - clientWidth,
          }
        }, tags)
        assert.deepEqual(found, { violations: [], wide: 0 }, `${name} ${colorScheme} ${width}`)
        if (folder !== undefined)
          await copy.screenshot({ path: `${folder}/${name}-${colorScheme}-${width}.png`, fullPage: true })
      }
    }
    await copy.context().close()
  }

  it('hand over to the phone, in both languages, and go on to the service when it answered', async () => {
    const page = await opened()
    await page.goto((await begun(service)).url)
    await page.getByRole('heading', { level: 1, name: 'みほんnotebookにログイン' }).waitFor()
    await isForEverybody(page, 'waiting-ja')
    await page.getByRole('link', { name: 'English' }).click()
    await page.getByRole('heading', { level: 1, name: 'Log in to Sample notebook' }).waitFor()
    await isForEverybody(page, 'waiting-en')
    await answerOf(phone, shownOn(await page.content()))
    await page.waitForURL(/\/callback\?.*code=/)
    assert.deepEqual(faults, [])
  })

  it('say why a login was refused, and lead back to the service with the reason', async () => {
    const page = await opened()
    await page.goto((await begun(service)).url)
    const shown = shownOn(await page.content())
    await assert.rejects(answerOf(phone, { ...shown, number: anotherThan(shown.number) }))
    await page.getByRole('heading', { level: 1, name: 'ログインできませんでした' }).waitFor()
    await isForEverybody(page, 'refused-ja')
    await page.getByRole('button', { name: 'もう一度試す' }).click()
    await page.getByRole('img', { name: 'アプリを開くためのQRコード' }).waitFor()
    await page.getByRole('button', { name: 'ログインせずにみほんnotebookへ戻る' }).click()
    await page.waitForURL(/\/callback\?.*error=access_denied/)
    assert.deepEqual(faults, [])
  })

  it('say that nobody can be sent to an address that is not registered', async () => {
    const page = await opened()
    await page.goto((await begun(service, { redirect_uri: 'https://evil.example/' })).url)
    await page.getByRole('alert').filter({ hasText: '登録されたものと違います' }).waitFor()
    await isForEverybody(page, 'wrong-redirect-ja')
  })

  it('log out', async () => {
    const page = await opened()
    await page.goto((await begun(service)).url)
    await answerOf(phone, shownOn(await page.content()))
    await page.waitForURL(/\/callback\?.*code=/)
    await page.goto(
      `${house.issuer}/oidc/logout?client_id=notebook&post_logout_redirect_uri=${service.callback.replace('/callback', '/')}`,
    )
    await isForEverybody(page, 'log-out-ja')
    const heard = house.published.nextLogout()
    await page.getByRole('button', { name: 'すべてログアウトする' }).click()
    await page.waitForURL(service.callback.replace('/callback', '/'))
    assert.ok(await heard)
    assert.deepEqual(faults, [])
  })
})
