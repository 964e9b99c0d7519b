/** What a PC is refused: wrong numbers, a SIM or phone or line that cannot, a blocked card, and pages of other sites. */
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { buildHelperPage, startCardHelper } from '@mobile-jpki/pc'
import { islandTools, refusesIslands } from '@mobile-jpki/vpcd/pcsc-island'
import type { Page } from 'playwright-core'
import { needs } from '../../../test/needs.ts'
import { hanako } from '../../town/people.ts'
import { rowsOf } from '../stage/town.ts'
import { openPc, type PersonalComputer } from './stage.ts'
import { field, giveContact, heading, namePhone, openConsent, phoneOf, press, sees, sign } from './steps.ts'

interface Attempted {
  readonly method?: string
  readonly mode?: 'no-cors'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

describe('at a PC', { skip: needs('chromium', ...islandTools) || refusesIslands(), timeout: 600_000 }, () => {
  let pc: PersonalComputer
  let page: Page
  const orders = () => rowsOf(pc.town, 'sp-tsm', 'SELECT state, trouble FROM sp_order')
  const check = () => press(page, 'このスマートフォンで利用できるか確認する')

  before(async () => {
    pc = await openPc()
    page = await pc.open()
    await page.goto(`${pc.site}/#/apply`)
  })
  after(() => pc?.[Symbol.asyncDispose]())

  it('numbers that cannot be are found before anything is sent', async () => {
    let asked = 0
    page.on('request', (request) => {
      if (request.method() === 'POST') asked += 1
    })
    await check()
    for (const problem of [
      '電話番号を入力してください。',
      'SIMカードの番号を入力してください。',
      '携帯電話会社を選んでください。',
    ])
      await sees(page, problem)
    for (const [name, typed, problem] of [
      ['msisdn', '03-0000-0000', '携帯電話の番号（060、070、080、090）を入力してください。'],
      ['msisdn', '090-0000-000', '電話番号は11桁です。'],
      ['iccid', '1234 5678 9012 3456 7890', 'SIMカードの番号は89で始まります。'],
      ['iccid', '8981 1000 2215 2967 706', '番号に間違いがあります。もう一度見比べてください。'],
    ] as const) {
      await field(page, name).fill(typed)
      await sees(page, problem)
    }
    assert.equal(asked, 0)
  })

  it('a SIM that nobody issued and a phone that nobody tested are refused with every reason', async () => {
    await namePhone(page, { ...phoneOf(hanako), iccid: '89811000000000000990', model: 'Unknown Phone 1' })
    await sees(page, 'このままでは利用できません')
    for (const reason of ['携帯電話会社に、このSIMカードの記録がありません。', 'この機種は、対応機種ではありません。'])
      await sees(page, reason)
    await field(page, 'iccid').fill(hanako.sim.iccid)
    await field(page, 'carrier').selectOption('carrier-b')
    await check()
    await sees(page, 'このSIMカードは、別の携帯電話会社のものです。')
    assert.deepEqual(orders(), [])
  })

  it('a reader is asked for where there is none', async () => {
    const site = 'https://somewhere.example'
    const readers = { readers: async () => [], connect: () => Promise.reject(new Error('there is none')) }
    const bare = await startCardHelper(
      { port: 0, site },
      { page: async () => (await buildHelperPage()).directory, readers },
    )
    try {
      const asked = await fetch(`${bare.url}/requests`, {
        method: 'POST',
        headers: { origin: site, 'content-type': 'application/json' },
        body: JSON.stringify({ form: { type: 'mobile-jpki/give-up', version: 1, id: crypto.randomUUID() } }),
      })
      const { consent } = (await asked.json()) as { consent: string }
      const window = await page.context().newPage()
      await window.goto(`${bare.url}${consent}`)
      await sees(window, 'カードリーダーをパソコンにつないでください。')
      await window.goto(`${bare.url}/#${crypto.randomUUID()}`)
      await sees(window, 'この署名の受付が見つかりません')
      await window.close()
    } finally {
      await bare.close()
    }
  })

  it('a line that is on another SIM is refused by its carrier, and the person is told by whom', async () => {
    await pc.startHelper()
    pc.reader.insert()
    await namePhone(page, { ...phoneOf(hanako), msisdn: '090-0000-0099' })
    await giveContact(page)
    const consent = await openConsent(page)
    await sign(consent)
    await heading(consent, '署名しました')
    await consent.close()
    await sees(page, 'subscription.not-eligible')
    await sees(page, /MNO-TSM/)
    assert.deepEqual(
      orders().map(({ state }) => state),
      ['refused'],
    )
  })

  it('a card that is blocked is refused for good, and says where it is unblocked', async () => {
    const consent = await openConsent(page)
    for (const left of [4, 3, 2, 1]) {
      await sign(consent, 'WRONG99')
      await sees(consent, `あと${left}回入力できます`)
    }
    for (const given of ['WRONG99', hanako.card.signPassword]) {
      await sign(consent, given)
      await sees(consent, '続けて間違えたため、署名用パスワードがロックされました。')
      await sees(consent, '住民票のある市区町村の窓口で、パスワードの初期化を受けてください。')
    }
    await press(consent, '署名しない')
    await heading(consent, '署名しませんでした')
  })

  describe('a page of another site', () => {
    let foreign: Server
    let origins: readonly string[]
    let window: Page
    before(async () => {
      foreign = createServer((_request, reply) => {
        reply.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>foe</title>')
      })
      await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve))
      const { port } = foreign.address() as AddressInfo
      origins = [`http://127.0.0.1:${port}`, `http://localhost:${port}`]
      window = await (await pc.open()).context().newPage()
    })
    after(async () => {
      foreign?.closeAllConnections()
      await new Promise((resolve) => foreign?.close(resolve))
    })

    /** What a script of that page gets to see. */
    const attempt = (url: string, init: Attempted = {}) =>
      window.evaluate(
        ([where, what]) =>
          fetch(where, what).then(
            async (reply) => `${reply.type} ${await reply.text()}`,
            (error: unknown) => (error instanceof TypeError ? 'nothing' : String(error)),
          ),
        [url, init] as const,
      )

    it('neither finds the helper, nor asks it for anything, nor agrees for the person', async () => {
      const form = { type: 'mobile-jpki/give-up', version: 1, id: crypto.randomUUID() }
      const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ form }) }
      const simple = { method: 'POST', mode: 'no-cors', body: JSON.stringify({ form }) } as const
      for (const origin of origins) {
        await window.goto(origin)
        assert.equal(await attempt(`${pc.helper}/helper`), 'nothing')
        assert.equal(await attempt(`${pc.helper}/readers`), 'nothing')
        assert.equal(await attempt(`${pc.helper}/requests`, json), 'nothing')
        assert.equal(await attempt(`${pc.helper}/requests`, simple), 'opaque ')
        assert.equal(await attempt(`${pc.site}/applications`, { ...json, body: '{}' }), 'nothing')
      }
    })

    it('cannot lay the helper’s page under its own', async () => {
      await window.goto(origins[0] ?? '')
      await window.setContent(`<iframe src="${pc.helper}/#${crypto.randomUUID()}"></iframe>`)
      const frame = window.frames().find((one) => one.parentFrame() !== null)
      await window.waitForFunction(() => document.readyState === 'complete')
      assert.equal(await frame?.locator('#root').count(), 0)
    })
  })
})
