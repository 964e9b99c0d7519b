/** The publisher at work: what is due is made, a fault is told and tried again, nobody waits for ever. RFC 5280 §5. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ListHead, ListScope } from '../../domain/world.ts'
import { publishing, type Rhythm } from '../publishing.ts'

const head: ListHead = { number: 1, thisUpdate: new Date(0) }
const partition: ListScope = { authority: 'sign', generation: 1, partition: '13221' }
const full: ListScope = { authority: 'sign', generation: 1 }
const quick: Rhythm = { sweepMilliseconds: 2, patienceMilliseconds: 50, longMilliseconds: 0, rest: 0 }

const noFault = (error: unknown): void => assert.fail(String(error))

/** What is due until it is brought; `fails` says how often it cannot be. */
function lists(fails = 0) {
  const due = new Set<ListScope>()
  const brought: ListScope[] = []
  const waiters: { readonly count: number; readonly resolve: () => void }[] = []
  let failures = fails
  return {
    brought,
    due: async () => [...due],
    add: (...scopes: readonly ListScope[]) => scopes.forEach((scope) => void due.add(scope)),
    bring: async (scope: ListScope): Promise<ListHead> => {
      if (failures-- > 0) throw new Error('the token is away')
      due.delete(scope)
      brought.push(scope)
      for (const { count, resolve } of waiters) if (brought.length >= count) resolve()
      return head
    },
    /** Until so many lists were brought. */
    until: (count: number) =>
      brought.length >= count ? Promise.resolve() : new Promise<void>((resolve) => waiters.push({ count, resolve })),
  }
}

describe('what is due', () => {
  it('is made at the beginning, and when it becomes due', async () => {
    const source = lists()
    source.add(full)
    const work = publishing(source, noFault, quick)
    work.begin()
    await source.until(1)
    source.add(partition)
    await source.until(2)
    await work.end()
    assert.deepEqual(source.brought, [full, partition])
  })
  it('is tried again after a fault, of which somebody hears', async () => {
    const source = lists(2)
    source.add(full)
    const faults: unknown[] = []
    const work = publishing(source, (error) => faults.push(error), quick)
    work.begin()
    await source.until(1)
    await work.end()
    assert.equal(faults.length, 2)
  })
  it('is looked for again when the register did not answer', async () => {
    const source = lists()
    source.add(full)
    let times = 0
    const due = () => (times++ === 0 ? Promise.reject(new Error('no database')) : source.due())
    const faults: unknown[] = []
    const work = publishing({ ...source, due }, (error) => faults.push(error), quick)
    work.begin()
    await source.until(1)
    await work.end()
    assert.equal(faults.length, 1)
  })
  it('rests the longer the longer it took, while others go on', async () => {
    const source = lists()
    const slow = async (scope: ListScope) => {
      if (scope === full) await new Promise((resolve) => setTimeout(resolve, 5))
      return source.bring(scope)
    }
    source.add(full)
    const work = publishing({ ...source, bring: slow }, noFault, { ...quick, rest: 1_000_000 })
    work.begin()
    await source.until(1)
    source.add(full, partition)
    await source.until(2)
    await work.end()
    assert.deepEqual(source.brought, [full, partition])
  })
})

describe('a revocation', () => {
  it('waits for its list, and wakes the rest', async () => {
    const source = lists()
    const work = publishing(source, noFault, { ...quick, sweepMilliseconds: 1_000_000 })
    work.begin()
    source.add(full, partition)
    await work.announce([partition])
    assert.ok(source.brought.includes(partition))
    await source.until(2)
    await work.end()
  })
  it('is answered though its list cannot be made, or not for long', async () => {
    const faults: unknown[] = []
    const failing = publishing(lists(1), (error) => faults.push(error), quick)
    await failing.announce([partition])
    assert.equal(faults.length, 1)
    const hanging = publishing({ due: async () => [], bring: () => new Promise(() => {}) }, noFault, quick)
    await hanging.announce([partition])
    await failing.end()
    await hanging.end()
  })
})

it('ends at once, whatever it waits for', async () => {
  const work = publishing(lists(), noFault, { ...quick, sweepMilliseconds: 1_000_000 })
  work.begin()
  await work.end()
})
