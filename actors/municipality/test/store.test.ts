/** The counter's register, on SQLite and on PostgreSQL. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { it } from 'node:test'
import { contractOf } from '@mobile-jpki/store/contract'
import type { Act, Resident } from '../domain/resident.ts'
import type { Residents } from '../domain/world.ts'
import { residentsIn } from '../store/residents.ts'
import { migrations, type Tables } from '../store/tables.ts'

const items = {
  name: '見本　花子',
  kana: 'ミホン　ハナコ',
  address: '東京都千代田区霞が関二丁目１番２号',
  birthDate: '1992-02-29',
  gender: 'female',
} as const
const cardless = (id: string): Resident => ({ id, state: 'cardless', items, municipality: '13101' })
const card = (number = randomUUID()) => ({ number, expires: '2036-02-29', auth: '41aa', sign: '41bb' })
const issue: Act = { event: 'issue', card: { number: '1310100000000001', expires: '2036-02-29' } }

contractOf('residents', (open) => {
  const opened = async (): Promise<Residents> => residentsIn((await open<Tables>(migrations)).db)

  it('keeps a resident whole, in every state', async () => {
    const residents = await opened()
    const carded: Resident = { ...cardless('a'), state: 'carded', card: card(), knownBy: '41aa' }
    const { sign: _, ...child } = card()
    for (const resident of [
      cardless('b'),
      carded,
      { ...cardless('c'), card: child },
      { ...carded, id: 'd', card: card(), act: issue },
    ]) {
      assert.ok(await residents.add(resident))
      assert.deepEqual(await residents.find(resident.id), resident)
    }
    assert.deepEqual(
      (await residents.all()).map(({ id }) => id),
      ['b', 'a', 'c', 'd'],
    )
    assert.deepEqual(await residents.unfinished(), ['d'])
    assert.equal(await residents.find('e'), undefined)
  })

  it('lets whoever is there stay', async () => {
    const residents = await opened()
    assert.deepEqual(
      [await residents.add(cardless('a')), await residents.add({ ...cardless('a'), state: 'dead' })],
      [true, false],
    )
    assert.deepEqual(await residents.find('a'), cardless('a'))
  })

  it('begins one act at a time, in the state that it was meant for, with its PINs; the outcome ends both', async () => {
    const residents = await opened()
    await residents.add(cardless('a'))
    const pins = Uint8Array.of(1, 2, 3)
    assert.ok(!(await residents.begin({ ...cardless('a'), state: 'carded' }, issue, pins)))
    const begun = await Promise.all([1, 2, 3].map(() => residents.begin(cardless('a'), issue, pins)))
    assert.deepEqual(begun.filter(Boolean), [true])
    assert.deepEqual((await residents.find('a'))?.act, issue)
    assert.deepEqual(await residents.sealedPins('a'), pins)
    const outcome: Resident = { ...cardless('a'), state: 'carded', card: card(), knownBy: '41aa' }
    await residents.end(outcome)
    assert.deepEqual(await residents.find('a'), outcome)
    assert.equal(await residents.sealedPins('a'), undefined)
  })

  it('forgets whom it never got a card for', async () => {
    const residents = await opened()
    await residents.add({ ...cardless('a'), act: issue }, Uint8Array.of(1))
    await residents.remove('a')
    assert.equal(await residents.find('a'), undefined)
  })
})
