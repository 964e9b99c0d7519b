/** A server on the person's own machine, and what pages of the same browser reach of it. */
import assert from 'node:assert/strict'
import { request as ask } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { z } from 'zod'
import { endpoint, type Listening, listen, serve } from '../index.ts'

const greet = endpoint({
  name: 'greet',
  method: 'POST',
  path: '/greetings/:name',
  callers: 'public',
  request: z.object({ name: z.string() }),
  reply: z.object({ greeting: z.string() }),
})
const confide = endpoint({ ...greet, name: 'confide', path: '/confidences/:name' })
const friend = 'https://friend.test'
const foe = 'https://foe.test'

describe('a server for its own pages and one guest', () => {
  let server: Listening
  let own: string
  const greeted: string[] = []
  before(async () => {
    const answer = ({ name }: { readonly name: string }) => {
      greeted.push(name)
      return { greeting: `hello ${name}` }
    }
    server = await listen({
      actor: 'user',
      port: 0,
      routes: [serve(greet, answer), serve(confide, answer)],
      ownPagesOnly: true,
      guests: { origins: [friend], endpoints: [greet] },
    })
    own = server.url
  })
  after(() => server.close())

  /** As a browser would send it: headers that no program of fetch may set are set here. */
  const send = (method: string, path: string, headers: Record<string, string>) =>
    new Promise<{ status: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
      const body = method === 'POST' ? '{}' : ''
      const asking = ask(`${own}${path}`, { method, headers: { 'content-type': 'application/json', ...headers } })
      asking.on('error', reject).on('response', async (reply) => {
        const text = (await reply.toArray()).map(String).join('')
        resolve({ status: reply.statusCode ?? 0, headers: reply.headers, text })
      })
      asking.end(body)
    })
  const refused = async (method: string, path: string, headers: Record<string, string>) => {
    const before = greeted.length
    const { status, text, headers: answered } = await send(method, path, headers)
    assert.equal(status, 403)
    assert.equal(JSON.parse(text).type, 'urn:jpki:problem:caller.not-allowed')
    assert.equal(greeted.length, before, 'nothing was done')
    return answered
  }

  it('answers its own page and programs of the machine in everything', async () => {
    for (const headers of [{}, { origin: own, 'sec-fetch-site': 'same-origin' }] as Record<string, string>[])
      for (const path of ['/greetings/a', '/confidences/a'])
        assert.equal((await send('POST', path, headers)).status, 200)
  })

  it('answers the guest in what it may ask, and tells the browser so', async () => {
    const reply = await send('POST', '/greetings/b', { origin: friend, 'sec-fetch-site': 'cross-site' })
    assert.equal(reply.status, 200)
    assert.equal(reply.headers['access-control-allow-origin'], friend)
    assert.equal(reply.headers['access-control-allow-credentials'], undefined)
    const asked = { origin: friend, 'access-control-request-private-network': 'true' }
    const preflight = await send('OPTIONS', '/greetings/b', asked)
    assert.equal(preflight.status, 204)
    assert.equal(preflight.headers['access-control-allow-private-network'], 'true')
  })

  it('refuses the guest everything else', async () => {
    await refused('POST', '/confidences/c', { origin: friend, 'sec-fetch-site': 'cross-site' })
    await refused('GET', '/openapi.json', { origin: friend, 'sec-fetch-site': 'cross-site' })
  })

  it('refuses pages of other sites, whatever they ask, and lets none of them read the refusal', async () => {
    for (const origin of [foe, 'null', `${friend}.foe.test`, 'http://friend.test', 'http://127.0.0.1:1'])
      for (const method of ['POST', 'OPTIONS']) {
        const answered = await refused(method, '/greetings/d', { origin, 'sec-fetch-site': 'cross-site' })
        assert.equal(answered['access-control-allow-origin'], undefined)
      }
    await refused('GET', '/openapi.json', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })
  })

  it('answers under no other name, the guest neither (DNS rebinding)', async () => {
    for (const origin of [friend, foe]) await refused('POST', '/greetings/e', { origin, host: 'foe.test' })
    await refused('POST', '/greetings/e', { host: 'foe.test' })
  })
})
