/** Letters, PIN envelopes and counts in both databases: shared by all processes, and each taken once. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { it } from 'node:test'
import { contractOf } from '@mobile-jpki/store/contract'
import type { Letter } from '../../domain/letter.ts'
import { movedFrom, type Order } from '../../domain/order.ts'
import { archiveIn } from '../archive.ts'
import { ordersIn } from '../orders.ts'
import { outboxIn } from '../outbox.ts'
import { pinRelayIn } from '../pins.ts'
import { ratesIn } from '../rates.ts'
import { migrations, type Tables } from '../tables.ts'
import { later, now, octets, orderOf, seals } from './made.ts'

const minute = 60_000
const timeAt = (at: Date, owner = 'one') => ({ owner, now: at, until: new Date(at.getTime() + minute) })
const codeLetter = (): Letter => ({
  kind: 'accessCode',
  name: randomUUID(),
  content: { expires: now.toISOString() },
  sealedCode: octets(40),
})

contractOf('letters of SP-TSM', (open) => {
  const opened = async () => {
    const store = await open<Tables>(migrations)
    return { store, orders: ordersIn(store, () => now, seals), outbox: outboxIn(store, seals) }
  }
  const written = async (orders: ReturnType<typeof ordersIn>, ...letters: readonly Letter[]): Promise<Order> => {
    const order = orderOf({ state: 'certified' })
    await orders.add(order)
    return orders.update(order.id, (one) => ({ ...one, letters }))
  }

  it('are handed out to one process each, as they were written', async () => {
    const { orders, outbox } = await opened()
    const letters = Array.from({ length: 9 }, codeLetter)
    await written(orders, ...letters)
    const shares = await Promise.all(['a', 'b', 'c'].map((owner) => outbox.takeDue(timeAt(now, owner), 4)))
    const rest = await outbox.takeDue(timeAt(now), 10)
    const all = [...shares.flat(), ...rest]
    assert.equal(new Set(all.map(({ id }) => id)).size, 9)
    const byName = (one: Letter, two: Letter) => one.name.localeCompare(two.name)
    assert.deepEqual(all.map(({ letter }) => letter).sort(byName), letters.sort(byName))
  })
  it('are written once for each name', async () => {
    const { orders, outbox } = await opened()
    const letter: Letter = { kind: 'expiring', name: '90', content: { days: 90, notAfter: now.toISOString() } }
    const order = await written(orders, letter)
    await Promise.all([1, 2].map(() => orders.update(order.id, (one) => ({ ...one, letters: [letter] }))))
    assert.equal((await outbox.ofOrder(order.id)).length, 1)
  })
  it('are sent once, lose what was secret, and change the order with that', async () => {
    const { store, orders, outbox } = await opened()
    const order = await written(orders, codeLetter())
    const [dead] = await outbox.takeDue(timeAt(now), 1)
    const [heir] = await outbox.takeDue(timeAt(later(minute)), 1)
    assert.ok(dead && heir)
    const sent = { at: later(minute), as: 'sent' } as const
    const change = (one: Order) => movedFrom('certified', one, 'sendCode')
    assert.equal(await outbox.done(dead, sent, change), false)
    assert.equal((await orders.find(order.id))?.state, 'certified')
    assert.equal(await outbox.done(heir, sent, change), true)
    assert.equal((await orders.find(order.id))?.state, 'codeSent')
    assert.deepEqual(await outbox.takeDue(timeAt(later(9 * minute)), 9), [])
    const posted = { kind: 'accessCode', writtenAt: now, sentAt: later(minute), tries: 1 }
    assert.deepEqual(await outbox.ofOrder(order.id), [posted])
    const rows = await store.db.selectFrom('sp_letter').select('sealed_code').execute()
    assert.deepEqual(rows, [{ sealed_code: null }])
  })
  it('rest until they are tried again, or somebody is in a hurry', async () => {
    const { orders, outbox } = await opened()
    const order = await written(orders, codeLetter())
    const taken = async (at: Date) => (await outbox.takeDue(timeAt(at), 1))[0]
    const first = await taken(now)
    assert.ok(first)
    await outbox.again(first, later(5 * minute))
    assert.equal(await taken(later(2 * minute)), undefined)
    const second = await taken(later(5 * minute))
    assert.equal(second?.tries, 1)
    if (second !== undefined) await outbox.again(second, later(50 * minute))
    await outbox.hurry(order.id, later(6 * minute))
    assert.equal((await taken(later(6 * minute)))?.tries, 2)
  })
})

contractOf('PIN envelopes on their way', (open) => {
  const wanted = { attestation: octets(90), instanceAid: octets(10) }
  it('come to the turn that waits, once, and are not kept', async () => {
    const relay = pinRelayIn(await open<Tables>(migrations))
    const [id, envelope] = [randomUUID(), octets(114)]
    assert.equal(await relay.give(id, envelope, now), false)
    await relay.want(id, 'first', wanted, later(10))
    assert.deepEqual(await relay.wanted(id, now), wanted)
    assert.equal(await relay.wanted(id, later(10)), undefined, 'a process that died waits no longer')
    assert.equal(await relay.give(id, envelope, later(10)), false)
    assert.equal(await relay.stay(id, 'first', later(20)), true)
    assert.equal(await relay.give(id, envelope, later(10)), true)
    assert.equal(await relay.give(id, octets(114), later(10)), false, 'the first one counts')
    assert.equal(await relay.wanted(id, later(10)), undefined)
    assert.deepEqual(await relay.collect(id, 'first'), envelope)
    assert.equal(await relay.collect(id, 'first'), undefined)
  })
  it('for an envelope key of before go to nobody', async () => {
    const relay = pinRelayIn(await open<Tables>(migrations))
    const id = randomUUID()
    await relay.want(id, 'first', wanted, later(10))
    await relay.give(id, octets(114), now)
    await relay.want(id, 'second', wanted, later(10))
    assert.equal(await relay.collect(id, 'second'), undefined)
    assert.equal(await relay.stay(id, 'first', later(10)), false)
    await relay.forget(id, 'first')
    assert.deepEqual(await relay.wanted(id, now), wanted)
  })
})

contractOf('what is counted', (open) => {
  it('is counted for all who count, in each window by itself', async () => {
    const rates = ratesIn(await open<Tables>(migrations))
    const counts = await Promise.all(Array.from({ length: 8 }, () => rates.count('x', now)))
    assert.deepEqual(counts.sort(), [1, 2, 3, 4, 5, 6, 7, 8])
    assert.equal(await rates.count('y', now), 1)
    assert.equal(await rates.count('x', later(1)), 1)
    await rates.forgetBefore(later(1))
    assert.equal(await rates.count('x', now), 1)
    assert.equal(await rates.count('x', later(1)), 2)
  })
})

contractOf('the operator’s search', (open) => {
  it('finds by each mark and by all of them, page by page, and misses none', async () => {
    const store = await open<Tables>(migrations)
    const [orders, archive] = [ordersIn(store, () => now, seals), archiveIn(store)]
    const trouble = { code: 'peer.unreachable', detail: 'away', whose: 'mno-tsm' } as const
    const made = Array.from({ length: 12 }, (_, index) =>
      orderOf(
        {
          state: index % 2 === 0 ? 'codeSent' : 'verified',
          createdAt: later(Math.floor(index / 4)),
          ...(index % 3 === 0 && { setback: { trouble, count: 1, next: now } }),
        },
        { carrier: index < 6 ? 'A' : 'B' },
      ),
    )
    for (const one of made) await orders.add(one)
    const found = async (sought: Parameters<typeof archive.search>[0], size: number) => {
      const ids: string[] = []
      for (let after: Order | undefined; ; ) {
        const page = await archive.search(sought, size, after)
        ids.push(...page.map(({ id }) => id))
        after = page.at(-1)
        if (page.length < size) return ids
      }
    }
    const like = (holds: (one: Order, index: number) => boolean) =>
      made
        .filter(holds)
        .map(({ id }) => id)
        .sort()
    for (const size of [1, 3, 5, 100]) {
      const all = await found({}, size)
      assert.equal(new Set(all).size, 12)
      assert.equal(all.length, 12)
    }
    assert.deepEqual(
      (await found({ state: 'codeSent' }, 4)).sort(),
      like(({ state }) => state === 'codeSent'),
    )
    assert.deepEqual(
      (await found({ whose: 'mno-tsm' }, 3)).sort(),
      like((_, index) => index % 3 === 0),
    )
    assert.deepEqual(
      (await found({ waitsFor: 'user' }, 3)).sort(),
      like((one, index) => one.state === 'codeSent' && index % 3 !== 0),
    )
    assert.deepEqual(
      (await found({ carrier: 'B', state: 'verified', createdBefore: later(2) }, 3)).sort(),
      like((one, index) => index >= 6 && one.state === 'verified' && one.createdAt < later(2)),
    )
    assert.deepEqual(await found({ state: 'active' }, 3), [])
  })
})
