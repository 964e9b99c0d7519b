/** Every place of the card and every place of the phone, and every move from there. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Refusal } from '@mobile-jpki/refusal'
import { CardPlace, PhonePlace } from '../../../desk/contract.ts'
import { readerNames } from '../../../desk/readers.ts'
import { cardTo, type Lying, onReader, phoneTo, trayOpened } from '../moves.ts'

const everywhere: readonly Lying[] = CardPlace.options.flatMap((card) =>
  PhonePlace.options
    .filter((phone) => phone !== card && !(card === 'phone' && phone !== 'hand'))
    .map((phone) => ({ card, phone })),
)
const moves: readonly [string, (now: Lying) => Lying][] = [
  ...CardPlace.options.map((at) => [`card → ${at}`, (now: Lying) => cardTo(at, now)] as const),
  ...PhonePlace.options.map((at) => [`phone → ${at}`, (now: Lying) => phoneTo(at, now)] as const),
  ['tray', trayOpened] as const,
].map(([name, move]) => [name, move])

const attempt = (move: (now: Lying) => Lying, now: Lying): Lying | undefined => {
  try {
    return move(now)
  } catch (error) {
    assert.ok(error instanceof Refusal && error.code === 'conditions.not-satisfied')
    return undefined
  }
}

describe('card and phone', () => {
  for (const now of everywhere)
    for (const [name, move] of moves) {
      const then = attempt(move, now)
      const shown = then === undefined ? 'refused' : `card ${then.card}, phone ${then.phone}`
      it(`card ${now.card}, phone ${now.phone} ─${name}→ ${shown}`, () => {
        if (then === undefined) return
        assert.ok(
          everywhere.some(({ card, phone }) => card === then.card && phone === then.phone),
          'both lie somewhere',
        )
        if (name !== 'tray') assert.ok(then.card === name.slice(7) || then.phone === name.slice(8))
      })
    }

  it('refuses what no hand can do', () => {
    assert.equal(
      attempt((now) => cardTo('phone', now), { card: 'table', phone: 'lost' }),
      undefined,
    )
    assert.equal(
      attempt((now) => cardTo('payment', now), { card: 'table', phone: 'payment' }),
      undefined,
    )
    assert.equal(
      attempt((now) => phoneTo('payment', now), { card: 'payment', phone: 'hand' }),
      undefined,
    )
    assert.equal(attempt(trayOpened, { card: 'table', phone: 'lost' }), undefined)
  })

  it('lets a card fall from a phone that goes elsewhere', () => {
    assert.deepEqual(phoneTo('lost', { card: 'phone', phone: 'hand' }), { card: 'table', phone: 'lost' })
    assert.deepEqual(trayOpened({ card: 'phone', phone: 'hand' }), { card: 'table', phone: 'hand' })
  })

  it('has one thing on a reader', () => {
    for (const reader of readerNames) {
      assert.equal(onReader({ card: reader, phone: 'hand' }, reader), 'card')
      assert.equal(onReader({ card: 'table', phone: reader }, reader), 'phone')
      assert.equal(onReader({ card: 'table', phone: 'hand' }, reader), undefined)
    }
  })
})
