/** The phone on real sockets: its local interface, the app on it, the agent over breaks, and the pages that must stay out. */
import assert from 'node:assert/strict'
import { createServer, request as httpRequest } from 'node:http'
import { after, afterEach, before, describe, it } from 'node:test'
import { jpkiApplication, readBinary } from '@mobile-jpki/jpki'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { call, listen } from '@mobile-jpki/service'
import {
  askForDownload,
  closeChannel,
  describeAgent,
  describeDevice,
  exchangeApdu,
  installApp,
  networkPath,
  openChannel,
  readStorage,
  resetCard,
  startAgent,
  transmit,
  writeStorage,
} from '../contract.ts'
import { echo, iccid } from './card.ts'
import { echoing, type Heard, openDevice, sessionId } from './device.ts'

const refusedWith = (code: RefusalCode) => (error: unknown) => error instanceof Refusal && error.code === code

let device: Awaited<ReturnType<typeof openDevice>>
before(async () => {
  device = await openDevice()
})
after(() => device.close())

/** One request as a browser or a program may write it: Node's fetch does not let a test choose Host and Origin. */
function ask(method: string, path: string, headers: Record<string, string> = {}, body = '') {
  const { hostname, port } = new URL(device.url)
  return new Promise<{ status: number; type: string; text: string; headers: Record<string, unknown> }>(
    (resolve, reject) => {
      const sent = httpRequest({ hostname, port, method, path, headers }, (reply) => {
        let text = ''
        reply.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        reply.on('end', () =>
          resolve({
            status: reply.statusCode ?? 0,
            type: reply.headers['content-type'] ?? '',
            text,
            headers: reply.headers,
          }),
        )
      })
      sent.on('error', reject)
      sent.end(body)
    },
  )
}
const json = { 'content-type': 'application/json' }

describe('the local interface', () => {
  it('says what the device is and which SIM is in it', async () => {
    const { readers, trust, spTsm, ...described } = await call(device.peer, describeDevice, {})
    const line = { carrier: 'A', msisdn: '09000000001' }
    assert.deepEqual(described, { model: 'Phone 1', os: 'Android 6', ...line, iccid, casd: false })
    assert.equal(new URL(spTsm).origin, spTsm)
    assert.deepEqual(
      readers.map(({ present }) => present),
      [true, true],
    )
    assert.equal(trust.casdAuthorities.length, 1)
    assert.deepEqual(await call(device.peer, askForDownload, {}), { iccid })
  })
  it('carries APDUs on a channel, and lends a card to a PC/SC reader', async () => {
    const { peer, sim } = device
    const { channel } = await call(peer, openChannel, { reader: 'SIM1', kind: 'logical', aid: jpkiApplication })
    assert.equal((await call(peer, transmit, { channel, command: echo(5) })).response.toHex(), '059000')
    assert.equal((await call(peer, exchangeApdu, { reader: 'SIM1', command: echo(6) })).response.toHex(), '069000')
    const resets = sim.resets
    assert.equal((await call(peer, resetCard, { reader: 'SIM1' })).answerToReset.toHex(), '3b00')
    assert.equal(sim.resets, resets + 1)
    await assert.rejects(call(peer, transmit, { channel, command: echo(5) }), refusedWith('card.absent'))
    await call(peer, closeChannel, { channel })
    await assert.rejects(call(peer, closeChannel, { channel }), refusedWith('reference.not-found'))
  })
  it('stores for the app, over a restart, and for nobody else’s keys', async () => {
    const { peer } = device
    await call(peer, writeStorage, { key: 'download', value: 'x' })
    await device.switchOff()
    await device.switchOn()
    assert.deepEqual(await call(peer, readStorage, { key: 'download' }), { value: 'x' })
    await call(peer, writeStorage, { key: 'download' })
    assert.deepEqual(await call(peer, readStorage, { key: 'download' }), {})
    for (const key of ['agent.visits', '..', '..%2Fx', 'A', ''])
      assert.ok([400, 404].includes((await ask('GET', `/storage/${key}`)).status), key)
  })
  it('installs the app, and shows its place until then', async () => {
    const empty = await ask('GET', '/')
    assert.deepEqual([empty.status, empty.type], [404, 'text/html; charset=utf-8'])
    const { name, files } = await call(device.peer, installApp, {})
    assert.deepEqual([name, files], ['jpki-ui', 1])
    const page = await ask('GET', '/')
    assert.match(page.text, /the app/)
    for (const { headers } of [empty, page])
      assert.match(String(headers['content-security-policy']), /default-src 'self'.*frame-ancestors 'none'/)
    for (const path of ['/assets/../../installed', '/assets/%2e%2e/%2e%2e/installed', '/assets/x%00'])
      assert.equal((await ask('GET', path)).status, 404, path)
  })
})

describe('the network relay', () => {
  const relayed = (to: string, rest: string, method = 'GET', body = '') =>
    ask(method, `${networkPath(to)}${rest}`, { ...json, cookie: 'secret=1', authorization: 'secret' }, body)

  it('goes to SP-TSM by TLS, as it was asked and without what is the browser’s own', async () => {
    device.heard.length = 0
    const reply = await relayed('sp-tsm', '/echo/a%2Fb/../c?x=1&y=%20', 'POST', '{"a":1}')
    assert.deepEqual([reply.status, reply.type, reply.text], [200, 'application/json', '{"said":"yes"}'])
    const [heard] = device.heard
    assert.deepEqual([heard?.method, heard?.body], ['POST', '{"a":1}'])
    assert.match(heard?.path ?? '', /^\/echo\//)
    assert.deepEqual([heard?.headers['cookie'], heard?.headers['authorization']], [undefined, undefined])
  })
  it('goes to sites by https, or by http on this machine, and nowhere else', async () => {
    const heard: Heard[] = []
    const site = await listen({ actor: 'relying-party', routes: echoing(heard), port: 0 })
    assert.equal((await relayed(site.url, '/echo/x')).status, 200)
    assert.equal(heard.length, 1)
    await site.close()
    assert.equal((await relayed(site.url, '/echo/x')).status, 503)
    for (const to of [
      'http://192.0.2.1',
      'http://shop.example',
      'file:///etc',
      'ftp://127.0.0.1',
      'http://127.0.0.1:1/x',
      'sp',
      '',
    ])
      assert.ok([400, 404].includes((await relayed(to, '/echo/x')).status), to)
  })
  it('does not follow a site elsewhere', async () => {
    const heard: Heard[] = []
    const other = await listen({ actor: 'relying-party', routes: echoing(heard), port: 0 })
    const site = createServer((_request, reply) => reply.writeHead(302, { location: `${other.url}/echo/x` }).end())
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
    const address = site.address()
    assert.ok(address !== null && typeof address === 'object')
    assert.equal((await relayed(`http://127.0.0.1:${address.port}`, '/x')).status, 503)
    assert.deepEqual(heard, [])
    site.closeAllConnections()
    await Promise.all([other.close(), new Promise((resolve) => site.close(resolve))])
  })
})

describe('the agent', () => {
  const readTwo = () => ({ what: 'READ BINARY', apdu: readBinary(0, 2) })
  const state = () => call(device.peer, describeAgent, {})
  const until = async (wanted: (now: Awaited<ReturnType<typeof state>>) => boolean) => {
    let now = await state()
    while (!wanted(now)) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      now = await state()
    }
    return now
  }
  afterEach(() => {
    device.world.stage = async () => ({ outcome: 'done' })
  })

  it('carries a batch from SP-TSM to the SIM', async () => {
    device.world.stage = async (element) => {
      const [answer] = await element.send([readTwo()], '⑱')
      assert.equal(answer?.sw, 0x9000)
      return { outcome: 'done' }
    }
    await call(device.peer, startAgent, { sessionId })
    const { state: end, apdus } = await until(({ state: one }) => one === 'done' || one === 'failed')
    assert.deepEqual([end, apdus], ['done', 1])
  })
  it('goes on by itself after SP-TSM was away, and after the phone was switched off', async () => {
    const begun: string[] = []
    const goOn = Promise.withResolvers<void>()
    device.world.stage = async (element) => {
      begun.push('again')
      if (begun.length < 3) await element.until(new Promise(() => {}))
      await goOn.promise
      await element.send([readTwo()], '⑱')
      return { outcome: 'done' }
    }
    await call(device.peer, startAgent, { sessionId })
    while (begun.length < 1) await new Promise((resolve) => setTimeout(resolve, 5))
    await device.stopSpTsm()
    const { trouble } = await until(({ trouble: one }) => one !== undefined)
    assert.equal(trouble?.code, 'peer.unreachable')
    await device.startSpTsm()
    while (begun.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    await device.switchOff()
    await device.switchOn()
    while (begun.length < 3) await new Promise((resolve) => setTimeout(resolve, 5))
    goOn.resolve()
    assert.equal((await until(({ state: one }) => one === 'done' || one === 'failed')).state, 'done')
  })
  it('is turned away with a session that is none, and says so', async () => {
    await call(device.peer, startAgent, { sessionId: '00000000-0000-4000-8000-00000000000f' })
    const { state: end, trouble } = await until(({ state: one }) => one === 'done' || one === 'failed')
    assert.deepEqual([end, trouble?.code], ['failed', 'reference.not-found'])
  })
})

describe('pages of other sites in the same browser', () => {
  const own = () => new URL(device.url).host
  const plant = (headers: Record<string, string>) =>
    ask('PUT', '/storage/planted', { ...json, ...headers }, '{"value":"x"}')

  it('reach nothing under another name of our address', async () => {
    for (const host of [
      'evil.example',
      `evil.example:${new URL(device.url).port}`,
      '127.0.0.1.nip.io',
      'localhost.evil.example',
      'x@127.0.0.1',
    ])
      for (const [method, path] of [
        ['GET', '/device'],
        ['GET', '/'],
        ['POST', '/apps'],
        ['GET', '/openapi.json'],
      ] as const)
        assert.equal((await ask(method, path, { host })).status, 403, `${host} ${path}`)
  })
  it('change nothing and ask nothing', async () => {
    const foreign = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://127.0.0.1:1' },
      { origin: 'http://localhost.evil.example' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
    ]
    for (const headers of foreign) assert.equal((await plant(headers)).status, 403, JSON.stringify(headers))
    for (const headers of foreign.slice(0, -1)) assert.equal((await ask('GET', '/device', headers)).status, 403)
    assert.equal((await ask('OPTIONS', '/device', { origin: 'https://evil.example' })).status, 403)
    assert.equal((await ask('POST', '/apps/install', { origin: 'https://evil.example' })).status, 403)
    assert.deepEqual(await call(device.peer, readStorage, { key: 'planted' }), {})
  })
  it('may link to the app, and the app’s own page and programs of this machine may all', async () => {
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
    assert.equal((await ask('GET', '/', link)).status, 200)
    const page = { origin: `http://${own()}`, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }
    for (const headers of [page, {}, { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }])
      assert.equal((await plant(headers)).status, 200)
    const local = `localhost:${new URL(device.url).port}`
    assert.equal((await plant({ host: local, origin: `http://${local}` })).status, 200)
  })
})
