/** A phone's numbers as people type them. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ApplicationForm } from '@mobile-jpki/sp-tsm/contract'
import fc from 'fast-check'
import { flawOfIccid, flawOfMsisdn, groupedIccid, iccidIn, msisdnIn } from '../domain/numbers.ts'

const { msisdn: Msisdn, iccid: Iccid } = ApplicationForm.shape

describe('a phone number', () => {
  for (const typed of [
    '09000000001',
    '090-0000-0001',
    '０９０ー００００ー０００１',
    '(090) 0000 0001',
    '+81 90-0000-0001',
    '0081 90 0000 0001',
  ])
    it(`is read from ${typed}`, () => {
      assert.equal(msisdnIn(typed), '09000000001')
      assert.equal(flawOfMsisdn(typed), undefined)
    })

  for (const [typed, flaw] of [
    ['', 'empty'],
    ['  ', 'empty'],
    ['090-OOOO-0001', 'characters'],
    ['03-3000-0000', 'notMobile'],
    ['0120-000-000', 'notMobile'],
    ['090-0000-000', 'length'],
    ['090-0000-00001', 'length'],
    ['+1 90 0000 0001', 'characters'],
  ] as const)
    it(`is not read from “${typed}”: ${flaw}`, () => assert.equal(flawOfMsisdn(typed), flaw))

  it('without a flaw is one that the form takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (typed) => {
        if (flawOfMsisdn(typed) === undefined) assert.ok(Msisdn.safeParse(msisdnIn(typed)).success)
      }),
    )
  })
})

describe('the number of a SIM', () => {
  for (const typed of [
    '89811000000000000129',
    '8981 1000 0000 0000 0129',
    '８９８１１００００００００００００１２９',
    '89811000000000000129F',
  ])
    it(`is read from ${typed}`, () => {
      assert.equal(iccidIn(typed), '89811000000000000129')
      assert.equal(flawOfIccid(typed), undefined)
    })

  for (const [typed, flaw] of [
    ['', 'empty'],
    ['8981 1000 OOOO 0000 0129', 'characters'],
    ['12345678901234567890', 'prefix'],
    ['8981100000000000', 'length'],
    ['898110000000000001290', 'length'],
    ['8981100022152967706', 'mistyped'],
  ] as const)
    it(`is not read from “${typed}”: ${flaw}`, () => assert.equal(flawOfIccid(typed), flaw))

  it('of nineteen digits is found mistyped when any one digit is another', () => {
    const right = '8981100022152967705'
    assert.equal(flawOfIccid(right), undefined)
    for (let at = 2; at < right.length; at++)
      for (let by = 1; by < 10; by++) {
        const other = (Number(right[at]) + by) % 10
        assert.equal(flawOfIccid(`${right.slice(0, at)}${other}${right.slice(at + 1)}`), 'mistyped')
      }
  })

  it('without a flaw is one that the form takes, and is shown in groups of four', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^89[\d -]{14,22}$/), (typed) => {
        if (flawOfIccid(typed) !== undefined) return
        assert.ok(Iccid.safeParse(iccidIn(typed)).success)
        assert.equal(groupedIccid(iccidIn(typed)).replaceAll(' ', ''), iccidIn(typed))
      }),
    )
  })
})
