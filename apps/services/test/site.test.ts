/** The frame in which every service stands: what it lets in, what it shows, what it remembers. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { Refusal, type RefusalCode, refusals } from '@mobile-jpki/refusal'
import { z } from 'zod'
import { html } from '../site/html.ts'
import { keptByCookie } from '../site/kept.ts'
import { Declined, explanationOf, noOf } from '../site/refused.ts'
import { formOf } from '../site/service.ts'
import { type Pages, seeOther, site } from '../site/site.ts'
import { openStore } from '../site/store.ts'

const origin = 'https://shop.example'
const store = openStore(':memory:')
after(() => store.close())
let clock = new Date('2026-04-01T00:00:00Z')
const sessions = keptByCookie(store, { cookie: 'shop', schema: z.string(), minutes: 30, now: () => clock })

const pages: Pages = {
  'GET /': ({ say, form }) => ({ title: say('店', 'Shop'), body: html`<p>${'<script>&"'}${form.get('x') ?? ''}</p>` }),
  'GET /who': (visit) => ({ title: sessions.of(visit), body: html`` }),
  'POST /in': (visit) => seeOther('/who', sessions.open(formOf(visit, z.object({ name: z.string().min(1) })).name)),
  'POST /out': (visit) => seeOther('/', sessions.end(visit)),
  'GET /revoked': () => {
    throw new Refusal('certificate.revoked', 'since yesterday')
  },
  'GET /fault': () => {
    throw new Error('a password, perhaps')
  },
}
const about = { service: 'payment', name: { ja: '店', en: 'Shop' }, origin } as const
const handler = site(about, pages)
const get = (path: string, cookie = '') => handler(new Request(origin + path, { headers: { cookie } }))
const post = (path: string, form: Record<string, string>, headers: Record<string, string> = { origin }) =>
  handler(new Request(origin + path, { method: 'POST', headers, body: new URLSearchParams(form) }))
const cookieOf = (response: Response) => response.headers.getSetCookie()[0]?.split(';')[0] ?? ''

describe('a page', () => {
  it('escapes what is put into it', async () => {
    assert.match(await (await get('/')).text(), /<p>&lt;script&gt;&amp;&quot;<\/p>/)
  })
  it('is Japanese first, and English from the switch on', async () => {
    assert.match(await (await get('/')).text(), /<html lang="ja".*<h1>店<\/h1>/s)
    const switched = await get('/?lang=en&x=1')
    assert.deepEqual([switched.status, switched.headers.get('location')], [303, '/?x=1'])
    assert.match(await (await get('/', cookieOf(switched))).text(), /<html lang="en".*<h1>Shop<\/h1>/s)
    assert.equal((await get('/?lang=xx')).status, 200)
  })
  it('lets nothing else in, and stands in the frames that are named', async () => {
    const policy = (await get('/')).headers.get('content-security-policy') ?? ''
    assert.match(policy, /^default-src 'none'.*frame-ancestors 'none'$/)
    assert.doesNotMatch(policy, /unsafe/)
    const framed = site({ ...about, frameAncestors: ['https://desk.example'] }, pages)
    const shown = await framed(new Request(`${origin}/`))
    assert.match(shown.headers.get('content-security-policy') ?? '', /frame-ancestors https:\/\/desk\.example$/)
  })
  it('brings its style, its colours and its script', async () => {
    for (const [path, type] of [
      ['/style.css', 'text/css'],
      ['/tokens.css', 'text/css'],
      ['/wait.js', 'text/javascript'],
    ] as const)
      assert.deepEqual([(await get(path)).status, (await get(path)).headers.get('content-type')], [200, type])
  })
})

describe('a form', () => {
  it('is taken from our own pages alone', async () => {
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, {}] as Record<string, string>[]) {
      const refused = await post('/in', { name: 'hanako' }, headers)
      assert.match(await refused.text(), /caller\.not-allowed/)
      assert.deepEqual(refused.headers.getSetCookie(), [])
    }
  })
  it('is refused with what is missing', async () => {
    assert.match(await (await post('/in', { name: '' })).text(), /form\.incomplete/)
  })
})

describe('a session', () => {
  it('belongs to the browser that has its cookie, ends when it is ended, and by itself', async () => {
    const cookie = cookieOf(await post('/in', { name: 'hanako' }))
    assert.match(await (await get('/who', cookie)).text(), /<h1>hanako<\/h1>/)
    for (const other of ['', 'shop=', 'shop=guess']) assert.equal((await get('/who', other)).status, 401)
    await post('/out', {}, { origin, cookie })
    assert.match(await (await get('/who', cookie)).text(), /session\.none/)

    const late = cookieOf(await post('/in', { name: 'taro' }))
    clock = new Date(clock.getTime() + 30 * 60_000)
    assert.match(await (await get('/who', late)).text(), /session\.none/)
  })
})

describe('a refusal', () => {
  it('is shown with its code, in words, with what to do', async () => {
    const page = await (await get('/revoked')).text()
    for (const said of [
      /role="alert"/,
      /失効しています/,
      /新しい電子証明書/,
      /certificate\.revoked/,
      /since yesterday/,
    ])
      assert.match(page, said)
    assert.match(await (await get('/revoked', 'lang=en')).text(), /The certificate is revoked/)
    assert.equal((await get('/nothing')).status, 404)
  })
  it('that is a fault says no more than that', async (context) => {
    context.mock.method(console, 'error', () => undefined)
    const response = await get('/fault')
    const page = await response.text()
    assert.deepEqual([response.status, page.includes('internal'), page.includes('password')], [500, true, false])
  })
  it('has words of its own in Japanese, whatever a certificate, a card or a terminal may answer', () => {
    const families = /^(?:card|certificate|login|peer|pin|pin-less|possession|rate|terminal)\./
    const issuing = ['certificate.already-revoked', 'certificate.profile-violation']
    const none = explanationOf('internal', 'ja').sentence
    const codes = (Object.keys(refusals) as RefusalCode[]).filter(
      (code) => families.test(code) && !issuing.includes(code),
    )
    assert.deepEqual(
      codes.filter((code) => explanationOf(code, 'ja').sentence === none),
      [],
    )
  })
  it('names the tries that are left', () => {
    assert.equal(noOf(new Refusal('pin.wrong', undefined, { triesLeft: 2 })).triesLeft, 2)
    assert.deepEqual(noOf(new Declined('amount.too-high')), { code: 'amount.too-high' })
  })
})
