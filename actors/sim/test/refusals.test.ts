/** Every rule of the card is reached, and answers its own status word. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type RuleId, rules } from '../index.ts'
import { airWays } from '../over-the-air/test/refusals-air.ts'
import { setUpWays } from '../surroundings/refusals-set-up.ts'
import { channelWays, type Way } from './refusals-channel.ts'
import { contentWays } from './refusals-content.ts'

const ways: Readonly<Record<RuleId, Way>> = { ...channelWays, ...contentWays, ...setUpWays, ...airWays }

describe('every refusal has a rule, a clause and a way to it', () => {
  for (const [rule, way] of Object.entries(ways) as [RuleId, Way][])
    it(`${rule}: ${rules[rule].words}`, async () => {
      const card = await way()
      const refusal = card.lastRefusal()
      assert.equal(refusal?.rule, rule, refusal?.words ?? 'not refused')
      assert.equal(refusal?.sw, rule === 'program.own' ? 0x6985 : rules[rule].sw)
      assert.ok(refusal?.clause)
    })
})
