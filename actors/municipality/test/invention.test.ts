/** Invented people: the same for the same seed, plausible for every one, and of the kinds that break programs. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { dice, inventFamilyName, inventPerson } from '../domain/invention.ts'
import { checkItems, municipalityOf } from '../domain/items.ts'
import { municipalities, placeOf } from '../domain/municipalities.ts'

const at = new Date('2026-11-22T03:00:00Z')
const seeds = fc.integer({ min: 0, max: 0xffff_ffff })

describe('an invented person', () => {
  it('is the same for the same seed, and another for another', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        assert.deepEqual(inventPerson(seed), inventPerson(seed))
      }),
    )
    const persons = Array.from({ length: 500 }, (_, seed) => JSON.stringify(inventPerson(seed)))
    assert.ok(new Set(persons).size > 495)
  })

  it('has entries that the counter takes, before and after a wedding', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { municipality, ...items } = inventPerson(seed)
        checkItems(items, municipality, at)
        const married = { ...items, ...inventFamilyName(dice(seed), items) }
        checkItems(married, municipality, at)
        assert.notEqual(married.name, items.name)
        assert.equal(married.name.split('　')[1], items.name.split('　')[1])
      }),
    )
  })

  it('is now and then a child, or born on 29 February, and lives everywhere', () => {
    const persons = Array.from({ length: 2000 }, (_, seed) => inventPerson(seed))
    const share = (of: (person: (typeof persons)[number]) => boolean) => persons.filter(of).length / persons.length
    assert.ok(share(({ birthDate }) => birthDate > '2011-11-22') > 0.1)
    assert.ok(share(({ birthDate }) => birthDate.endsWith('-02-29')) > 0.05)
    assert.ok(share(({ gender }) => gender === 'other') > 0.01)
    assert.equal(new Set(persons.map(({ municipality }) => municipality)).size, municipalities.length)
  })
})

describe('municipalities', () => {
  it('have codes of five digits that begin with the prefecture, each once', () => {
    assert.equal(new Set(municipalities.map(({ code }) => code)).size, municipalities.length)
    for (const { code } of municipalities) assert.match(code, /^(?:0[1-9]|[1-3]\d|4[0-7])\d{3}$/)
    assert.equal(new Set(municipalities.map(({ code }) => code.slice(0, 2))).size, 47)
  })

  it('have one prefecture for the first two digits, in Japanese and in letters', () => {
    for (const of of [
      ({ prefecture }: (typeof municipalities)[number]) => prefecture,
      ({ inJapanese }: (typeof municipalities)[number]) => /^.{2,3}?[都道府県]/.exec(inJapanese)?.[0],
    ])
      for (const [digits, group] of Map.groupBy(municipalities, ({ code }) => code.slice(0, 2)))
        assert.equal(new Set(group.map(of)).size, 1, digits)
  })

  it('are found by the address; an address without one is refused', () => {
    assert.equal(municipalityOf('東京都清瀬市本町一丁目', undefined), '13221')
    assert.equal(municipalityOf(undefined, undefined), undefined)
    assert.throws(() => municipalityOf('月面', undefined), { code: 'request.malformed' })
    assert.throws(() => placeOf('00000'), { code: 'reference.not-found' })
  })
})
