/** /openapi.json and /docs: what they say, and what the page may do. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { wrongIn } from '../../../test/open-api.ts'
import { connectTo, type Listening, listen, openApi, type Peer, readiness, serve, serveRaw } from '../index.ts'
import { fail, openAccount, openTown } from './town.ts'

const keyed = {
  ...openAccount,
  name: 'Pay',
  path: '/accounts/:name/payments',
  summary: 'Pays',
  description: 'From the account.',
  idempotencyKey: true as const,
  refusals: ['conditions.not-satisfied', 'certificate.revoked', 'certificate.expired'] as const,
  example: { request: { name: 'hanako', orderId: 'o-1', pin: '0000', key: 'AQI=' } },
}
const routes = [
  serve(keyed, () => ({ owner: '', key: new Uint8Array(), word: '' })),
  serve(fail, () => ({ answer: 1 })),
  serveRaw({ method: 'GET', path: '/hidden', handler: () => ({ body: '' }) }),
  serveRaw({
    method: 'GET',
    path: '/ocsp/*',
    handler: () => ({ body: '' }),
    about: {
      name: 'askStatus',
      summary: 'RFC 6960',
      fields: { rest: 'the request in base64' },
      replies: { 200: { description: 'the answer', type: 'application/ocsp-response' }, 404: { description: 'none' } },
    },
  }),
]

describe('the document of a listener', () => {
  const document = JSON.parse(JSON.stringify(openApi({ name: 'public', actor: 'mno-tsm', routes, limited: true })))
  const pay = document.paths['/accounts/{name}/payments'].post

  it('follows OpenAPI 3.1, its examples its schemas', () => assert.deepEqual(wrongIn(document), []))

  it('is told to be wrong where it is', () => {
    const broken = structuredClone(document)
    broken.paths['/accounts/{name}/payments'].post.parameters[0].in = 'query'
    broken.paths['/fail/{how}'].get.operationId = 'Pay'
    broken.components.schemas.Problem.type = 'thing'
    assert.equal(new Set(wrongIn(broken).map((one) => one.split(':')[0])).size > 3, true)
  })

  it('says what an operation is for, who may call it, and what it may refuse', () => {
    assert.deepEqual(
      [pay.summary, pay.description, pay['x-callers'], pay.tags],
      ['Pays', 'From the account.', ['sp-tsm'], ['sp-tsm']],
    )
    assert.deepEqual(pay.security, [{ actor: [] }])
    assert.equal(document.components.securitySchemes.actor.type, 'mutualTLS')
    assert.deepEqual(Object.keys(pay.responses), ['201', '400', '403', '409', '413', '415', '422', '429', '500'])
    const { examples } = pay.responses[422].content['application/problem+json']
    assert.deepEqual(Object.keys(examples), ['request.key-reused', 'certificate.revoked', 'certificate.expired'])
    assert.equal(examples['certificate.revoked'].value.type, 'urn:jpki:problem:certificate.revoked')
    assert.ok(pay.responses[429].headers['retry-after'])
    assert.deepEqual(
      pay.parameters.map((one: { name: string }) => one.name),
      ['name', 'Idempotency-Key'],
    )
    const anybodys = document.paths['/fail/{how}'].get
    assert.deepEqual([anybodys.security, Object.keys(anybodys.responses).includes('403')], [[], false])
  })

  it('describes what speaks another format where it says what that is, and nothing else', () => {
    assert.deepEqual(Object.keys(document.paths), ['/accounts/{name}/payments', '/fail/{how}', '/ocsp/{rest}'])
    const { parameters, responses } = document.paths['/ocsp/{rest}'].get
    assert.deepEqual(parameters, [
      { name: 'rest', in: 'path', required: true, description: 'the request in base64', schema: { type: 'string' } },
    ])
    assert.deepEqual(responses[200].content, { 'application/ocsp-response': { schema: {} } })
  })

  it('never shows an example of a secret', () => {
    assert.equal(pay.requestBody.content['application/json'].schema.properties.pin.writeOnly, true)
  })
})

describe('a listener', () => {
  let town: Awaited<ReturnType<typeof openTown>>
  let server: Listening
  let plain: Listening
  let peer: Peer & { close(): Promise<void> }
  before(async () => {
    town = await openTown()
    const tls = { ...(await town.certificates.identityOf('mno-tsm')), requireClient: true }
    const more = { name: 'elsewhere', actor: 'sp-tsm', routes, url: () => 'https://elsewhere.example' } as const
    const answers = { find: async () => undefined }
    server = await listen({ actor: 'mno-tsm', routes, port: 0, tls, answers, alsoDocumented: [more], log: 'silent' })
    plain = await listen({ actor: 'mno-tsm', routes, port: 0, log: 'silent' })
    peer = connectTo({ url: server.url, actor: 'mno-tsm', tls: await town.certificates.identityOf('sp-tsm') })
  })
  after(async () => {
    await Promise.all([peer.close(), server.close(), plain.close()])
    await town.close()
  })
  const get = async (path: string, method = 'GET') => {
    const fetch = peer.fetch as NonNullable<Peer['fetch']>
    const reply = await fetch(server.url + path, { method, headers: {}, signal: AbortSignal.timeout(9000) })
    return reply as unknown as Response
  }

  it('shows its document and that of another behind mutual TLS', async () => {
    const [own, other] = await Promise.all(
      ['/openapi.json', '/openapi/2.json'].map(async (path) => (await get(path)).json()),
    )
    assert.equal(own.info.title, 'MNO-TSM (MNO-TSM), mutual TLS')
    assert.deepEqual(other.servers, [{ url: 'https://elsewhere.example' }])
    const start = await (await get('/docs/start.js')).text()
    assert.match(start, /"\/openapi\.json".*"\/openapi\/2\.json"/)
    assert.match(await (await fetch(`${plain.url}/docs/start.js`)).text(), /"url":"\/openapi\.json"/)
  })

  it('serves the page and its files, and none besides, under a strict policy', async () => {
    for (const path of [
      '/docs',
      '/docs/start.js',
      '/docs/page.css',
      '/docs/swagger-ui.css',
      '/docs/swagger-ui-bundle.js',
    ]) {
      const reply = await get(path)
      const { status, headers } = reply
      assert.ok((await reply.bytes()).length > 0)
      const policy = headers.get('content-security-policy') ?? ''
      assert.equal(status, 200, path)
      assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'; /)
      assert.doesNotMatch(policy, /unsafe|https?:|\*/)
      assert.equal(headers.get('x-content-type-options'), 'nosniff')
    }
    for (const path of ['/docs/package.json', '/docs/index.html', '/docs/..%2fpackage.json', '/docs/swagger-ui.js'])
      assert.equal((await (await get(path)).json()).status, 404, path)
  })

  it('lets the page ask nobody else, and call nothing', async () => {
    const start = await (await get('/docs/start.js')).text()
    assert.match(start, /"supportedSubmitMethods":\[\].*"validatorUrl":null/)
    const page = await (await get('/docs')).text()
    assert.deepEqual(
      [...page.matchAll(/(?:src|href)="([^"]+)"/g)].flatMap(([, url = '']) => (url.startsWith('/') ? [] : [url])),
      [],
    )
  })

  it('names the methods that an address has', async () => {
    for (const [method, path, allow] of [
      ['PUT', '/fail/x', 'GET, HEAD'],
      ['GET', '/accounts/x/payments', 'POST'],
      ['DELETE', '/docs', 'GET, HEAD'],
      ['OPTIONS', '/docs', 'GET, HEAD'],
    ] as const) {
      const reply = await get(path, method)
      const problem = await reply.json()
      assert.deepEqual([reply.status, reply.headers.get('allow')], [405, allow])
      assert.deepEqual(
        [problem.type, reply.headers.get('content-type')],
        ['urn:jpki:problem:request.method-not-allowed', 'application/problem+json; charset=utf-8'],
      )
    }
  })

  for (const [what, check, status] of [
    ['answers', async () => 1, 200],
    ['fails', () => Promise.reject(new Error('down')), 503],
    ['never answers', () => new Promise(() => undefined), 503],
  ] as const)
    it(`says ${status} to who asks whether it is ready, when what it needs ${what}`, async () => {
      const one = await listen({ actor: 'mno-tsm', routes: [readiness(check)], port: 0, log: 'silent' })
      const reply = await fetch(`${one.url}/ready`)
      assert.deepEqual([reply.status, await reply.text()], [status, status === 200 ? 'ready\n' : 'not ready\n'])
      await one.close()
    })

  it('names each request, and each by another name', async () => {
    const replies = await Promise.all(['/fail/x', '/nothing', '/%zz'].map(async (path) => (await get(path)).json()))
    const names = replies.map(({ instance }) => instance)
    assert.deepEqual([names.length, new Set(names).size], [3, 3])
    for (const name of names) assert.match(name, /^urn:jpki:request:[0-9a-f]{12}-[0-9a-z]+$/)
  })

  for (const [what, sent, status] of [
    ['is not HTTP', 'HELO there\r\n\r\n', 400],
    ['has a header that is too large', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(1 << 15)}\r\n\r\n`, 431],
    ['has an address that is none', 'GET /%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', 400],
  ] as const)
    it(`tells a problem to whoever sends what ${what}`, async () => {
      const socket = connect(Number(new URL(plain.url).port), '127.0.0.1')
      socket.write(sent)
      const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n')
      assert.match(head, new RegExp(`^HTTP/1.1 ${status} `))
      assert.match(head, /content-type: application\/problem\+json/)
      assert.match(body, /"type":"urn:jpki:problem:request\./)
    })
})
