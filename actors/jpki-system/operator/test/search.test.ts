/** What an operator finds, page by page, on both databases. */
import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { contractOf } from '@mobile-jpki/store/contract'
import fc from 'fast-check'
import { type CertificateState, stateAt, states } from '../../domain/life-cycle.ts'
import type { CertificateRecord, Register } from '../../domain/world.ts'
import { migrations, registerIn, type Tables } from '../../store/index.ts'
import { historyIn, searchIn } from '../../store/operator/search.ts'
import type { CertificatePlace, Search, Sought } from '../search.ts'

const at = new Date('2026-06-01T00:00:00Z')
const written = ['pending', 'valid', 'held', 'revoked'] as const
const kinds = ['sign', 'auth', 'phoneAuth'] as const
const hex = (length: number) => randomBytes(length).toString('hex')

function certificate(number: number, personId: string, kind: (typeof kinds)[number] | 'responder'): CertificateRecord {
  const state = written[number % written.length] ?? 'valid'
  return {
    authority: kind === 'sign' ? 'sign' : 'auth',
    generation: 1,
    serialNumber: `4${hex(8).slice(1)}`,
    partition: '13221',
    kind,
    state,
    ...(kind !== 'responder' && { personId }),
    keyIdentifier: hex(20),
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date(number % 5 === 0 ? '2026-02-01T00:00:00Z' : '2030-01-01T00:00:00Z'),
    ...((state === 'held' || state === 'revoked') && { revocation: { at, reason: 'certificateHold' as const } }),
    der: Uint8Array.of(number),
  }
}

async function filled(register: Register) {
  const all: CertificateRecord[] = []
  for (let number = 0; number < 60; number++) {
    const id = hex(16)
    const municipality = { code: '13221', prefecture: 'Tokyo-to', city: 'Kiyose-shi' }
    await register.persons.save({ id, birthDate: '1990-02-17', municipality, cardExpires: '2034-02-17' })
    const several = kinds.slice(0, 1 + (number % 3)).map((kind) => certificate(number, id, kind))
    for (const one of [...several, ...(number % 20 === 0 ? [certificate(1, id, 'responder')] : [])])
      await register.certificates.add(one)
    all.push(...several)
  }
  return all.sort((one, other) => (placed(one) < placed(other) ? -1 : 1))
}

/** The order of the register: sign before auth, then by serial number. */
const placed = ({ authority, serialNumber }: CertificatePlace) => `${authority === 'sign' ? 1 : 2}/${serialNumber}`

async function everyPage(search: Search, sought: Sought, atMost: number) {
  const found: CertificateRecord[] = []
  let after: CertificatePlace | undefined
  let pages = 0
  do {
    const page = await search.page(sought, { after, atMost, at })
    assert.ok(page.found.length <= atMost)
    found.push(...page.found)
    after = page.next
    pages += 1
  } while (after !== undefined)
  return { found: found.map(placed), pages }
}

const fits = (one: CertificateRecord, { authority, state, kind }: Sought) =>
  (authority === undefined || one.authority === authority) &&
  (kind === undefined || one.kind === kind) &&
  (state === undefined || stateAt(one, at) === state)

contractOf('the operator’s search', (open) => {
  it('finds each certificate that is sought once, in order, whatever the size of a page', async () => {
    const { db, ...store } = await open<Tables>(migrations)
    const all = await filled(registerIn({ db, ...store }))
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          authority: fc.constantFrom('sign' as const, 'auth' as const, undefined),
          state: fc.constantFrom<CertificateState | undefined>(...states, undefined),
          kind: fc.constantFrom(...kinds, undefined),
        }),
        fc.integer({ min: 5, max: 200 }),
        fc.constantFrom(7, 40, 1000),
        async (sought, atMost, lookedAt) => {
          const { found } = await everyPage(searchIn(db, lookedAt), sought, atMost)
          assert.deepEqual(found, all.filter((one) => fits(one, sought)).map(placed))
        },
      ),
      { numRuns: 20 },
    )
  })

  it('reads a bounded number of certificates for a page, and goes on behind them', async () => {
    const { db, ...store } = await open<Tables>(migrations)
    const all = await filled(registerIn({ db, ...store }))
    const { found, pages } = await everyPage(searchIn(db, 10), { state: 'revoked' }, 1000)
    assert.deepEqual(found, all.filter((one) => fits(one, { state: 'revoked' })).map(placed))
    assert.ok(pages >= all.length / 10)
  })

  it('finds by serial number, key identifier and person at once, and never a responder', async () => {
    const { db, ...store } = await open<Tables>(migrations)
    const register = registerIn({ db, ...store })
    const all = await filled(register)
    const search = searchIn(db, 1)
    const [one] = all.slice(20)
    assert.ok(one)
    const person = all.filter(({ personId }) => personId === one.personId)
    for (const [sought, expected] of [
      [{ serialNumber: one.serialNumber }, [one]],
      [{ keyIdentifier: one.keyIdentifier }, [one]],
      [{ person: one.personId }, person],
      [{ person: one.personId, kind: one.kind as 'sign' }, [one]],
      [{ serialNumber: one.serialNumber, authority: one.authority === 'sign' ? 'auth' : 'sign' }, []],
      [{ serialNumber: 'ff' }, []],
      [{ order: randomUUID() }, []],
    ] as const satisfies readonly (readonly [Sought, readonly CertificateRecord[]])[]) {
      const page = await search.page(sought, { atMost: 100, at })
      assert.deepEqual([page.found.map(placed), page.next], [expected.map(placed), undefined])
    }
    const responder = await db
      .selectFrom('certificate')
      .select('key_identifier')
      .where('kind', '=', 4)
      .executeTakeFirstOrThrow()
    const hidden = await search.page({ keyIdentifier: responder.key_identifier.toHex() }, { atMost: 10, at })
    assert.deepEqual(hidden, { found: [] })
  })

  it('shows none twice when more are issued between two pages', async () => {
    const { db, ...store } = await open<Tables>(migrations)
    const register = registerIn({ db, ...store })
    const all = await filled(register)
    const search = searchIn(db)
    const first = await search.page({}, { atMost: 30, at })
    await filled(register)
    const { found } = await search.page({}, { after: first.next, atMost: 1000, at })
    const seen = [...first.found, ...found].map(placed)
    assert.equal(new Set(seen).size, seen.length)
    for (const one of all) assert.ok(seen.includes(placed(one)))
  })
})

describe('the history', () => {
  contractOf('of a certificate', (open) => {
    it('is what the journal says of it alone, in order', async () => {
      const { db, ...store } = await open<Tables>(migrations)
      const entry = (position: number, subject: string) => ({
        position,
        id: `${position}`,
        at: at.toISOString(),
        actor: 'operator',
        request: null,
        act: `act ${position}`,
        subject,
        detail: '{}',
        outcome: 'done',
        hash: Uint8Array.of(position),
      })
      await db
        .insertInto('journal_entry')
        .values([1, 2, 3, 4].map((n) => entry(n, n % 2 ? 'auth/41' : 'auth/42')))
        .execute()
      assert.deepEqual(
        (await historyIn(db).of('auth/41', 10)).map(({ act }) => act),
        ['act 1', 'act 3'],
      )
      assert.equal((await historyIn(db).of('auth/41', 1)).length, 1)
      void store
    })
  })
})
