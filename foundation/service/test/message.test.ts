/** What goes over the wire, what the trace remembers of it, and what the documents say. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { ring, type TraceEntry } from '@mobile-jpki/trace'
import { z } from 'zod'
import { call, connectTo, type Listening, listen, type Peer, redact, secret, serveFiles, serveRaw } from '../index.ts'
import { openAccount, openTown, plantedPin, plantedSecret } from './town.ts'

const account = { name: 'ha/na ko', orderId: 'o-1', pin: plantedPin, key: Uint8Array.of(1, 2) }
const told = ({ step, from, to, what, ok, refusal, order }: TraceEntry) => ({
  step,
  from,
  to,
  what,
  ok,
  refusal,
  order,
})

describe('a message', () => {
  let town: Awaited<ReturnType<typeof openTown>>
  let server: Listening
  let peer: Peer & { close(): Promise<void> }
  before(async () => {
    town = await openTown()
    server = await town.serveAs(false)
    peer = connectTo({
      url: server.url,
      actor: 'mno-tsm',
      as: 'sp-tsm',
      tls: await town.certificates.identityOf('sp-tsm'),
    })
  })
  after(async () => {
    await peer.close()
    await town.close()
  })
  const fetch: NonNullable<Peer['fetch']> = (...args) => (peer.fetch as NonNullable<Peer['fetch']>)(...args)
  const get = (path: string) =>
    fetch(server.url + path, { method: 'GET', headers: {}, signal: AbortSignal.timeout(9000) })

  const expected = [
    { step: '⑭', from: 'sp-tsm', to: 'mno-tsm', what: 'OpenAccount', ok: true, refusal: undefined, order: 'o-1' },
    { step: '⑰', from: 'mno-tsm', to: 'sp-tsm', what: 'OpenAccount', ok: true, refusal: undefined, order: 'o-1' },
  ]

  it('arrives as it was sent, whatever its path holds', async () => {
    const { owner, key, word } = await call(peer, openAccount, account)
    assert.deepEqual({ owner, key, word }, { owner: 'ha/na ko of sp-tsm', key: account.key, word: plantedSecret })
  })

  it('is remembered once: by the caller that has a trace, else by the server', async () => {
    const ours = ring()
    const before = town.trace.entries().length
    await call({ ...peer, trace: ours }, openAccount, account)
    assert.deepEqual([ours.entries().map(told), town.trace.entries().length], [expected, before])
    await call(peer, openAccount, account)
    assert.deepEqual(town.trace.entries().slice(before).map(told), expected)
  })

  it('is remembered without its secrets, on either side', async () => {
    const ours = ring()
    await call({ ...peer, trace: ours }, openAccount, account)
    await call(peer, openAccount, account)
    for (const { raw, decoded } of [...ours.entries(), ...town.trace.entries()]) {
      const text = new TextDecoder().decode(raw) + JSON.stringify(decoded)
      for (const planted of [plantedPin, plantedSecret]) assert.equal(text.includes(planted), false)
    }
    assert.match(JSON.stringify(ours.entries()[0]?.decoded), /"pin":"«secret»","key":"AQI="/)
  })

  it('that is refused is remembered with its code', async () => {
    const ours = ring()
    await assert.rejects(call({ ...peer, url: 'https://127.0.0.1:1', trace: ours }, openAccount, account))
    assert.deepEqual(ours.entries().map(told), [{ ...expected[0], ok: false, refusal: 'peer.unreachable' }])
  })

  it('may be something other than JSON', async () => {
    const octets = Buffer.from([0x30, 0x00, 0xff])
    const post = (type: string) =>
      fetch(`${server.url}/echo/a/b`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: octets as unknown as string,
        signal: AbortSignal.timeout(9000),
      })
    assert.deepEqual(
      new Uint8Array(await (await post('application/ocsp-request')).arrayBuffer()),
      new Uint8Array(octets),
    )
    assert.equal((await post('application/json')).status, 415)
  })

  it('may be a stream of events, which ends when the caller hangs up', async () => {
    const reply = (await get('/events')) as unknown as Response
    const reader = (reply.body as ReadableStream<Uint8Array>).getReader()
    const { value } = await reader.read()
    assert.match(new TextDecoder().decode(value), /^data: 0\n\n/)
    await reader.cancel()
  })

  it('is described by OpenAPI from its declaration', async () => {
    const document = JSON.parse(new TextDecoder().decode(await (await get('/openapi.json')).arrayBuffer()))
    const { parameters, requestBody, responses, security } = document.paths['/accounts/{name}'].post
    const { schema } = requestBody.content['application/json']
    assert.deepEqual(parameters, [{ name: 'name', in: 'path', required: true, schema: { type: 'string' } }])
    assert.deepEqual(
      [Object.keys(schema.properties), schema.required],
      [
        ['orderId', 'pin', 'key', 'address'],
        ['orderId', 'pin', 'key'],
      ],
    )
    assert.equal(schema.properties.pin.writeOnly, true)
    assert.equal(responses['201'].content['application/json'].schema.properties.key.contentEncoding, 'base64')
    assert.deepEqual(security, [{ actor: [] }])
  })
})

describe('a secret', () => {
  it('is masked wherever its schema stands', () => {
    const Secret = secret(z.string())
    const schema = z.object({
      list: z.array(Secret.min(2)).optional(),
      map: z.record(z.string(), Secret.nullable()),
      either: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('open'), value: z.string() }),
        z.object({ kind: z.literal('sealed'), value: Secret }),
      ]),
      pair: z.tuple([z.string(), Secret]),
      whole: secret(z.object({ a: z.string() })),
    })
    const value = {
      list: ['aa', 'bb'],
      map: { one: 'cc', two: null },
      either: { kind: 'sealed', value: 'dd' },
      pair: ['shown', 'ee'],
      whole: { a: 'ff' },
      unknown: 'gg',
    }
    const shown = JSON.stringify(redact(schema, value))
    assert.equal(/aa|bb|cc|dd|ee|ff|gg/.test(shown), false)
    assert.match(shown, /shown/)
    assert.equal(JSON.stringify(redact(schema, { either: { kind: 'none', value: 'hh' } })).includes('hh'), false)
  })
})

describe('a folder of files', () => {
  it('is served, its index for itself, and nothing beside it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'jpki-files-'))
    await mkdir(join(directory, 'app'))
    await writeFile(join(directory, 'secret.txt'), plantedSecret)
    await writeFile(join(directory, 'app', 'index.html'), '<p>利用者</p>')
    await symlink(join(directory, 'secret.txt'), join(directory, 'app', 'link.txt'))
    const routes = serveFiles({ path: '/app/', directory: join(directory, 'app') })
    const server = await listen({
      actor: 'app-provider',
      routes,
      port: 0,
      log: 'silent',
      origins: ['https://friend.test'],
    })
    const get = (path: string, headers = {}) => globalThis.fetch(server.url + path, { headers })
    for (const path of ['/app/', '/app/index.html']) {
      const reply = await get(path, { origin: 'https://friend.test' })
      assert.deepEqual(
        [await reply.text(), reply.headers.get('content-type')],
        ['<p>利用者</p>', 'text/html; charset=utf-8'],
      )
      assert.equal(reply.headers.get('access-control-allow-origin'), 'https://friend.test')
    }
    assert.equal((await get('/app/', { origin: 'https://foe.test' })).headers.get('access-control-allow-origin'), null)
    for (const path of [
      '/app/..%2fsecret.txt',
      '/app/%2e%2e/secret.txt',
      '/app/link.txt',
      '/app/none.html',
      '/app/%00',
    ])
      assert.equal((await get(path)).status >= 400, true, path)
    await server.close()
    await rm(directory, { recursive: true })
  })
})

describe('a route that answers ahead of the router', () => {
  it('takes what it can, leaves the rest untouched, and stays on its path', async () => {
    const route = serveRaw({
      method: 'GET',
      path: '/fast/*',
      handler: ({ fields }) => ({ body: `router ${fields['*']}` }),
      direct: ({ url = '' }, response) => {
        if (url.includes('%')) return false
        response.end(`direct ${url.slice('/fast/'.length)}`)
        return true
      },
    })
    const server = await listen({ actor: 'app-provider', routes: [route], port: 0, log: 'silent' })
    const get = async (path: string) => {
      const reply = await globalThis.fetch(server.url + path)
      return reply.ok ? await reply.text() : reply.status
    }
    assert.equal(await get('/fast/one'), 'direct one')
    assert.equal(await get('/fast/t%77o'), 'router two')
    assert.equal(await get('/faster/one'), 404)
    assert.equal((await globalThis.fetch(`${server.url}/fast/one`, { method: 'POST' })).status, 405)
    await server.close()
  })
})
