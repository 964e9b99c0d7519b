/** The vocabulary of refusals is in order. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isActorName, isRefusalCode, Refusal, refusals } from '../index.ts'

describe('the refusals', () => {
  it('stand in alphabetical order', () => {
    assert.deepEqual(Object.keys(refusals), Object.keys(refusals).sort())
  })

  for (const [code, { sentence, whatToDo }] of Object.entries(refusals))
    it(`${code} says what it means and what to do, in sentences`, () => {
      assert.match(code, /^[a-z]+(?:-[a-z]+)*(?:\.[a-z]+(?:-[a-z]+)*)?$/)
      for (const text of [sentence, whatToDo]) assert.match(text, /^[A-Z].*\.$/)
    })

  it('carry their code, what happened, whose it is and the cause', () => {
    const cause = new Error('socket closed')
    const refusal = new Refusal('peer.unreachable', 'mno-tsm does not answer.', { whose: 'mno-tsm', cause })
    const { code, message, whose, whatToDo } = refusal
    assert.deepEqual(
      { code, message, whose, whatToDo, cause: refusal.cause },
      {
        code: 'peer.unreachable',
        message: 'mno-tsm does not answer.',
        whose: 'mno-tsm',
        whatToDo: refusals['peer.unreachable'].whatToDo,
        cause,
      },
    )
    assert.equal(new Refusal('code.wrong').message, refusals['code.wrong'].sentence)
  })

  it('have no code and no actor that every object has', () => {
    assert.equal(isRefusalCode('toString') || isActorName('constructor'), false)
  })
})
