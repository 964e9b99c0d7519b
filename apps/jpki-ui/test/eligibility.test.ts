/** What the person is told before applying: what the phone sees, and what the carrier says. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { Refusal } from '@mobile-jpki/refusal'
import { hindrances } from '@mobile-jpki/sp-tsm/contract'
import { eligibility, type Hindering } from '../domain/index.ts'
import { texts } from '../texts/index.ts'
import { iccid, neighbours } from './neighbours.ts'

const readers = [
  { name: 'SIM1', present: true },
  { name: 'NFC', present: false },
] as const

let around: Awaited<ReturnType<typeof neighbours>>
before(async () => {
  around = await neighbours()
})
after(() => around.close())
beforeEach(() => {
  Object.assign(around.world, { sim: iccid, readers: [...readers], opens: undefined })
  around.world.eligibility = { eligible: true, hindrances: [], keyModes: ['central', 'on-card'] }
})

const unmet = async () =>
  (await eligibility(around.device)).parts
    .filter(({ met }) => met !== true)
    .map(({ part, met, found }) => [part, met, ...found.map(({ hindrance }) => hindrance)])

describe('whether phone and SIM are eligible', () => {
  it('is yes where nothing stands in the way, also while the SIM has no such application', async () => {
    for (const opens of [undefined, new Refusal('reference.not-found')]) {
      around.world.opens = opens
      const { eligible, keyModes } = await eligibility(around.device)
      assert.deepEqual([eligible, keyModes, await unmet()], [true, ['central', 'on-card'], []])
    }
    assert.equal(around.world.channels.at(-1), 'close')
  })

  it('is no without a SIM, and then nobody else is asked', async () => {
    around.world.sim = undefined
    around.world.eligibility = new Refusal('peer.failed')
    assert.deepEqual(await unmet(), [
      ['phone', 'unasked'],
      ['sim', false, 'noSim'],
      ['access', 'unasked'],
      ['carrier', 'unasked'],
    ])
  })

  it('is no for a phone that reads no cards, and where the SIM lets the app not in', async () => {
    around.world.readers = [{ name: 'SIM1', present: true }]
    around.world.opens = new Refusal('caller.not-allowed')
    assert.deepEqual(await unmet(), [
      ['nfc', false, 'noReader'],
      ['access', false, 'noAccess'],
    ])
    assert.equal((await eligibility(around.device)).eligible, false)
  })

  for (const hindrance of hindrances)
    it(`tells ${hindrance} at the part that it is about, with the carrier’s sentence`, async () => {
      around.world.eligibility = {
        eligible: false,
        hindrances: [{ hindrance, detail: 'as it is' }],
        keyModes: [],
      }
      const { eligible, parts } = await eligibility(around.device)
      const found = parts.flatMap(({ found }) => found)
      assert.deepEqual([eligible, found], [false, [{ hindrance, detail: 'as it is' }]])
      const said: Hindering = hindrance
      for (const { eligibility: words } of Object.values(texts))
        assert.ok(words.hindrance[said].text.length > 0 && words.hindrance[said].whatToDo.length > 0)
    })

  it('is not known while SP-TSM or the card does not answer', async () => {
    around.world.eligibility = new Refusal('peer.unreachable')
    await assert.rejects(eligibility(around.device), { code: 'peer.unreachable' })
    around.world.eligibility = { eligible: true, hindrances: [], keyModes: [] }
    around.world.opens = new Refusal('card.absent')
    await assert.rejects(eligibility(around.device), { code: 'card.absent' })
  })
})
