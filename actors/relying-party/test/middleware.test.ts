/** The login protocol in Express, Fastify, plain node:http and as a fetch handler: the same journey, the same refusals. */
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { call, type Peer } from '@mobile-jpki/service/call'
import { type Holder, openTestAuthority, type TestAuthority } from '@mobile-jpki/verification/test-authority'
import express from 'express'
import fastify from 'fastify'
import { beginLogin, getOutcome } from '../contract.ts'
import { type Accepted, expressLogin, fastifyLogin, fetchLogin, type Jpki, jpki, type LoginHooks } from '../index.ts'
import { answered } from './phone.ts'

let authority: TestAuthority
let phone: Holder
before(async () => {
  authority = await openTestAuthority('auth')
  phone = await authority.issue('phoneAuth')
})
after(() => authority.close())

interface Running {
  readonly url: string
  close(): Promise<unknown>
}
type Framework = (port: number, site: Jpki, hooks: LoginHooks) => Promise<Running>

const listening = async (server: Server, port: number): Promise<Running> => {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Whatever is not the protocol's is the service's own. */
const frameworks: Readonly<Record<string, Framework>> = {
  Express: (port, site, hooks) => {
    const app = express()
    app.use(expressLogin(site, hooks))
    app.get('/hello', (_, reply) => void reply.send('hello'))
    return listening(createServer(app), port)
  },
  'Express behind a parser of JSON': (port, site, hooks) => {
    const app = express()
    app.use(express.json())
    app.use(expressLogin(site, hooks))
    app.get('/hello', (_, reply) => void reply.send('hello'))
    return listening(createServer(app), port)
  },
  Fastify: async (port, site, hooks) => {
    const app = fastify()
    await app.register(fastifyLogin(site, hooks))
    app.get('/hello', async () => 'hello')
    return { url: await app.listen({ port, host: '127.0.0.1' }), close: () => app.close() }
  },
  'node:http': (port, site, hooks) => {
    const login = expressLogin(site, hooks)
    const server = createServer((request, reply) => login(request, reply, () => reply.end('hello')))
    return listening(server, port)
  },
  fetch: (port, site, hooks) => {
    const login = fetchLogin(site, hooks)
    const own = async (request: Request) => (await login(request)) ?? new Response('hello')
    const server = createServer(async (incoming, reply) => {
      const body = incoming.method === 'POST' ? new Uint8Array(Buffer.concat(await incoming.toArray())) : null
      const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)] as [string, string])
      const request = new Request(`http://host${incoming.url}`, { method: incoming.method ?? 'GET', headers, body })
      const answer = await own(request)
      reply.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text())
    })
    return listening(server, port)
  },
}

/** More than the library takes, and more than the frameworks parse before it. */
const longest = 1 << 20

const freePort = async (): Promise<number> => {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
const refusedWith = (code: RefusalCode) => (error: unknown) => error instanceof Refusal && error.code === code

for (const [name, start] of Object.entries(frameworks))
  describe(name, () => {
    let running: Running
    let site: Jpki
    let peer: Peer
    const accepted: Accepted[] = []
    before(async () => {
      const port = await freePort()
      const anchors = [
        `-----BEGIN CERTIFICATE-----\n${authority.certificate.der.toBase64()}\n-----END CERTIFICATE-----\n`,
      ]
      site = jpki({ origin: `http://127.0.0.1:${port}`, name: 'みほん', appUrl: 'https://app.example', anchors })
      const hooks: LoginHooks = {
        onAccepted: (one) => void accepted.push(one),
        session: ({ account }) => ({ 'set-cookie': `session=${account}; HttpOnly` }),
      }
      running = await start(port, site, hooks)
      peer = { url: running.url, actor: 'relying-party' }
    })
    after(() => running.close())

    const post = (
      path: string,
      body: string,
      headers: Record<string, string> = { 'content-type': 'application/json' },
    ) => fetch(`${running.url}${path}`, { method: 'POST', body, headers })
    const codeOf = async (reply: Response) => ((await reply.json()) as { type: string }).type.split(':').at(-1)

    it('logs in, and the page that began goes on as somebody', async () => {
      const login = await call(peer, beginLogin, {})
      assert.equal((await call(peer, getOutcome, login)).state, 'waiting')
      await answered(peer, login, phone)
      const reply = await post(`/logins/${login.loginId}/outcome`, JSON.stringify({ ticket: login.ticket }))
      assert.equal(reply.headers.get('set-cookie'), `session=${phone.serialNumber}; HttpOnly`)
      assert.deepEqual(await reply.json(), { state: 'accepted', serialNumber: phone.serialNumber })
      assert.deepEqual([accepted.length, accepted[0]?.loginId], [1, login.loginId])
    })
    it('has an agreement signed, which the service alone begins', async () => {
      accepted.length = 0
      const login = await site.challenge({ text: '山田 太郎 様へ\n10,000円', requester: 'みほん商店' })
      await answered(peer, login, phone)
      await assert.rejects(answered(peer, login, phone), refusedWith('request.replayed'))
      assert.deepEqual(
        accepted.map(({ text, purpose, requester }) => [purpose, text, requester]),
        [['confirm', '山田 太郎 様へ\n10,000円', 'みほん商店']],
      )
      assert.equal((await site.outcome(login.loginId, login.ticket)).state, 'good')
    })
    it('tells a refusal with its code', async () => {
      const login = await site.challenge({ text: '10,000円' })
      const other = answered(peer, login, phone, { text: '90,000円' })
      await assert.rejects(other, refusedWith('login.signature-invalid'))
      assert.equal((await call(peer, getOutcome, login)).refusal?.code, 'login.signature-invalid')
    })
    it('takes nothing that a form of another site could send, and nothing malformed or long', async () => {
      const form = await post('/logins', '{}', { 'content-type': 'text/plain' })
      assert.deepEqual([form.status, form.headers.get('set-cookie')], [415, null])
      const outcome = `/logins/${crypto.randomUUID()}/outcome`
      for (const body of ['{', '[]', '{"ticket":1}']) assert.equal((await post(outcome, body)).status, 400, body)
      const tooLong = await post(outcome, JSON.stringify({ ticket: 'x'.repeat(longest) }))
      assert.equal(tooLong.status, 413)
      assert.equal(await codeOf(await fetch(`${running.url}/logins/nothing`)), 'request.malformed')
      assert.equal(await codeOf(await fetch(`${running.url}/logins/${crypto.randomUUID()}`)), 'reference.not-found')
      assert.equal(await codeOf(await fetch(`${running.url}/logins`)), 'request.method-not-allowed')
    })
    it('leaves every other path to the service', async () => {
      assert.equal(await (await fetch(`${running.url}/hello`)).text(), 'hello')
    })
  })
