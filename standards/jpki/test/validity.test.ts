/** Validity and the four recorded items: dates and their edges. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { otherNameText } from '@mobile-jpki/pkix'
import fc from 'fast-check'
import { fourItemIds, fourItemNames } from '../certificate/four-items.ts'
import { birthdayAfter, dayInJapan, endOfDay, mayHaveSignCertificate, notAfterOf } from '../certificate/validity.ts'

const far = endOfDay('2099-12-31')
const iso = (date: Date) => date.toISOString().replace('.000', '')

describe('validity', () => {
  it('runs to the fifth birthday after issue: a certificate seen, issued 2025-10-27 for a birthday on 17 February', () => {
    const terms = { issuedAt: new Date('2025-10-27T03:00:00Z'), birthDate: '1985-02-17', notBeyond: [far] }
    assert.equal(iso(notAfterOf(terms)), '2030-02-17T14:59:59Z')
    assert.equal(iso(notAfterOf({ ...terms, birthdays: 6 })), '2031-02-17T14:59:59Z')
  })

  it('never goes beyond the card, nor a phone beyond the certificate of the card', () => {
    const terms = { issuedAt: new Date('2025-10-27T03:00:00Z'), birthDate: '1985-02-17' }
    const card = endOfDay('2028-02-17')
    assert.equal(iso(notAfterOf({ ...terms, notBeyond: [card] })), '2028-02-17T14:59:59Z')
    assert.equal(iso(notAfterOf({ ...terms, notBeyond: [far, endOfDay('2027-02-17')] })), '2027-02-17T14:59:59Z')
  })

  it('counts days as they are in Japan', () => {
    assert.equal(dayInJapan(new Date('2026-02-16T14:59:59Z')), '2026-02-16')
    assert.equal(dayInJapan(new Date('2026-02-16T15:00:00Z')), '2026-02-17')
    // Issued on the birthday itself: that one is not after the issue.
    assert.equal(birthdayAfter('2026-02-17', '1985-02-17', 1), '2027-02-17')
    assert.equal(birthdayAfter('2026-02-16', '1985-02-17', 1), '2026-02-17')
  })

  it('has the birthday of 29 February on the 28th of a common year', () => {
    assert.equal(birthdayAfter('2024-03-01', '2000-02-29', 1), '2025-02-28')
    assert.equal(birthdayAfter('2024-03-01', '2000-02-29', 4), '2028-02-29')
  })

  it('always ends between four and five years after the issue, when nothing else ends it', () => {
    const day = { min: new Date('2000-01-01'), max: new Date('2090-01-01'), noInvalidDate: true }
    fc.assert(
      fc.property(fc.date(day), fc.date(day), (issuedAt, birth) => {
        const notAfter = notAfterOf({ issuedAt, birthDate: dayInJapan(birth), notBeyond: [] })
        const years = (notAfter.getTime() - issuedAt.getTime()) / (365.2425 * 86_400_000)
        return years > 3.99 && years < 5.01 && notAfter.toISOString().endsWith('T14:59:59.000Z')
      }),
      { numRuns: 200 },
    )
  })

  it('gives no sign certificate before the fifteenth birthday', () => {
    assert.ok(!mayHaveSignCertificate('2011-05-02', new Date('2026-05-01T14:59:59Z')))
    assert.ok(mayHaveSignCertificate('2011-05-02', new Date('2026-05-01T15:00:00Z')))
  })

  it('refuses what is no date', () => {
    for (const wrong of ['2026-02-29', '2026-13-01', '20260101', '']) assert.throws(() => endOfDay(wrong), RangeError)
  })
})

describe('the four items', () => {
  const written = (birthDate: string) =>
    otherNameText(
      fourItemNames({ name: '山田　𠮷', address: '東京都', birthDate, gender: 'other' }),
      fourItemIds.birthDate,
    )

  it('write the birth date with the digit of its era and the Gregorian year', () => {
    assert.equal(written('2019-05-01'), '520190501')
    assert.equal(written('2019-04-30'), '420190430')
    assert.equal(written('1989-01-07'), '319890107')
    assert.equal(written('1926-12-24'), '219261224')
    assert.equal(written('1912-07-29'), '119120729')
    assert.equal(written('1867-01-01'), '018670101')
  })

  it('stand in the order of a real card, with a digit for each character', () => {
    const names = fourItemNames({ name: '山田　𠮷', address: '東京都', birthDate: '1990-01-01', gender: 'male' })
    const ids = names.map((name) => (name.kind === 'otherName' ? name.value.typeId.slice(-1) : '?'))
    assert.equal(ids.join(''), '143526')
    assert.equal(otherNameText(names, fourItemIds.nameSubstitutes), '0000')
    assert.equal(otherNameText(names, fourItemIds.addressSubstitutes), '000')
  })
})
