/** What a server refuses, and what it never tells. RFC 9457. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { Refusal, type RefusalCode, refusals } from '@mobile-jpki/refusal'
import { call, connectTo, type Listening, listen, type Peer, Problem, problemOf, refusalOf } from '../index.ts'
import { fail, openAccount, openTown, plantedPin } from './town.ts'

type Answer = { readonly status: number; readonly problem: Problem; readonly text: string }

describe('a request that does not follow its format', () => {
  let town: Awaited<ReturnType<typeof openTown>>
  let server: Listening
  let peer: Peer & { close(): Promise<void> }
  before(async () => {
    town = await openTown()
    server = await town.serveAs(false)
    peer = connectTo({ url: server.url, actor: 'mno-tsm', tls: await town.certificates.identityOf('sp-tsm') })
  })
  after(async () => {
    await peer.close()
    await town.close()
  })

  const send = async (path: string, body?: string, type = 'application/json'): Promise<Answer> => {
    const init = {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': type },
      signal: AbortSignal.timeout(9000),
    }
    const fetch = peer.fetch as NonNullable<Peer['fetch']>
    const reply = await fetch(`${server.url}${path}`, body === undefined ? init : { ...init, body })
    const text = new TextDecoder().decode(await reply.arrayBuffer())
    return { status: reply.status, problem: Problem.parse(JSON.parse(text)), text }
  }
  const good = { orderId: 'o-1', pin: plantedPin, key: 'AQI=' }

  const malformed: Readonly<Record<string, readonly [body: string, detail: RegExp]>> = {
    'is not JSON': [`{"pin":"${plantedPin}"`, /not JSON/],
    'is not UTF-8 text': ['\ud800', /not JSON/],
    'is not an object': ['[1]', /the message/],
    'lacks a field': [JSON.stringify({ ...good, key: undefined }), /^key:/],
    'has a field of another type': [JSON.stringify({ ...good, orderId: 5 }), /^orderId:/],
    'has a field that is too long': [JSON.stringify({ ...good, key: 'A'.repeat(48) }), /^key: .*32 octets/],
    'has a secret of the wrong form': [JSON.stringify({ ...good, pin: `${plantedPin}x` }), /^pin:/],
    'has an unknown field': [JSON.stringify({ ...good, admin: true }), /^admin: there is no such field/],
    'has an unknown field further in': [
      JSON.stringify({ ...good, address: { town: 'Tsu', zip: 5 } }),
      /^address.zip: there is no such field/,
    ],
    'says a field of the path again': [JSON.stringify({ ...good, name: 'taro' }), /^name: said in the path/],
    'touches the prototype': ['{"__proto__":{"pin":"1"},"orderId":"o","pin":"1111","key":""}', /__proto__/],
  }
  for (const [what, [body, detail]] of Object.entries(malformed))
    it(`is refused when it ${what}, and its secret is not repeated`, async () => {
      const { status, problem, text } = await send('/accounts/hanako', body)
      assert.equal(status, 400)
      assert.equal(problem.type, 'urn:jpki:problem:request.malformed')
      assert.match(problem.detail ?? '', detail)
      assert.equal(text.includes(plantedPin), false)
    })

  it('is refused when it is too large', async () => {
    const { status, problem, text } = await send(
      '/accounts/hanako',
      JSON.stringify({ ...good, orderId: 'x'.repeat(1 << 20) }),
    )
    assert.deepEqual([status, problem.type], [413, 'urn:jpki:problem:request.too-large'])
    assert.equal(text.includes(plantedPin), false)
  })

  it('is refused when it comes as a form, which any web page could send', async () => {
    const { status, problem } = await send('/accounts/hanako', JSON.stringify(good), 'text/plain')
    assert.deepEqual([status, problem.type], [415, 'urn:jpki:problem:request.type-not-supported'])
    assert.match(problem.detail ?? '', /content type/)
  })

  it('never leaves the caller, when the caller is ours', async () => {
    const request = { name: 'hanako', orderId: 'o-1', pin: 'x', key: new Uint8Array(1) }
    await assert.rejects(call({ url: 'http://127.0.0.1:1', actor: 'mno-tsm' }, openAccount, request), /^Refusal: pin:/)
  })

  it('is answered with not found when nothing is there, without its query', async () => {
    const { status, text } = await send(`/nothing?pin=${plantedPin}`)
    assert.equal(status, 404)
    assert.equal(text.includes(plantedPin), false)
  })

  it('a refusal arrives with its code, its words and whose it is', async () => {
    const expected = { code: 'sim.not-eligible', message: 'The SIM has no CASD.', whose: 'mno-tsm' }
    await assert.rejects(call(peer, fail, { how: 'refusal' }), expected)
  })

  it('a fault leaves only as internal', async () => {
    for (const how of ['fault', 'wrong-reply']) {
      const { status, problem: told, text } = await send(`/fail/${how}`)
      const { instance = '', ...problem } = told
      assert.match(instance, /^urn:jpki:request:[0-9a-f]{12}-[0-9a-z]+$/)
      assert.deepEqual(
        { status, problem },
        {
          status: 500,
          problem: { type: 'about:blank', title: 'Internal Server Error', status: 500, whose: 'mno-tsm' },
        },
      )
      assert.equal(text.includes('account') || text.includes('number'), false)
    }
    await assert.rejects(call(peer, fail, { how: 'fault' }), { code: 'peer.failed', whose: 'mno-tsm' })
  })

  it('a fault is logged with its place, and without what it was about', async (t) => {
    const told: string[] = []
    const { write } = process.stderr
    t.mock.method(process.stderr, 'write', (...args: Parameters<typeof write>) => told.push(String(args[0])) > 0)
    const loud = await town.serveAs(false, 'error')
    await assert.rejects(call({ ...peer, url: loud.url }, fail, { how: 'fault' }), { code: 'peer.failed' })
    t.mock.restoreAll()
    const [line = ''] = told
    const { route, err } = JSON.parse(line)
    assert.deepEqual([told.length, route, err.type], [1, 'GET /fail/:how', 'Error'])
    assert.match(err.stack, /town\.ts/)
    assert.equal(line.includes(plantedPin), false)
  })

  it('a taken port is told in words', async () => {
    const port = Number(new URL(server.url).port)
    const listening = listen({ actor: 'sp-tsm', routes: [], port, log: 'silent' })
    await assert.rejects(listening, { code: 'port.in-use', message: new RegExp(`${port}.*sp-tsm`) })
  })
})

describe('a problem', () => {
  for (const code of Object.keys(refusals) as RefusalCode[])
    it(`${code} comes back as the refusal that it was`, () => {
      const problem = problemOf(new Refusal(code, 'why', { whose: 'sim', triesLeft: 2 }))
      const { message, whose, triesLeft, ...back } = refusalOf(problem, 400, 'phone')
      assert.deepEqual([back.code, message, whose, triesLeft], [code, 'why', 'sim', 2])
    })

  it('of somebody else means that the peer failed', async () => {
    const stranger = createServer((_request, response) => response.writeHead(418).end('<h1>teapot</h1>')).listen(
      0,
      '127.0.0.1',
    )
    await once(stranger, 'listening')
    const { port } = stranger.address() as AddressInfo
    const calling = call({ url: `http://127.0.0.1:${port}`, actor: 'phone' }, fail, { how: 'fault' })
    await assert.rejects(calling, { code: 'peer.failed', whose: 'phone', message: /418/ })
    stranger.close()
  })
})
