/** The desk in Chromium, and hands on it: the page itself, and what it shows in frames. */
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import axe from 'axe-core'
import { type Browser, chromium, type Frame, type Page } from 'playwright-core'
import { pathOf } from '../../../test/needs.ts'
import { openTown, type StoryTown } from '../stage/town.ts'
import { flawsIn, type Language } from './flaws.ts'

/** Two visitors may share a slow machine with other tests. */
const patience = 120_000
const quiet = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync']

/** Sizes at which everything is looked at; the first is the one that the visitor has. */
export const sizes = {
  desktop: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
  smallest: { width: 320, height: 640 },
} as const
export type Size = keyof typeof sizes

export interface Visitor {
  readonly language: Language
  readonly size: Size
}

export interface DeskPage extends AsyncDisposable {
  readonly town: StoryTown
  readonly page: Page
  /** What is seen in the phone's frame, in the mailbox, in the window of that name. */
  phone(): Promise<Frame>
  mail(): Promise<Frame>
  window(name: string): Promise<Frame>
  /** On a narrow screen, the part of the desk. */
  view(name: 'phone' | 'windows' | 'mail' | 'card'): Promise<void>
  /** Pictures of what stands there now, and what is wrong with it, at every size. */
  look(what: string): Promise<void>
  /** What axe-core finds in the desk itself as it stands, in light and in dark. */
  accessible(): Promise<void>
  /** All that was wrong, by picture; and what broke a content security policy or was thrown. */
  readonly flaws: string[]
}

/** Where pictures go, if somebody wants them. */
const gallery = process.env['JPKI_PICTURES']

export async function openDesk({ language, size }: Visitor): Promise<DeskPage> {
  const town = await openTown({ cardAt: 'table' })
  const browser: Browser = await chromium.launch({ executablePath: pathOf('chromium') ?? '', args: quiet })
  const context = await browser.newContext({
    viewport: sizes[size],
    locale: language === 'ja' ? 'ja-JP' : 'en-GB',
    permissions: ['clipboard-read', 'clipboard-write'],
    acceptDownloads: true,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(patience)
  const flaws: string[] = []
  page.on('pageerror', ({ message }) => flaws.push(message))
  page.on('console', (said) => {
    if (/Content Security Policy|Refused to/.test(said.text())) flaws.push(said.text())
  })
  await page.goto(town.places.town)
  if (language === 'en') await page.getByRole('button', { name: 'English', exact: true }).click()

  const frameIn = async (selector: string): Promise<Frame> => {
    const frame = await (await page.locator(selector).elementHandle())?.contentFrame()
    assert.ok(frame, `${selector} shows a page`)
    return frame
  }
  let pictures = 0
  const look = async (what: string) => {
    const name = `${String(++pictures).padStart(2, '0')}-${what}`
    for (const [at, viewport] of Object.entries(sizes)) {
      await page.setViewportSize(viewport)
      const shown = [page.mainFrame(), ...page.mainFrame().childFrames()]
      for (const frame of shown)
        for (const flaw of await flawsIn(frame, language))
          flaws.push(`${name}, ${at}, ${new URL(frame.url()).port}: ${flaw}`)
      if (gallery === undefined) continue
      await mkdir(join(gallery, language, at), { recursive: true })
      await page.screenshot({ path: join(gallery, language, at, `${name}.png`), fullPage: at === 'desktop' })
    }
    await page.setViewportSize(sizes[size])
  }
  const accessible = async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.evaluate(`window.axe ??= (() => { ${axe.source}; return window.axe })()`)
      const found = await page.evaluate(async () => {
        const { axe } = window as unknown as { axe: typeof import('axe-core') }
        const { violations } = await axe.run({ exclude: ['iframe'] }, { iframes: false, resultTypes: ['violations'] })
        return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`))
      })
      flaws.push(...found.map((one) => `axe, ${colorScheme}: ${one}`))
    }
    await page.emulateMedia({ colorScheme: null })
  }
  return {
    town,
    page,
    flaws,
    accessible,
    phone: () => frameIn('#phone iframe'),
    mail: () => frameIn('#mail iframe'),
    window: async (name) => {
      await page.locator(`#tab-${name}`).click()
      return frameIn(`#window-${name}`)
    },
    view: async (name) => {
      if (size !== 'desktop') await page.locator(`nav.views [aria-controls="${name}"]`).click()
    },
    look,
    [Symbol.asyncDispose]: async () => {
      await browser.close()
      await town[Symbol.asyncDispose]()
    },
  }
}
