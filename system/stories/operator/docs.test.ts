/** /docs in a browser: what it shows, that it asks nobody else, and that it calls nothing. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Browser, chromium, type Page } from 'playwright-core'
import { needs, pathOf } from '../../../test/needs.ts'
import { openTown, type StoryTown } from '../stage/town.ts'

const quiet = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']

describe('the page /docs', { skip: needs('chromium'), timeout: 240_000 }, () => {
  let town: StoryTown
  let browser: Browser
  const faults: string[] = []
  before(async () => {
    town = await openTown()
    browser = await chromium.launch({ executablePath: pathOf('chromium') ?? '', args: quiet })
  })
  after(async () => {
    await browser?.close()
    await town?.[Symbol.asyncDispose]()
  })

  async function opened(url: string): Promise<Page> {
    const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage()
    page.setDefaultTimeout(60_000)
    page.on('pageerror', ({ message }) => faults.push(message))
    page.on('console', (said) => {
      if (said.type() === 'error') faults.push(said.text())
    })
    page.on('request', (request) => {
      if (!request.url().startsWith(url) && !request.url().startsWith('data:')) faults.push(`asks ${request.url()}`)
    })
    await page.goto(`${url}/docs`)
    await page.locator('.opblock').first().waitFor()
    return page
  }

  it('of the JPKI system shows what anybody may ask and, chosen above, what needs a certificate', async () => {
    const page = await opened(town.places.publication)
    await page.getByText('OCSP: the status of certificates, RFC 6960').waitFor()
    await page.getByText('/crl/{generation}/{list}').waitFor()
    await page.locator('select').first().selectOption({ label: 'jpki-system, mutual TLS' })
    await page.getByText('Certifies the keys of PKCS #10 requests for a person who is enrolled').waitFor()
    await page.locator('#operations-operator-revokeCertificate .opblock-summary-control').click()
    await page.getByText('Idempotency-Key', { exact: true }).first().waitFor()
    await page.getByText('certificate.already-revoked').first().waitFor()
    assert.equal(await page.getByRole('button', { name: 'Try it out' }).count(), 0)
    assert.deepEqual(faults, [])
  })

  it('is there on plain listeners and on TLS without a client certificate', async () => {
    for (const place of ['town', 'appProvider', 'spTsm'] as const) {
      const page = await opened(town.places[place])
      assert.ok((await page.locator('.opblock').count()) > 0, place)
      assert.deepEqual(faults, [], place)
    }
  })
})
