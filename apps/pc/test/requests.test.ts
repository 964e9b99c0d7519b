/** Requests for a signature: every state, every event, and their end. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { Refusal } from '@mobile-jpki/refusal'
import { requestStates, type Signable } from '../card-helper/contract.ts'
import { type RequestEvent, requestTransitions, signatureRequests } from '../card-helper/requests.ts'

const form: Signable = { type: 'mobile-jpki/give-up', version: 1, id: '2f1c1f3e-6e0f-4a43-9d0a-9a1f3f1f8c11' }
const events: readonly RequestEvent[] = ['begin', 'sign', 'fail', 'decline']
const ways = {
  open: [],
  signing: ['begin'],
  signed: ['begin', 'sign'],
  declined: ['decline'],
} as const satisfies Record<string, readonly RequestEvent[]>

function opened() {
  const clock = { now: Date.parse('2026-04-01T00:00:00Z') }
  return { clock, requests: signatureRequests({ now: () => new Date(clock.now), newId: randomUUID }) }
}

describe('a request for a signature', () => {
  for (const from of requestStates)
    for (const event of events) {
      const to = requestTransitions[from][event]
      it(`${from} ─${event}→ ${to ?? 'refused'}`, () => {
        const { requests } = opened()
        const { id } = requests.add(form)
        for (const step of ways[from]) requests.move(id, step)
        if (to === undefined) assert.throws(() => requests.move(id, event), { code: 'conditions.not-satisfied' })
        else requests.move(id, event)
        assert.equal(requests.find(id).state, to ?? from)
      })
    }

  it('is forgotten after ten minutes, but not while the card signs', () => {
    const { clock, requests } = opened()
    const [left, signing] = [requests.add(form), requests.add(form)]
    requests.move(signing.id, 'begin')
    clock.now += 10 * 60_000
    assert.throws(() => requests.find(left.id), { code: 'reference.not-found' })
    assert.equal(requests.find(signing.id).state, 'signing')
  })

  it('is one of a few: a page cannot fill the memory with them', () => {
    const { clock, requests } = opened()
    const added: string[] = []
    const fill = () => {
      for (;;) added.push(requests.add(form).id)
    }
    assert.throws(fill, (error) => error instanceof Refusal && error.code === 'rate.exceeded')
    assert.ok(added.length < 20)
    requests.move(added[0] ?? '', 'decline')
    requests.add(form)
    clock.now += 10 * 60_000
    assert.throws(fill, { code: 'rate.exceeded' })
  })
})
