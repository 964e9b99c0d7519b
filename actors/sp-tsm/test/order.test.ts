/** The order's life cycle: every state and every event. architecture §4. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Refusal } from '@mobile-jpki/refusal'
import { ApplicationForm, orderStates } from '../contract.ts'
import {
  after,
  ended,
  expiringStates,
  isDownloading,
  isFinal,
  moved,
  movedFrom,
  type Order,
  orderEvents,
  ownStates,
  transitions,
} from '../domain/order.ts'
import { form } from './surroundings.ts'

const isRefused = (error: unknown) => error instanceof Refusal && error.code === 'conditions.not-satisfied'
const order = (changes: Partial<Order> = {}): Order => ({
  id: 'id',
  state: 'applied',
  form: ApplicationForm.parse(form(new Date())),
  application: new Uint8Array(),
  applicant: '公的　花子',
  signCertificate: '1000',
  password: new Uint8Array(48),
  wrongTries: 0,
  createdAt: new Date(),
  ...changes,
})

describe('an order', () => {
  for (const state of orderStates)
    for (const event of orderEvents) {
      const to = transitions[state][event]
      it(to === undefined ? `${state} ─${event}→ refused` : `${state} ─${event}→ ${to}`, () => {
        if (to !== undefined) assert.equal(after(event, state), to)
        else assert.throws(() => after(event, state), isRefused)
      })
    }

  it('comes from application to certificate in use by one way', () => {
    const way = [
      'verify',
      'certify',
      'sendCode',
      'authenticate',
      'domainMade',
      'appletInstalled',
      'deliver',
      'activate',
    ] as const
    assert.deepEqual(way.reduce((one, event) => moved(one, event), order()).state, 'active')
  })
  it('is over when it is active, refused, expired, cancelled or failed', () =>
    assert.deepEqual(orderStates.filter(isFinal), ['active', 'refused', 'expired', 'cancelled', 'failed']))
  it('can fail as long as it is not over, and be cancelled until its certificate may be in use', () => {
    for (const state of orderStates) {
      assert.equal(transitions[state].fail !== undefined, !isFinal(state))
      assert.equal(transitions[state].cancel !== undefined, !isFinal(state) && state !== 'delivered')
    }
  })
  it('gets a new code from ⑪ on until the certificate may be in use, and that is mailed again', () => {
    const reissued = orderStates.filter((state) => transitions[state].reissue === 'certified')
    assert.deepEqual(reissued, ['codeSent', 'authenticated', 'domainReady', 'appletInstalled'])
  })
  it('is SP-TSM’s to move, or the applicant’s, or over', () => {
    for (const state of orderStates) {
      const own = (ownStates as readonly string[]).includes(state)
      const waits = state === 'codeSent' || isDownloading(state)
      assert.equal([own, waits, isFinal(state)].filter(Boolean).length, 1, state)
    }
  })
  it('is out of time with its code, except when the certificate may be in use already', () =>
    assert.deepEqual(expiringStates, [
      'verified',
      'certified',
      'codeSent',
      'authenticated',
      'domainReady',
      'appletInstalled',
    ]))
  it('that was moved by somebody else meanwhile is left as it is', () => {
    const sent = order({ state: 'codeSent' })
    assert.equal(movedFrom('certified', sent, 'sendCode'), sent)
    assert.equal(movedFrom('codeSent', sent, 'authenticate', { wrongTries: 0 }).state, 'authenticated')
  })
  it('that ends keeps no copy of the code, and owes word to the JPKI system once that may have been asked', () => {
    const trouble = { code: 'certificate.revoked', detail: 'gone' } as const
    const refused = ended(order(), 'refuse', trouble)
    assert.deepEqual(
      [refused.state, refused.trouble, refused.discardOwed, refused.terminateOwed],
      ['refused', { ...trouble, whose: 'user' }, undefined, undefined],
    )
    for (const state of [
      'verified',
      'certified',
      'codeSent',
      'authenticated',
      'appletInstalled',
      'delivered',
    ] as const) {
      const failed = ended(order({ state, sealedAccessCode: new Uint8Array(40) }), 'fail', trouble)
      assert.deepEqual([failed.state, failed.sealedAccessCode, failed.discardOwed], ['failed', undefined, true], state)
      const wasAsked = state === 'authenticated' || state === 'appletInstalled' || state === 'delivered'
      assert.deepEqual([failed.terminateOwed, failed.trouble?.whose], [wasAsked || undefined, 'sp-tsm'], state)
      assert.deepEqual(
        failed.letters?.map(({ kind }) => kind),
        ['failed'],
      )
    }
  })
})
