/** How often a caller may ask. draft-ietf-httpapi-ratelimit-headers-10. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { ActorName } from '@mobile-jpki/refusal'
import { z } from 'zod'
import { call, connectTo, endpoint, type Limits, listen, type Peer, serve, serveRaw } from '../index.ts'
import { openTown } from './town.ts'

const ping = endpoint({
  name: 'ping',
  method: 'GET',
  path: '/ping',
  callers: 'public',
  request: z.object({}),
  reply: z.object({ pong: z.literal(true) }),
})
const routes = [
  serve(ping, () => ({ pong: true as const })),
  serveRaw({ method: 'GET', path: '/raw', handler: () => ({ body: 'raw' }) }),
  serveRaw({ method: 'GET', path: '/counted', limited: true, handler: () => ({ body: 'raw' }) }),
]
const quota = { requests: 3, seconds: 600 }

describe('a listener with limits', () => {
  let town: Awaited<ReturnType<typeof openTown>>
  const open: { close(): Promise<void> }[] = []
  before(async () => {
    town = await openTown()
  })
  after(async () => {
    await Promise.all(open.map((one) => one.close()))
    await town.close()
  })

  const started = async (limits?: Limits) => {
    const tls = await town.certificates.identityOf('mno-tsm')
    const server = await listen({ actor: 'mno-tsm', routes, port: 0, tls, log: 'silent', ...(limits && { limits }) })
    open.push(server)
    const as = async (actor?: ActorName) => {
      const { serviceCa } = town.certificates
      const identity = actor === undefined ? { serviceCa } : await town.certificates.identityOf(actor)
      const peer = connectTo({ url: server.url, actor: 'mno-tsm', tls: identity })
      open.push(peer)
      return peer
    }
    const get = async (peer: Peer, path: string) => {
      const fetch = peer.fetch as NonNullable<Peer['fetch']>
      const init = { method: 'GET', headers: {}, signal: AbortSignal.timeout(9000) }
      return (await fetch(server.url + path, init)) as unknown as Response
    }
    return { as, get }
  }

  it('counts each caller apart, tells what is left, and says when to go on', async () => {
    const { as, get } = await started({ perCaller: quota })
    const [spTsm, municipality] = [await as('sp-tsm'), await as('municipality')]
    for (const left of [2, 1, 0]) {
      const { status, headers } = await get(spTsm, '/ping')
      assert.deepEqual([status, headers.get('ratelimit-policy')], [200, '"caller";q=3;w=600'])
      assert.match(headers.get('ratelimit') ?? '', new RegExp(`^"caller";r=${left};t=\\d+$`))
    }
    const beyond = await get(spTsm, '/ping')
    const problem = await beyond.json()
    assert.deepEqual([beyond.status, problem.type], [429, 'urn:jpki:problem:rate.exceeded'])
    assert.equal(beyond.headers.get('content-type'), 'application/problem+json; charset=utf-8')
    const wait = Number(beyond.headers.get('retry-after'))
    assert.ok(wait > 0 && wait <= 600)
    assert.match(beyond.headers.get('ratelimit') ?? '', new RegExp(`r=0;t=${wait}$`))
    await assert.rejects(call(spTsm, ping, {}), { code: 'rate.exceeded' })
    assert.deepEqual(await call(municipality, ping, {}), { pong: true })
  })

  it('counts those without a certificate by their address, and does not count callers then', async () => {
    const { as, get } = await started({ perAddress: quota })
    const [one, other, spTsm] = [await as(), await as(), await as('sp-tsm')]
    for (const peer of [one, other, one]) assert.equal((await get(peer, '/ping')).status, 200)
    assert.equal((await get(other, '/ping')).status, 429)
    const free = await get(spTsm, '/ping')
    assert.deepEqual([free.status, free.headers.get('ratelimit')], [200, null])
  })

  it('counts those of the raw routes that want it, what is not there, and the documents', async () => {
    const { as, get } = await started({ perAddress: quota })
    const anybody = await as()
    for (let times = 0; times < 5; times++) {
      const raw = await get(anybody, '/raw')
      assert.deepEqual([raw.status, raw.headers.get('ratelimit')], [200, null])
    }
    assert.equal((await get(anybody, '/counted')).headers.get('ratelimit')?.startsWith('"address";r=2;'), true)
    assert.equal((await get(anybody, '/nothing')).status, 404)
    assert.equal((await get(anybody, '/docs')).status, 200)
    for (const path of ['/counted', '/nothing', '/docs', '/openapi.json', '/ping'])
      assert.equal((await get(anybody, path)).status, 429, path)
  })

  it('has none unless it was told', async () => {
    const { as, get } = await started()
    const { status, headers } = await get(await as(), '/ping')
    assert.deepEqual([status, headers.get('ratelimit'), headers.get('ratelimit-policy')], [200, null, null])
  })
})
