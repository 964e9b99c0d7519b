/** What the benchmarks compute with: figures, shares, persons, parts of a profile, work kept going. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { simTypes } from '../../carriers/carriers.ts'
import { checkDigit } from '../../carriers/iccid.ts'
import { hanako, type TestPerson, testPerson } from '../../town/people.ts'
import { flights, shareIn } from '../download/flights.ts'
import { median, quantile, spreadOf } from '../figures.ts'
import { keepGoing } from '../load.ts'
import { partsOf } from '../parts.ts'
import { columns, figure } from '../table.ts'

const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 })

describe('a figure', () => {
  it('in the middle has as many below as above', () => {
    assert.deepEqual([median([3, 1, 2]), median([4, 1, 2, 3]), quantile([5, 1, 4, 2, 3], 0.95)], [2, 2.5, 5])
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1 }), (values) => {
        const { median, lowest, highest } = spreadOf(values)
        assert.ok(lowest <= median && median <= highest)
        assert.ok(values.includes(quantile(values, 0.95)))
      }),
    )
  })

  it('is shown with three digits, in columns', () => {
    assert.deepEqual([figure(0.12345), figure(1234567), figure(Number.NaN)], ['0.123', '1,235,000', 'none'])
    assert.equal(
      columns([
        ['', 'n'],
        ['one', '1'],
        ['three', '10'],
      ]),
      '          n\n  one     1\n  three  10',
    )
  })
})

describe('a download that the clock cuts', () => {
  const clock = { from: 10, to: 20 }
  it('counts by its share of time', () => {
    assert.deepEqual(
      [
        [12, 14],
        [5, 15],
        [18, 22],
        [0, 40],
        [1, 9],
        [21, 30],
        [15, 15],
      ].map(([start = 0, end = 0]) => shareIn(clock, { start, end })),
      [1, 0.5, 0.5, 0.25, 0, 0, 1],
    )
  })

  it('is waited for, and a failed one says why', async () => {
    let at = 0
    const all = flights(
      () => at++,
      (error) => String(error),
    )
    const late = Promise.withResolvers<void>()
    void all.fly(() => late.promise)
    await all.fly(async () => Promise.reject('no'))
    late.resolve()
    assert.deepEqual(await all.landedSince(0), [
      { start: 1, end: 2, failure: 'no' },
      { start: 0, end: 3, failure: undefined },
    ])
    assert.deepEqual(await all.landedSince(4), [])
  })
})

describe('test persons', () => {
  it('are all different, with an ICCID that checks', () => {
    const some = [1, 2, 9, 10, 99_999].flatMap((number) => [
      testPerson(number, 'fleet'),
      testPerson(number, 'phone', simTypes[number % simTypes.length]?.name),
    ])
    for (const of of [
      ({ sim }: TestPerson) => sim.iccid,
      ({ mail }: TestPerson) => mail,
      ({ phone }: TestPerson) => phone.msisdn,
      ({ card }: TestPerson) => card.serialNumber,
      ({ fourItems }: TestPerson) => fourItems.name,
    ])
      assert.equal(new Set([hanako, ...some].map(of)).size, some.length + 1)
    for (const { sim } of [hanako, ...some]) assert.equal(checkDigit(sim.iccid.slice(0, -1)), sim.iccid.at(-1))
  })
})

describe('a profile', () => {
  const node = (id: number, url: string, children: number[] = [], functionName = '') => ({
    id,
    callFrame: { functionName, url },
    children,
  })
  it('is divided among the nearest actors, then packages, then libraries', () => {
    const nodes = [
      node(1, '', [2, 6, 7], '(root)'),
      node(2, 'file:///x/actors/sim/index.ts', [3]),
      node(3, 'file:///x/standards/tlv/wire.ts', [4]),
      node(4, 'node:buffer'),
      node(6, 'file:///x/node_modules/@scope/lib/a.js'),
      node(7, '', [], '(idle)'),
    ]
    assert.deepEqual(partsOf({ nodes, samples: [4, 2, 6, 7], timeDeltas: [1000, 2000, 4000, 8000] }), {
      'actors/sim': 3,
      '@scope/lib': 4,
    })
  })
})

describe('work kept going', () => {
  it('is done so many times at once until none is left', async () => {
    let [left, now, most] = [10, 0, 0]
    const load = keepGoing(3, () => {
      if (left === 0) return undefined
      left -= 1
      return async () => {
        now += 1
        most = Math.max(most, now)
        await Promise.resolve()
        now -= 1
      }
    })
    await load.exhausted
    await load.stop()
    assert.deepEqual([load.done, most, left], [10, 3, 0])
  })
})
