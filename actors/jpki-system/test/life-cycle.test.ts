/** Every state × every event of a certificate's life, and expiry by the clock. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Refusal } from '@mobile-jpki/refusal'
import { after, events, isFinal, stateAt, states, transitions } from '../domain/life-cycle.ts'

const expected = new Set([
  'reserved issue pending',
  'reserved revoke revoked',
  'pending prove valid',
  'pending hold held',
  'pending revoke revoked',
  'pending expire expired',
  'valid hold held',
  'valid revoke revoked',
  'valid expire expired',
  'held release valid',
  'held revoke revoked',
  'held expire expired',
])

describe('the life cycle of a certificate', () => {
  for (const from of states)
    for (const event of events) {
      const to = transitions[from][event]
      it(to === undefined ? `refuses to ${event} what is ${from}` : `${from} ─${event}→ ${to}`, () => {
        assert.equal(expected.has(`${from} ${event} ${to}`), to !== undefined)
        if (to === undefined) assert.throws(() => after(event, from), Refusal)
        else assert.equal(after(event, from), to)
      })
    }

  it('has no other way than the table', () => {
    const ways = states.flatMap((from) =>
      Object.entries(transitions[from]).map(([event, to]) => `${from} ${event} ${to}`),
    )
    assert.deepEqual(new Set(ways), expected)
  })

  it('is good only after possession was proved: `prove` leads to valid, and `release` back to it', () => {
    const ways = states.flatMap((from) =>
      Object.entries(transitions[from]).flatMap(([event, to]) => (to === 'valid' ? `${from} ${event}` : [])),
    )
    assert.deepEqual(ways, ['pending prove', 'held release'])
  })

  it('ends in revoked and expired', () => assert.deepEqual(states.filter(isFinal), ['revoked', 'expired']))

  it('says by its code why nothing more is possible', () => {
    const codeOf = (work: () => unknown) => {
      try {
        work()
      } catch (error) {
        return error instanceof Refusal && error.code
      }
    }
    assert.equal(
      codeOf(() => after('revoke', 'revoked')),
      'certificate.already-revoked',
    )
    assert.equal(
      codeOf(() => after('hold', 'held')),
      'certificate.on-hold',
    )
    assert.equal(
      codeOf(() => after('revoke', 'expired')),
      'certificate.expired',
    )
    assert.equal(
      codeOf(() => after('prove', 'reserved')),
      'conditions.not-satisfied',
    )
  })

  it('expires by the clock, after its last second, and stays revoked when it was', () => {
    const notAfter = new Date('2030-02-17T14:59:59Z')
    const next = new Date('2030-02-17T15:00:00Z')
    assert.equal(stateAt({ state: 'valid', notAfter }, notAfter), 'valid')
    assert.equal(stateAt({ state: 'valid', notAfter }, next), 'expired')
    assert.equal(stateAt({ state: 'held', notAfter }, next), 'expired')
    assert.equal(stateAt({ state: 'revoked', notAfter }, next), 'revoked')
  })
})
