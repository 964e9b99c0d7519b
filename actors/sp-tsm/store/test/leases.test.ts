/** Leases in both databases: one hand at a time, nothing written without it, and what is due found by everybody together. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { contractOf } from '@mobile-jpki/store/contract'
import fc from 'fast-check'
import { orderStates } from '../../contract.ts'
import { moved } from '../../domain/order.ts'
import { type Lease, LeaseLost, type LeaseTime } from '../../domain/orders.ts'
import { leasesIn } from '../leases.ts'
import { ordersIn } from '../orders.ts'
import { migrations, type Tables } from '../tables.ts'
import { later, now, orderOf, seals } from './made.ts'

const minute = 60_000
const timeAt = (at: Date, owner = 'one', long = minute): LeaseTime => ({
  owner,
  now: at,
  until: new Date(at.getTime() + long),
})
const lost = (error: unknown) => error instanceof LeaseLost

contractOf('leases of orders', (open) => {
  const opened = async () => {
    const store = await open<Tables>(migrations)
    return { orders: ordersIn(store, () => now, seals), leases: leasesIn(store, seals) }
  }

  it('are of what SP-TSM has to do: its own steps, what is out of time, what is owed, what is tried again now', async () => {
    const { orders, leases } = await opened()
    for (const state of orderStates)
      for (const codeExpires of [later(-1), now, later(1)])
        await orders.add(
          orderOf({ state, codeExpires, createdAt: later(-minute), sealedAccessCode: new Uint8Array(9) }),
        )
    const trouble = { code: 'peer.unreachable', detail: 'away' } as const
    const owed = orderOf({ state: 'failed', discardOwed: true })
    const uncleared = orderOf({ state: 'cancelled', terminateOwed: true })
    const resting = orderOf({ state: 'verified', setback: { trouble, count: 1, next: later(1) } })
    const rested = orderOf({ state: 'verified', setback: { trouble, count: 1, next: now } })
    const mailed = orderOf({ state: 'certified' })
    const air = orderOf({ state: 'domainReady', bearer: 'scp80' })
    for (const one of [owed, uncleared, resting, rested, mailed, air]) await orders.add(one)
    const expiring = ['codeSent', 'authenticated', 'domainReady', 'appletInstalled']
    const expected = orderStates.flatMap((state) =>
      ['applied', 'verified', 'certified'].includes(state)
        ? [state, state, state]
        : expiring.includes(state)
          ? [state, state]
          : [],
    )
    const taken = await leases.takeDue(timeAt(now), 100)
    const found = taken.map(({ order }) => order)
    assert.deepEqual(
      found.map(({ state }) => state).sort(),
      [...expected, 'failed', 'cancelled', 'verified', 'domainReady'].sort(),
    )
    for (const one of [owed, uncleared, rested, air]) assert.ok(found.some(({ id }) => id === one.id))
    assert.deepEqual(await leases.takeDue(timeAt(now, 'two'), 100), [])
  })
  it('are given to each of many who ask at once, none twice, those that wait longest first', async () => {
    const { orders, leases } = await opened()
    for (let index = 0; index < 30; index++)
      await orders.add(orderOf({ state: 'verified', createdAt: later(-index - 1) }))
    const [first] = await leases.takeDue(timeAt(now, 'first'), 1)
    assert.equal(first?.order.createdAt.getTime(), later(-30).getTime())
    const shares = await Promise.all(['a', 'b', 'c', 'd'].map((owner) => leases.takeDue(timeAt(now, owner), 10)))
    const rest = await leases.takeDue(timeAt(now, 'e'), 100)
    const all = [...shares.flat(), ...rest].map(({ order }) => order.id)
    assert.equal(all.length, 29)
    assert.equal(new Set(all).size, 29)
    for (const share of shares) assert.ok(share.length <= 10)
  })
  it('let nobody write who lost them, and nobody renew or give back what is another’s', async () => {
    const { orders, leases } = await opened()
    const order = orderOf({ state: 'verified' })
    await orders.add(order)
    const [dead] = await leases.takeDue(timeAt(now, 'dead'), 1)
    assert.ok(dead)
    assert.deepEqual(await leases.takeDue(timeAt(later(minute - 1), 'heir'), 1), [])
    const [heir] = await leases.takeDue(timeAt(later(minute), 'heir'), 1)
    assert.ok(heir)
    const certify = (lease: Lease) => orders.update(order.id, (one) => moved(one, 'certify'), lease)
    await assert.rejects(certify(dead.lease), lost)
    assert.equal(await leases.renew(dead.lease, later(9 * minute)), false)
    await leases.release(dead.lease)
    assert.equal(await leases.take(order.id, timeAt(later(minute), 'third')), undefined)
    assert.equal((await certify(heir.lease)).state, 'certified')
    assert.equal(await leases.renew(heir.lease, later(3 * minute)), true)
    assert.equal(await leases.take(order.id, timeAt(later(2 * minute + 1), 'third')), undefined)
    await leases.release(heir.lease)
    assert.equal((await leases.take(order.id, timeAt(later(1), 'third')))?.lease.owner, 'third')
  })
  it('may be taken by force, by the phone that comes again', async () => {
    const { orders, leases } = await opened()
    const order = orderOf({ state: 'authenticated' })
    await orders.add(order)
    const before = await leases.take(order.id, timeAt(now))
    const after = await leases.take(order.id, timeAt(now, 'again'), 'force')
    assert.ok(before && after && after.lease.token > before.lease.token)
    await assert.rejects(
      orders.update(order.id, (one) => ({ ...one, phoneCertificate: '4f' }), before.lease),
      lost,
    )
    assert.equal(await leases.take('00000000-0000-4000-8000-000000000000', timeAt(now), 'force'), undefined)
  })

  /** What two processes may do with one order, in any sequence, with any time between. */
  const step = fc.record({
    process: fc.constantFrom('a', 'b', 'c'),
    act: fc.constantFrom('take', 'force', 'write', 'renew', 'release'),
    passes: fc.nat(2 * minute),
  })
  it('are one hand at a time, whatever processes do and whenever: only the last that took it writes', async () => {
    const { orders, leases } = await opened()
    const walk = async (steps: readonly { process: string; act: string; passes: number }[]) => {
      const order = orderOf({ state: 'verified' })
      await orders.add(order)
      const held = new Map<string, Lease>()
      let [at, holder, until, writes] = [now, '', now, 0]
      for (const { process, act, passes } of steps) {
        at = new Date(at.getTime() + passes)
        const own = held.get(process)
        const holds = own !== undefined && holder === process
        if (act === 'take' || act === 'force') {
          const taken = await leases.take(order.id, timeAt(at, process), act === 'force' ? 'force' : undefined)
          assert.equal(taken !== undefined, act === 'force' || until <= at)
          if (taken === undefined) continue
          held.set(process, taken.lease)
          ;[holder, until] = [process, new Date(at.getTime() + minute)]
        } else if (own === undefined) continue
        else if (act === 'write') {
          const writing = orders.update(order.id, (one) => ({ ...one, wrongTries: one.wrongTries + 1 }), own)
          if (holds) writes += (await writing).wrongTries - writes
          else await assert.rejects(writing, lost)
        } else if (act === 'renew') {
          assert.equal(await leases.renew(own, new Date(at.getTime() + minute)), holds)
          if (holds) until = new Date(at.getTime() + minute)
        } else {
          await leases.release(own)
          if (holds) until = now
        }
      }
      assert.equal((await orders.find(order.id))?.wrongTries, writes)
    }
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 25 }), walk), { numRuns: 40 })
  })
})
