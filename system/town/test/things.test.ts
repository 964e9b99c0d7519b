/** Hands in a running town: card, phone and SIMs are moved by its endpoints, and lie where they lay after a restart. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { describeDevice } from '@mobile-jpki/phone/contract'
import { Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service'
import { buySim, describeDesk, insertSim, layCard, putPhone } from '../../desk/contract.ts'
import { openTown, type StoryTown } from '../../stories/stage/town.ts'
import { describeReader, resetOnReader } from '../readers/contract.ts'

const refusal = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code

describe('the things of a town', () => {
  let town: StoryTown
  before(async () => {
    town = await openTown({ cardAt: 'table' })
  })
  after(() => town?.[Symbol.asyncDispose]())

  const hands = () => ({ url: town.places.town, actor: 'system', as: 'user' }) as const
  const device = () => call({ url: town.places.phone, actor: 'phone', as: 'user' }, describeDevice, {})
  const isOnPhone = async () => (await device()).readers.find(({ name }) => name === 'NFC')?.present

  it('lay a card on the phone and take it away, while the phone runs', async () => {
    assert.equal(await isOnPhone(), false)
    await call(hands(), layCard, { at: 'phone' })
    assert.equal(await isOnPhone(), true)
    await call(hands(), layCard, { at: 'table' })
    assert.equal(await isOnPhone(), false)
    await assert.rejects(call(hands(), layCard, { at: 'phone', of: 'nobody' }), refusal('reference.not-found'))
    assert.equal((await call(hands(), describeDesk, {})).card.at, 'table')
  })

  it('lie on a reader one at a time, and answer there', async () => {
    const there = { reader: 'payment' } as const
    await assert.rejects(call(hands(), resetOnReader, there), refusal('card.absent'))
    await call(hands(), layCard, { at: 'payment' })
    const card = (await call(hands(), resetOnReader, there)).answerToReset
    await assert.rejects(call(hands(), putPhone, { at: 'payment' }), refusal('conditions.not-satisfied'))
    await call(hands(), layCard, { at: 'table' })
    assert.equal((await call(hands(), describeReader, there)).present, false)
    await call(hands(), putPhone, { at: 'payment' })
    assert.notDeepEqual((await call(hands(), resetOnReader, there)).answerToReset, card)
  })

  it('change SIMs, of the same carrier and of another, and keep all of it over a restart', async () => {
    const [first] = (await call(hands(), describeDesk, {})).sims
    await call(hands(), insertSim, {})
    assert.equal((await device()).iccid, undefined)
    await assert.rejects(call(hands(), insertSim, { iccid: '89811099999999999999' }), refusal('reference.not-found'))
    for (const [simType, carrier] of [
      ['a-uicc-2016', 'carrier-a'],
      ['b-uicc-2015', 'carrier-b'],
    ] as const) {
      const bought = (await call(hands(), buySim, { simType })).sims.find(({ hasLine }) => hasLine)
      assert.ok(bought && bought.iccid !== first?.iccid)
      await call(hands(), insertSim, { iccid: bought.iccid })
      const { iccid, carrier: told } = await device()
      assert.deepEqual([iccid, told], [bought.iccid, carrier])
    }
    await call(hands(), putPhone, { at: 'lost' })
    await assert.rejects(call(hands(), insertSim, {}), refusal('conditions.not-satisfied'))
    const before = await call(hands(), describeDesk, {})
    await town.stop()
    await town.start()
    assert.deepEqual(await call(hands(), describeDesk, {}), before)
    assert.equal((await device()).carrier, 'carrier-b')
  })
})
