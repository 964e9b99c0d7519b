import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Refusal } from '@mobile-jpki/refusal'
import {
  type Deployment,
  deploymentAfter,
  deploymentEvents,
  deploymentStates,
  deploymentTransitions,
} from '../domain/deployment.ts'
import { simAfter, simEvents, simStates, simTransitions } from '../domain/sim.ts'
import { lineAfter, lineEvents, lineStates, lineTransitions } from '../domain/subscription.ts'
import { line, sim } from './surroundings.ts'

const notNow = (error: unknown) => error instanceof Refusal && error.code === 'conditions.not-satisfied'

/** Every state × every event, each a line of the report. */
function walk<S extends string, E extends string>(
  states: readonly S[],
  events: readonly E[],
  transitions: Readonly<Record<S, Partial<Record<E, S>>>>,
  after: (event: E, state: S) => S,
): void {
  for (const state of states)
    for (const event of events) {
      const to = transitions[state][event]
      it(`${state} ─${event}→ ${to ?? 'refused'}`, () => {
        if (to === undefined) assert.throws(() => after(event, state), notNow)
        else assert.equal(after(event, state), to)
      })
    }
}

const deployment: Deployment = {
  orderId: '00000000-0000-4000-8000-000000000001',
  iccid: sim.iccid,
  sessionId: '00000000-0000-4000-8000-000000000002',
  state: 'requested',
  keyTransport: new Uint8Array(65),
  requestedAt: new Date(0),
}

describe('life of a SIM in the registry', () => {
  walk(simStates, simEvents, simTransitions, (event, state) => simAfter(event, { ...sim, state }).state)

  it('leaves disposed by nothing, and comes to disposed from everywhere else', () => {
    assert.deepEqual(simTransitions.disposed, {})
    for (const state of simStates.filter((each) => each !== 'disposed'))
      assert.equal(simTransitions[state].dispose, 'disposed')
  })
})

describe('life of a line', () => {
  walk(lineStates, lineEvents, lineTransitions, (event, state) => lineAfter(event, { ...line, state }).state)
})

describe('life of a deployment', () => {
  walk(
    deploymentStates,
    deploymentEvents,
    deploymentTransitions,
    (event, state) => deploymentAfter(event, { ...deployment, state }).state,
  )

  it('goes forward only, and to superseded from everywhere', () => {
    const forward: readonly string[] = deploymentStates
    for (const [at, state] of deploymentStates.entries())
      for (const to of Object.values(deploymentTransitions[state]))
        assert.ok(forward.indexOf(to) > at, `${state} → ${to}`)
    for (const state of deploymentStates.filter((each) => each !== 'superseded'))
      assert.equal(deploymentTransitions[state].supersede, 'superseded')
  })
})
