/**
 * The pages of the services for everybody: axe-core finds nothing (WCAG 2.2 A and AA), nothing runs out of a screen of 320 px, and nothing is
 * said in the other language; in light and in dark. Pages keep to their content security policy.
 */
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { switchPinLess } from '@mobile-jpki/jpki-ui/domain'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { needs, pathOf } from '../../../test/needs.ts'
import { flawsIn } from '../desk/flaws.ts'
import { pin } from '../stage/town.ts'
import { openStreet, type Street } from './street.ts'

/** Each page in both languages, narrow and wide, light and dark; one page in these two ways, the next in those. */
const ways = [
  [
    { language: 'ja', width: 320, colorScheme: 'light' },
    { language: 'en', width: 1280, colorScheme: 'dark' },
  ],
  [
    { language: 'en', width: 320, colorScheme: 'dark' },
    { language: 'ja', width: 1280, colorScheme: 'light' },
  ],
] as const
const gallery = process.env['JPKI_PICTURES']

describe('the pages of the services', { skip: needs('chromium', 'japanese fonts'), timeout: 600_000 }, () => {
  let street: Street & AsyncDisposable
  let browser: Browser
  let page: Page
  const faults: string[] = []
  let looked = 0
  before(async () => {
    street = await openStreet()
    browser = await chromium.launch({
      executablePath: pathOf('chromium') ?? '',
      args: ['--headless', '--no-sandbox', '--disable-gpu'],
    })
    page = await browser.newPage()
    page.setDefaultTimeout(60_000)
    page.on('pageerror', ({ message }) => faults.push(message))
    page.on('console', (said) => {
      if (/Content Security Policy/.test(said.text())) faults.push(said.text())
    })
  })
  after(async () => {
    await browser?.close()
    await street?.[Symbol.asyncDispose]()
  })

  async function violations(): Promise<readonly string[]> {
    await page.evaluate(axe.source)
    const found = await page.evaluate(() => {
      const { axe } = window as unknown as { axe: typeof import('axe-core') }
      return axe.run(document, { resultTypes: ['violations'] })
    })
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
  }

  /** The page as it stands, in every way. A page behind a form is not loaded again: `again` brings it anew. */
  async function lookOver(what: string, again: () => Promise<unknown> = () => page.reload()): Promise<void> {
    const flaws: string[] = []
    for (const { language, width, colorScheme } of ways[looked++ % ways.length] ?? []) {
      const { hostname } = new URL(page.url())
      await page.context().addCookies([{ name: 'lang', value: language, domain: hostname, path: '/' }])
      await page.setViewportSize({ width, height: 800 })
      await page.emulateMedia({ colorScheme })
      await again()
      const way = `${what}, ${language} ${width} ${colorScheme}`
      for (const flaw of [...(await violations()), ...(await flawsIn(page.mainFrame(), language))])
        flaws.push(`${way}: ${flaw}`)
      if (gallery === undefined) continue
      await mkdir(gallery, { recursive: true })
      await page.screenshot({ path: join(gallery, `${way.replaceAll(/[, ]+/g, '-')}.png`), fullPage: true })
    }
    assert.deepEqual(flaws, [])
  }

  const { post, press } = {
    /** Types into the form that sends there, and sends it. */
    post: async (action: string, fields: Readonly<Record<string, string>> = {}) => {
      const form = page.locator(`form[action="${action}"]`)
      for (const [name, value] of Object.entries(fields)) {
        const one = form.locator(`[name="${name}"]`).first()
        if ((await one.getAttribute('type')) === 'radio')
          await form.locator(`[name="${name}"][value="${value}"]`).check()
        else if ((await one.evaluate(({ tagName }) => tagName)) === 'SELECT') await one.selectOption(value)
        else if ((await one.getAttribute('type')) !== 'hidden') await one.fill(value)
      }
      await form.locator('button').click()
    },
    press: (name: RegExp) => page.getByRole('link', { name }).first().click(),
  }
  const shown = async () => ({ url: page.url(), status: 200, text: await page.content() })

  it('of the bank: the door, the hand-over, the account, a transfer, a refusal', async () => {
    const { relyingParty: bank } = street.town.places
    await page.goto(bank)
    await lookOver('bank door')
    await post('/login')
    await page.locator('a#open').waitFor()
    await lookOver('bank hand-over')
    await street.answered(await shown(), bank)
    await page.locator('#serial').waitFor()
    await post('/transfers', { payee: '2 AM', amount: '3000' })
    await page.locator('a#open').waitFor()
    await lookOver('bank transfer')
    await street.answered(await shown(), bank)
    await page.locator('#serial').waitFor()
    await lookOver('bank account')
    await lookOver('bank refusal', () => page.goto(`${bank}/nowhere`))
  })

  it('of the notebook and the health record', async () => {
    const { notebook, maternal, openId } = street.town.places
    for (const [name, site] of [
      ['notebook', notebook],
      ['maternal', maternal],
    ] as const) {
      await page.goto(site)
      await lookOver(`${name} door`)
      await page.locator('a[href="/login"]').click()
      await page.locator('.number').waitFor()
      await street.answered(await shown(), openId)
      await page.locator('form[action="/logout"]').waitFor()
      await lookOver(`${name} at first`)
    }
    await post('/children', { name: 'A', born: '2026-01-10', weight: '3050' })
    await post('/measurements', { date: '2026-04-10', weight: '6200', height: '60.5' })
    await post('/vaccinations', { date: '2026-03-10', vaccine: 'rotavirus' })
    await page.getByText('60.5 cm').waitFor()
    await lookOver('maternal record')
    await page.goto(notebook)
    await post('/medicines', { name: 'B 5mg', usage: '1', days: '28', pharmacy: 'C' })
    await page.locator('article').waitFor()
    await lookOver('notebook with a medicine')
  })

  it('of the reception: registration, the check that goes on by itself, a refusal', async () => {
    const { insurance } = street.town.places
    await page.goto(insurance)
    await lookOver('clinic door')
    await page.goto(`${insurance}/check`)
    await lookOver('clinic waits')
    await street.phoneAt('insurance')
    await page.locator('[role="alert"]').waitFor()
    assert.match(await page.content(), /pin-less\.off/)
    await page.goto(`${insurance}/register`)
    await lookOver('clinic registration')
    await post('/register', { insurer: '06139463', number: '12-345', branch: '01', share: '3', pin })
    await page.locator('#serial').waitFor()
    await switchPinLess(street.town.device, true, pin, street.town.now())
    const check = async () => {
      await page.goto(`${insurance}/check`)
      await page.locator('#serial').waitFor()
    }
    await lookOver('clinic result', check)
    await press(/次の方へ|Next/)
    await street.phoneAt('hand')
  })

  it('of the till: amount, PIN, receipt, joining', async () => {
    const { payment } = street.town.places
    await page.goto(payment)
    await lookOver('till')
    await page.goto(`${payment}/pay?amount=500`)
    await lookOver('till waits')
    await page.goto(`${payment}/pay?amount=12000`)
    await lookOver('till with PIN')
    await page.goto(`${payment}/join`)
    await lookOver('till joining')
    await street.phoneAt('payment')
    await post('/join', { pin })
    await page.getByRole('heading', { name: /入会しました|joined/ }).waitFor()
    await lookOver('till joined')
    await post('/pay', { amount: '700' })
    await page.locator('#serial').waitFor()
    await lookOver('till receipt')
  })

  it('keep to their content security policy, and never throw', () => {
    assert.deepEqual(faults, [])
  })
})
