/** How far a download is, in steps and in percent. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { downloadSteps, type Progress, percentOf, placeOf } from '../domain/index.ts'

const at = (changes: Partial<Progress>): Progress => ({
  state: 'authenticated',
  apdus: 0,
  octets: 0,
  pin: 'later',
  waiting: false,
  ...changes,
})
const list = (step: '⑮' | '⑱', carried: number, octets = 20_000) => ({ step, carried, octets })

/** A download as it goes, with an opening before each list that writes. */
const going: readonly Progress[] = [
  at({}),
  at({ apdus: 3, list: list('⑮', 300, 300) }),
  at({ apdus: 10, list: list('⑮', 0) }),
  at({ apdus: 50, list: list('⑮', 10_000) }),
  at({ apdus: 100, list: list('⑮', 20_000) }),
  at({ apdus: 100, state: 'domainReady', list: list('⑮', 20_000) }),
  at({ apdus: 103, state: 'appletInstalled', list: list('⑱', 300, 300) }),
  at({ apdus: 103, state: 'appletInstalled', pin: 'wanted', list: list('⑱', 300, 300) }),
  at({ apdus: 103, state: 'appletInstalled', pin: 'given', list: list('⑱', 1_500, 3_000) }),
  at({ apdus: 120, state: 'delivered', pin: 'given', list: list('⑱', 3_000, 3_000) }),
  at({ apdus: 121, state: 'active', pin: 'given' }),
]

describe('the progress of a download', () => {
  it('names the steps ⑫ to ⑱ one after the other', () => {
    assert.deepEqual(
      going.map((one) => downloadSteps[placeOf(one)] ?? 'done'),
      ['deployment', ...Array(5).fill('applet'), 'certificate', 'pin', 'pin', 'proof', 'done'],
    )
  })

  it('never goes back, moves with the octets in the SIM, and is 100 at the end alone', () => {
    const percents = going.map(percentOf)
    assert.deepEqual(percents, [5, 10, 10, 37, 65, 65, 65, 75, 85, 95, 100])
    assert.deepEqual(
      percents,
      percents.toSorted((one, other) => one - other),
    )
  })

  it('moves by steps alone where nobody counts octets', () => {
    const overTheAir = [at({}), at({ state: 'appletInstalled' }), at({ state: 'delivered', pin: 'given' })]
    assert.deepEqual(overTheAir.map(percentOf), [5, 65, 95])
  })

  it('is a whole number below 100 whatever the phone says, until the certificate is in use', () => {
    const wild = fc.record({
      state: fc.constantFrom('authenticated', 'domainReady', 'appletInstalled', 'delivered'),
      apdus: fc.nat(),
      octets: fc.nat(),
      pin: fc.constantFrom('later', 'wanted', 'given'),
      waiting: fc.boolean(),
      list: fc.record({ step: fc.constantFrom('⑮', '⑱'), octets: fc.nat(), carried: fc.nat() }),
    })
    fc.assert(
      fc.property(wild as fc.Arbitrary<Progress>, (one) => {
        const percent = percentOf(one)
        return Number.isInteger(percent) && percent >= 5 && percent <= 99
      }),
    )
  })
})
