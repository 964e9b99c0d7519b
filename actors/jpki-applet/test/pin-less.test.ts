/** PINなし認証: one signature without PIN, for a terminal that the card believes. docs/protocols/pin-less.md. */
import assert from 'node:assert/strict'
import { verify } from 'node:crypto'
import { describe, it } from 'node:test'
import { cardDate, PinLessFile } from '@mobile-jpki/jpki'
import fc from 'fast-check'
import { type PinLessEvent, pinLessTransitions } from '../program/pin-less.ts'
import type { TestCard } from './card.ts'
import { userPublicKey } from './keys.ts'
import {
  allowed,
  authenticate,
  byStranger,
  certified,
  covered,
  getChallenge,
  setPublicKey,
  sha256,
  sign,
  switchTo,
  verifyPin,
  willingCard,
} from './terminal.ts'
import { ascii, configuration, deliver, newCard, readyCard, send } from './tsm.ts'

type State = keyof typeof pinLessTransitions
const states = Object.keys(pinLessTransitions) as State[]
const badPin = '002000980439393939'

/** A card in each state, and the challenge that it gave last. */
const bring: Readonly<Record<State, () => Promise<Met>>> = {
  idle: async () => ({ card: await willingCard(), challenge: new Uint8Array(32) }),
  keyed: async () => {
    const met = await bring.idle()
    assert.equal(setPublicKey(met.card), '9000')
    return met
  },
  challenged: async () => {
    const { card } = await bring.keyed()
    return { card, challenge: getChallenge(card) }
  },
  authenticated: async () => {
    const met = await bring.challenged()
    assert.equal(authenticate(met.card, met.challenge), '9000')
    return met
  },
}
interface Met {
  readonly card: TestCard
  challenge: Uint8Array
}

const happen: Readonly<Record<PinLessEvent, (met: Met) => string>> = {
  key: ({ card }) => setPublicKey(card),
  challenge: (met) => {
    met.challenge = getChallenge(met.card)
    return '9000'
  },
  authentication: ({ card, challenge }) => authenticate(card, challenge),
  wrongAuthentication: ({ card, challenge }) => authenticate(card, sha256(challenge)),
  signature: ({ card }) => sign(card).slice(-4),
  end: ({ card }) => {
    card.deselect()
    return '9000'
  },
}
const events = Object.keys(happen) as PinLessEvent[]
const refusedWith: Readonly<Partial<Record<PinLessEvent, string>>> = { signature: '6982' }

/** Found out by going on; nothing is left of it afterwards. */
function stateSeen({ card, challenge }: Met): State {
  if (sign(card).endsWith('9000')) return 'authenticated'
  if (authenticate(card, challenge) === '9000') return 'challenged'
  return authenticate(card, getChallenge(card)) === '9000' ? 'keyed' : 'idle'
}

describe('a terminal before the card, every state and every event', () => {
  for (const from of states)
    for (const event of events) {
      const to = pinLessTransitions[from][event]
      it(`${from} ─${event}→ ${to ?? 'refused'}`, async () => {
        const met = await bring[from]()
        const answer = happen[event](met)
        const refusal = event === 'wrongAuthentication' && to !== undefined ? '6982' : undefined
        assert.equal(answer, to === undefined ? (refusedWith[event] ?? '6985') : (refusal ?? '9000'))
        assert.equal(stateSeen(met), to ?? from)
      })
    }

  for (const from of states)
    for (const [name, end] of [
      ['a reset', ({ card }: Met) => card.reset()],
      ['switching off', ({ card }: Met) => assert.equal(`${verifyPin(card)}${switchTo(card, false)}`, '90009000')],
      ['switching on again', ({ card }: Met) => assert.equal(`${verifyPin(card)}${switchTo(card, true)}`, '90009000')],
    ] as const)
      it(`${from} ends with ${name}`, async () => {
        const met = await bring[from]()
        end(met)
        if (name === 'switching off') assert.equal(switchTo(met.card, true), '9000')
        assert.equal(stateSeen(met), 'idle')
      })
})

describe('the signature without PIN', () => {
  it('is one, over the terminal’s certificate and what it announced', async () => {
    const { card } = await bring.authenticated()
    const signature = Uint8Array.fromHex(sign(card).slice(0, -4))
    assert.ok(verify('sha256', covered(), userPublicKey, signature))
    assert.equal(sign(card), '6982')
  })

  it('is never one that a PIN is asked for', async () => {
    const { card } = await bring.authenticated()
    for (const command of ['802A009701AA00', `802A029720${'00'.repeat(32)}00`, '802A039701AA00'])
      assert.equal(card.command(command), '6982')
    assert.equal(card.command('802A809701AA00'), '6700', 'it takes no data')
    assert.equal(card.command('802A809A00'), '6A88')
    assert.ok(sign(card).endsWith('9000'), 'and what was refused has used nothing up')
  })

  it('changes nothing of PIN and tries, and the PIN nothing of it', async () => {
    const { card } = await bring.authenticated()
    assert.equal(card.command('00200098'), '63C3')
    assert.equal(card.command(badPin), '63C2')
    assert.ok(sign(card).endsWith('9000'))
    assert.equal(card.command('00200098'), '63C2')
  })
})

describe('the switch', () => {
  const file = (card: TestCard) => PinLessFile.decode(Uint8Array.fromHex(card.command('00B0960000').slice(0, -4)))

  it('is off after the delivery, and the person’s alone, by the PIN', async () => {
    const card = await readyCard()
    assert.equal(send(card, 'configuration', allowed()).sw, '9000')
    assert.deepEqual(file(card).switchedOn, Uint8Array.of(0))
    assert.equal(setPublicKey(card), '6984')
    assert.equal(switchTo(card, true), '6982')
    assert.equal(card.command(badPin), '63C2')
    assert.equal(switchTo(card, true), '6982')
    assert.equal(verifyPin(card), '9000')
    assert.equal(switchTo(card, true), '9000')
    card.reset()
    assert.deepEqual(file(card).switchedOn, Uint8Array.of(1))
    assert.equal(setPublicKey(card), '9000')
    assert.equal(verifyPin(card), '9000')
    assert.equal(switchTo(card, false), '9000')
    assert.equal(setPublicKey(card), '6984')
  })

  it('is not there where the SIM’s type does not allow it, nor before the delivery', async () => {
    const ready = await readyCard()
    const empty = newCard()
    assert.equal(send(empty, 'configuration', allowed()).sw, '9000')
    for (const card of [ready, empty]) {
      assert.equal(card.command('00B0960000'), '6A82')
      assert.equal(card.command('00A4020C020016'), '6A82')
      assert.equal(setPublicKey(card), '6A88')
      assert.equal(authenticate(card, new Uint8Array(32)), '6A88')
    }
    assert.equal(verifyPin(ready), '9000')
    assert.equal(switchTo(ready, true), '6A88')
  })

  it('goes with a configuration that allows it no more, and with a wipe', async () => {
    for (const end of [
      (card: TestCard) => send(card, 'configuration', configuration(0)).sw,
      (card: TestCard) => send(card, 'wipe', ascii('disposal-1')).sw,
    ]) {
      const card = await willingCard()
      assert.equal(end(card), '9000')
      assert.equal(setPublicKey(card), '6A88')
      if (card.command('00200098') === '63C0') assert.equal((await deliver(card)).sw, '9000')
      assert.equal(send(card, 'configuration', allowed()).sw, '9000')
      assert.equal(setPublicKey(card), '6984')
    }
  })

  it('is of no use while the PIN is blocked, at any point', async () => {
    for (const from of states) {
      const { card, challenge } = await bring[from]()
      for (let times = 0; times < 3; times++) card.command(badPin)
      assert.equal(setPublicKey(card), '6983')
      assert.equal(authenticate(card, challenge), '6983')
      assert.equal(sign(card), from === 'authenticated' ? '6983' : '6982')
    }
  })

  it('takes P1 and P2 as they are declared, and none else', async () => {
    const { card, challenge } = await bring.challenged()
    for (const command of ['80A20000', '80A20196', '80A80296', '80A80016', '00820016', '00820196'])
      assert.equal(card.command(`${command}01AA`), '6A86', command)
    for (const command of ['00A20096', '80820096', '00A80096']) assert.equal(card.command(command), '6E00', command)
    assert.equal(authenticate(card, challenge), '9000')
  })
})

describe('a terminal’s certificate', () => {
  it('is refused when the card does not trust its CA, or it has another role', async () => {
    const card = await willingCard()
    assert.equal(setPublicKey(card, byStranger()), '6982')
    assert.equal(setPublicKey(card, certified({ caIdentifier: Uint8Array.of(1) })), '6982')
    assert.equal(setPublicKey(card, certified({ role: 'withPin' })), '6982')
    assert.equal(setPublicKey(card, certified().subarray(0, -1)), '6A80')
    assert.equal(card.command('80A20096'), '6A80')
  })

  it('is refused with any bit changed, and leaves what was there', async () => {
    const { card, challenge } = await bring.challenged()
    const octets = certified()
    fc.assert(
      fc.property(fc.nat(octets.length * 8 - 1), (bit) => {
        const changed = octets.slice()
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        assert.match(setPublicKey(card, changed), /^6(982|A80)$/)
      }),
      { numRuns: 150 },
    )
    assert.equal(authenticate(card, challenge), '9000')
  })

  it('tells the card the day, which never goes back', async () => {
    const card = await willingCard()
    const day = () =>
      cardDate.decode(PinLessFile.decode(Uint8Array.fromHex(card.command('00B0960000').slice(0, -4))).day)
    assert.equal(setPublicKey(card, certified({ expirationDate: '20261121' })), '6985')
    assert.equal(setPublicKey(card, certified({ expirationDate: '20261122' })), '9000')
    assert.equal(setPublicKey(card, certified({ effectiveDate: '20270301', expirationDate: '20270307' })), '9000')
    card.reset()
    assert.equal(day(), '20270301')
    assert.equal(setPublicKey(card), '6985', 'the certificate of the November before is over')
    assert.equal(send(card, 'configuration', allowed('20261201')).sw, '9000')
    assert.equal(day(), '20270301')
    assert.equal(setPublicKey(card, byStranger()), '6982', 'nobody else tells it')
  })

  it('comes to nothing under a CA key that is no point of the curve', async () => {
    const card = await willingCard()
    assert.equal(send(card, 'configuration', allowed('20261122', new Uint8Array(65).fill(4))).sw, '9000')
    assert.equal(setPublicKey(card), '6982')
  })
})

describe('a challenge', () => {
  it('counts with 32 octets, as the last one, and once', async () => {
    const { card, challenge } = await bring.challenged()
    const next = getChallenge(card)
    assert.equal(authenticate(card, challenge), '6982', 'an older one')
    assert.equal(authenticate(card, next), '6985', 'one that was tried')
    card.command('0084000010')
    assert.equal(authenticate(card, next), '6985')
    assert.equal(card.command('00820096020000'), '6985')
  })

  it('stays when the answer is not in its format', async () => {
    const { card, challenge } = await bring.challenged()
    assert.equal(card.command('0082009602AA00'), '6A80')
    assert.equal(authenticate(card, challenge), '9000')
  })
})
