/** Both pages of a PC for everybody: axe finds nothing, and nothing is wider than the screen, in both languages, light and dark, from 320 px up. WCAG 2.2 A and AA. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { buildHelperPage, buildPcPage, startCardHelper, startPcPage } from '@mobile-jpki/pc'
import { type Listening, listen } from '@mobile-jpki/service'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { needs, pathOf } from '../../../test/needs.ts'
import { freePortBase } from '../../town/layout.ts'

const ways = [
  { width: 320, language: 'ja', scheme: 'light' },
  { width: 320, language: 'en', scheme: 'dark' },
  { width: 1280, language: 'ja', scheme: 'dark' },
  { width: 1280, language: 'en', scheme: 'light' },
] as const
const japanese = /[\u3040-\u30ff\u4e00-\u9fff]/

describe('the pages of a PC', { skip: needs('chromium', 'japanese fonts'), timeout: 300_000 }, () => {
  let browser: Browser
  let page: Listening
  let helper: Listening
  let nobody: Listening
  before(async () => {
    const port = await freePortBase()
    // SP-TSM does not answer: that is looked at as well.
    nobody = await listen({ actor: 'sp-tsm', routes: [], port: port + 1 })
    page = await startPcPage(
      {
        port: 0,
        spTsm: nobody.url,
        serviceCa: '',
        page: {
          helpers: [`http://127.0.0.1:${port}`],
          carriers: [{ id: 'carrier-a', name: 'Carrier A' }],
          phones: [],
        },
      },
      { page: async () => (await buildPcPage()).directory },
    )
    const readers = {
      readers: async () =>
        ['Reader 00 of a rather long name with everything that its maker had to say', 'Reader 01'].map((name) => ({
          name,
          state: 'card' as const,
        })),
      connect: () => Promise.reject(new Error('not in this test')),
    }
    helper = await startCardHelper(
      { port, site: page.url },
      { page: async () => (await buildHelperPage()).directory, readers },
    )
    browser = await chromium.launch({
      executablePath: pathOf('chromium') ?? '',
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'],
    })
  })
  after(async () => {
    await browser?.close()
    for (const one of [helper, page, nobody]) await one?.close()
  })

  async function looksRight(at: Page, language: 'ja' | 'en', what: string) {
    await at.evaluate(() => document.fonts.ready)
    const wide = await at.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    assert.equal(wide, 0, `${what} is wider than the screen`)
    if (language === 'en') {
      const text = ((await at.textContent('body')) ?? '').replaceAll('日本語', '')
      assert.doesNotMatch(text, japanese, `${what} is not translated`)
    }
    await at.evaluate(axe.source)
    const found = await at.evaluate(async () => {
      const { violations } = await (
        globalThis as unknown as {
          axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }> }
        }
      ).axe.run()
      return violations.map(({ id, nodes }) => ({ id, nodes: nodes.map((node) => node.failureSummary ?? node.html) }))
    })
    assert.deepEqual(found, [], what)
  }

  for (const { width, language, scheme } of ways)
    it(`are for everybody at ${width} px, in ${language}, ${scheme}`, async () => {
      const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme: scheme })
      context.setDefaultTimeout(40_000)
      await context.addInitScript((chosen) => localStorage.setItem('language', chosen), language)
      const at = await context.newPage()
      for (const hash of ['#/', '#/apply', '#/state', '#/lost']) {
        await at.goto('about:blank')
        await at.goto(`${page.url}/${hash}`)
        await at.locator('h1').waitFor()
        if (hash !== '#/') {
          await at.locator('form button[type=submit]').first().click()
          await at.locator('[role=alert]').first().waitFor()
        }
        await looksRight(at, language, hash)
      }
      await at.locator('main > section button').first().click()
      const opening = context.waitForEvent('page')
      await at.locator('main > section button').first().click()
      const consent = await opening
      await at.locator('a[target=_blank]').waitFor()
      await looksRight(at, language, 'waiting for the helper')
      await consent.setViewportSize({ width, height: 800 })
      await consent.locator('select').waitFor()
      await consent.locator('button[type=submit]').click()
      await consent.locator('[role=alert]').waitFor()
      await looksRight(consent, language, 'consent')
      await consent.locator('button[type=button]').last().click()
      await consent.locator('form').waitFor({ state: 'detached' })
      await looksRight(consent, language, 'declined')
      await context.close()
    })
})
