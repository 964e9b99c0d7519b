/** Lists as caches and clients fetch them: ETag, 304, HEAD, what is not there. RFC 9110 §8.8, §13. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { parseCrl } from '@mobile-jpki/pkix'
import { listen } from '@mobile-jpki/service'
import type { ListScope, PublishedCrl } from '../../domain/world.ts'
import { enrolled, halfKeyPairs, revoke, type Surroundings, surroundings } from '../../test/surroundings.ts'
import { isCurrent } from '../conditional.ts'
import { listRoutes } from '../lists.ts'

let world: Surroundings
let server: Awaited<ReturnType<typeof listen>>
let reads = 0
before(async () => {
  world = await surroundings({ keyPairs: halfKeyPairs })
  const { lists } = world.register
  const counted = {
    head: lists.head,
    latest: (scope: ListScope): Promise<PublishedCrl | undefined> => {
      reads++
      return lists.latest(scope)
    },
  }
  const routes = listRoutes({ lists: counted, now: world.now, memory: 2000 })
  server = await listen({ actor: 'jpki-system', port: 0, routes })
})
after(async () => {
  await server.close()
  await world.close()
})

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${server.url}/crl/${path}`, { method, headers })
const octetsOf = async (response: Response) => new Uint8Array(await response.arrayBuffer())

describe('a list', () => {
  it('is served with its stamp, and again only when there is another', async () => {
    const { auth } = await enrolled(world)
    world.at('2026-04-01T03:00:01Z')
    const first = await get('auth-1/13221.crl')
    assert.equal(first.status, 200)
    assert.equal(first.headers.get('content-type'), 'application/pkix-crl')
    assert.equal(first.headers.get('cache-control'), 'public, no-cache')
    assert.equal(first.headers.get('last-modified'), 'Wed, 01 Apr 2026 03:00:00 GMT')
    assert.deepEqual([...parseCrl(await octetsOf(first)).entries()], [])
    const etag = first.headers.get('etag') ?? ''
    assert.match(etag, /^"auth-1\/13221-1"$/)

    const before = reads
    const again = await get('auth-1/13221.crl', { 'if-none-match': etag })
    assert.equal(again.status, 304)
    assert.equal(again.headers.get('etag'), etag)
    assert.equal((await octetsOf(again)).length, 0)
    assert.equal(reads, before, 'the list itself is not read for that')

    await revoke(world, { authority: 'auth', serialNumber: auth.serialNumber, reason: 'superseded' })
    const other = await get('auth-1/13221.crl', { 'if-none-match': etag })
    assert.equal(other.status, 200)
    assert.ok(parseCrl(await octetsOf(other)).find(auth.serialNumber))
  })
  it('is asked for by HEAD', async () => {
    const response = await get('auth-1/13221.crl', {}, 'HEAD')
    assert.equal(response.status, 200)
    const { der } = (await world.register.lists.latest({ authority: 'auth', generation: 1, partition: '13221' })) ?? {}
    assert.equal(response.headers.get('content-length'), String(der?.length))
    assert.equal((await octetsOf(response)).length, 0)
  })
  it('of its own second tells no time: another may follow within it', async () => {
    world.at('2026-04-01T03:10:00Z')
    await world.publisher.renew({ authority: 'auth', generation: 1, partition: '13221' }, { actor: 'operator' })
    assert.equal((await get('auth-1/13221.crl')).headers.get('last-modified'), null)
    world.at('2026-04-01T03:10:01Z')
    const told = (await get('auth-1/13221.crl')).headers.get('last-modified')
    assert.equal(told, 'Wed, 01 Apr 2026 03:10:00 GMT')
    assert.equal((await get('auth-1/13221.crl', { 'if-modified-since': told ?? '' })).status, 304)
    await world.publisher.renew({ authority: 'auth', generation: 1, partition: '13221' }, { actor: 'operator' })
    assert.equal((await get('auth-1/13221.crl', { 'if-modified-since': told ?? '' })).status, 200)
  })
  it('is read from the database once while it is the one; the memory has room for some', async () => {
    await get('auth-1/13221.crl')
    const before = reads
    await get('auth-1/13221.crl')
    await get('auth-1/13221.crl')
    assert.equal(reads, before)
    for (const authority of world.authorities.all) await world.publisher.open(authority)
    await enrolled(world, { municipality: { code: '13208', prefecture: 'Tokyo-to', city: 'Chofu-shi' } })
    for (const other of ['sign-1', 'auth-1', 'sign-1/13208', 'auth-1/13208', 'sign-1/13221']) await get(`${other}.crl`)
    const full = reads
    await get('auth-1/13221.crl')
    assert.equal(reads, full + 1)
  })
  for (const path of [
    'auth-1/99999.crl',
    'auth-2.crl',
    'auth-0.crl',
    'auth-01.crl',
    'other-1.crl',
    'auth-1',
    'auth-1/13221',
    'auth-1/1322.crl',
    'auth-1/..%2f13221.crl',
    'auth-99999999999.crl',
    '.crl',
  ])
    it(`is not there: ${path}`, async () => assert.equal((await get(path)).status, 404))
})

describe('what a client has', () => {
  const stamp = { etag: '"a-2"', lastModified: new Date('2026-04-01T03:00:00Z'), cacheControl: '' }
  const cases: readonly [Record<string, string>, boolean][] = [
    [{}, false],
    [{ 'if-none-match': '"a-2"' }, true],
    [{ 'if-none-match': 'W/"a-2"' }, true],
    [{ 'if-none-match': '"a-1", "a-2"' }, true],
    [{ 'if-none-match': '*' }, true],
    [{ 'if-none-match': '"a-1"' }, false],
    [{ 'if-none-match': 'a-2' }, false],
    [{ 'if-modified-since': 'Wed, 01 Apr 2026 03:00:00 GMT' }, true],
    [{ 'if-modified-since': 'Wed, 01 Apr 2026 02:59:59 GMT' }, false],
    [{ 'if-modified-since': 'yesterday' }, false],
    [{ 'if-none-match': '"a-1"', 'if-modified-since': 'Wed, 01 Apr 2026 03:00:00 GMT' }, false],
  ]
  for (const [headers, isStill] of cases)
    it(`${isStill ? 'is still what there is' : 'is not what there is'}: ${JSON.stringify(headers)}`, () =>
      assert.equal(isCurrent(headers, stamp), isStill))
})
