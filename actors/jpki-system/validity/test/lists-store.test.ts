/** Lists in both databases: numbers by compare-and-set, marks that go with what was listed, and publishers that race. RFC 5280 §5.2.3. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { cRLNumber, parseCrl } from '@mobile-jpki/pkix'
import { contractOf } from '@mobile-jpki/store/contract'
import type { CertificateRecord, ListScope, Register } from '../../domain/world.ts'
import { migrations, registerIn, type Tables } from '../../store/index.ts'
import { enrolled, halfKeyPairs, type Surroundings, surroundings } from '../../test/surroundings.ts'
import { publisher } from '../publisher.ts'

const head = { thisUpdate: new Date('2026-04-01T03:00:00Z'), der: Uint8Array.of(1, 2, 3) }
const scopeOf = (partition?: string): ListScope => ({
  authority: 'auth',
  generation: 1,
  ...(partition !== undefined && { partition }),
})

contractOf('lists', (open) => {
  let register: Register
  let world: Surroundings
  before(async () => {
    const store = await open<Tables>(migrations)
    register = registerIn(store)
    world = await surroundings({ keyPairs: halfKeyPairs, store })
  })
  after(() => world.close())

  /** Revoked, and nobody was told. */
  const revoked = async (
    one: CertificateRecord,
    reason: 'superseded' | 'certificateHold' | 'keyCompromise',
    from = 'valid' as const,
  ) => {
    const revocation = { at: new Date('2026-04-01T03:00:00Z'), reason }
    const to = reason === 'certificateHold' ? 'held' : 'revoked'
    await register.atomically(({ certificates }) => certificates.change(one, from, to, revocation))
    return { serialNumber: one.serialNumber, ...revocation, partition: one.partition ?? '' }
  }
  const marksOf = async (scope: ListScope) =>
    (await register.lists.unlisted(scope, 1000)).map(({ serialNumber }) => serialNumber)

  it('take the number that follows, once, and no other', async () => {
    const scope = scopeOf('50001')
    const publish = (number: number) =>
      register.atomically(({ lists }) => lists.publish(scope, { ...head, number }, []))
    assert.equal(await publish(2), false)
    assert.equal(await publish(1), true)
    assert.equal(await publish(1), false)
    assert.equal(await publish(3), false)
    assert.equal(await publish(2), true)
    assert.equal(await publish(1), false)
    assert.equal((await register.lists.head(scope))?.number, 2)
  })

  it('of many that come with one number take one', async () => {
    const scope = scopeOf('50002')
    const came = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        register.lists.publish(scope, { ...head, number: 1, der: Uint8Array.of(index) }, []),
      ),
    )
    assert.equal(came.filter(Boolean).length, 1)
    assert.deepEqual((await register.lists.latest(scope))?.der, Uint8Array.of(came.indexOf(true)))
  })

  it('remember their names, and are found by their age, the oldest first', async () => {
    const generation = { name: 'auth', generation: 7 } as const
    const publish = (partition: string, thisUpdate: Date, names?: Uint8Array) =>
      register.lists.publish(
        { authority: 'auth', generation: 7, partition },
        { number: 1, thisUpdate, der: Uint8Array.of(1), ...(names && { names }) },
        [],
      )
    await publish('00002', new Date('2026-04-02T00:00:00Z'))
    await publish('00001', new Date('2026-04-01T00:00:00Z'), Uint8Array.of(7))
    await publish('00003', new Date('2026-04-03T00:00:00Z'))
    const agedIn = async (before: string, atMost: number) =>
      (await register.lists.aged(generation, new Date(before), atMost)).map(({ partition }) => partition)
    assert.deepEqual(await agedIn('2026-04-03T00:00:00Z', 10), ['00001', '00002'])
    assert.deepEqual(await agedIn('2026-05-01T00:00:00Z', 2), ['00001', '00002'])
    assert.deepEqual(await agedIn('2026-04-01T00:00:00Z', 10), [])
    const one = { authority: 'auth', generation: 7, partition: '00001' } as const
    assert.deepEqual((await register.lists.head(one))?.names, Uint8Array.of(7))
  })

  it('take back the mark of what they list, and of nothing else', async () => {
    const municipality = { code: '50003', prefecture: 'Tokyo-to', city: 'Somewhere-shi' }
    const cards = await Promise.all([1, 2, 3].map(() => enrolled(world, { municipality })))
    const [one, two, three] = cards.map(({ auth }) => auth) as [CertificateRecord, CertificateRecord, CertificateRecord]
    const scope = scopeOf('50003')
    const listed = [await revoked(one, 'superseded'), await revoked(two, 'certificateHold')]
    const late = await revoked(three, 'superseded')
    assert.equal((await register.lists.unlisted(scope, 2)).length, 2)
    // The hold became a revocation while the list with the hold was made.
    await register.atomically(({ certificates }) =>
      certificates.change(two, 'held', 'revoked', { at: late.at, reason: 'keyCompromise' }),
    )
    const number = ((await register.lists.head(scope))?.number ?? 0) + 1
    assert.ok(await register.lists.publish(scope, { ...head, number }, listed))
    assert.deepEqual(new Set(await marksOf(scope)), new Set([two.serialNumber, three.serialNumber]))
    const inFull = await marksOf(scopeOf())
    for (const { serialNumber } of [one, two, three]) assert.ok(inFull.includes(serialNumber), 'not listed there')
    await world.publisher.bring(scope)
    await world.publisher.bring(scopeOf())
    assert.deepEqual([await marksOf(scope), await marksOf(scopeOf())], [[], []])
  })

  it('are read in pages, each certificate once, in the order of partition and serial number', async () => {
    const codes = ['60002', '60001', '60003']
    for (const code of [...codes, ...codes, ...codes]) {
      const { auth } = await enrolled(world, { municipality: { code, prefecture: 'Tokyo-to', city: `${code}-shi` } })
      await revoked(auth, 'superseded')
    }
    const seen: string[] = []
    for (let last: { serialNumber: string; partition?: string } | undefined; ; ) {
      const page = await register.lists.revoked(scopeOf(), new Date(0), { size: 2, ...(last && { after: last }) })
      seen.push(...page.map(({ partition = '', serialNumber }) => `${partition} ${serialNumber}`))
      last = page.at(-1)
      if (page.length < 2) break
    }
    assert.deepEqual(seen, [...seen].sort())
    assert.equal(new Set(seen).size, seen.length)
    assert.ok(seen.length >= 9)
  })

  it('are published by rivals without a gap and without a number twice, and say everything', async () => {
    const municipality = { code: '50004', prefecture: 'Tokyo-to', city: 'Elsewhere-shi' }
    const cards = await Promise.all(Array.from({ length: 12 }, () => enrolled(world, { municipality })))
    const rivals = [1, 2, 3].map(() => publisher({ ...world, register }))
    const scope = scopeOf('50004')
    const numbers: number[] = []
    await Promise.all(
      cards.map(async ({ auth }, index) => {
        await revoked(auth, 'superseded')
        numbers.push((await rivals[index % 3]?.bring(scope))?.number ?? 0)
        const list = await register.lists.latest(scope)
        assert.ok(list && parseCrl(list.der).find(auth.serialNumber), 'listed when it is answered')
        assert.equal(parseCrl(list.der).extension(cRLNumber)?.value, BigInt(list.number))
      }),
    )
    const last = (await register.lists.head(scope))?.number ?? 0
    assert.ok(last <= 13 && Math.max(...numbers) <= last)
    assert.deepEqual(await marksOf(scope), [])
  })

  it('of a partition that no certificate names by a list yet have its address alone', async () => {
    await world.publisher.bring(scopeOf('50005'))
    const list = await register.lists.latest(scopeOf('50005'))
    assert.ok(list?.names)
    assert.match(Buffer.from(list.names).toString('latin1'), /auth-1\/50005\.crl$/)
  })
})
