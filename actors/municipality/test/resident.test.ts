/** The life cycle of a resident: every state × every event. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { after, events, isFinal, residentTransitions, states } from '../domain/resident.ts'

describe('the life cycle of a resident', () => {
  for (const state of states)
    for (const event of events) {
      const to = residentTransitions[state][event]
      it(`${state} ─${event}→ ${to ?? 'refused'}`, () => {
        if (to !== undefined) return assert.equal(after(event, state), to)
        assert.throws(() => after(event, state), { name: 'Refusal', code: 'conditions.not-satisfied' })
      })
    }

  it('ends with death and with emigration, from wherever one is', () => {
    for (const state of states.filter((one) => !isFinal(one)))
      assert.deepEqual([after('die', state), after('emigrate', state)], ['dead', 'emigrated'])
    assert.deepEqual(states.filter(isFinal), ['dead', 'emigrated'])
  })

  it('gives back no card that was stopped: what leads out of it is another card, or none', () => {
    assert.deepEqual(
      events.filter((event) => residentTransitions.stopped[event] === 'carded'),
      ['find'],
    )
  })
})
