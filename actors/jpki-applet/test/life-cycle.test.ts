/** The life cycle of the applet, every state and every event, and power that goes at every change of memory. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DgiName } from '@mobile-jpki/jpki'
import { type LifeCycleEvent, type State, states, transitions } from '../program/life-cycle.ts'
import { PowerCut, type TestCard } from './card.ts'
import { ascii, configuration, content, makeEnvelopeKey, newCard, order, readyCard, seal, send } from './tsm.ts'

const wrongPin = '002000980439393939'

/** A card in each state, with an envelope key of `order` at hand where the state may have one. */
const bring: Readonly<Record<State, () => Promise<{ card: TestCard; point?: Uint8Array }>>> = {
  empty: async () => ({ card: newCard() }),
  keyed: async () => {
    const card = newCard()
    return { card, point: await makeEnvelopeKey(card) }
  },
  certified: async () => {
    const card = newCard()
    const point = await makeEnvelopeKey(card)
    send(card, 'issuerEnvelope', await seal('issuer', point, content()))
    send(card, 'pinEnvelope', await seal('pin', point, ascii('1234')))
    return { card, point }
  },
  ready: async () => {
    const card = await readyCard()
    return { card, point: await makeEnvelopeKey(card) }
  },
  blocked: async () => {
    const card = await readyCard()
    const point = await makeEnvelopeKey(card)
    for (let times = 0; times < 3; times++) card.command(wrongPin)
    return { card, point }
  },
}

const contents: Readonly<Record<DgiName, (point: Uint8Array) => Promise<Uint8Array> | Uint8Array>> = {
  configuration: () => configuration(0),
  envelopeKey: () => ascii(order),
  onCardKey: () => ascii(order),
  issuerEnvelope: (point) => seal('issuer', point, content()),
  pinEnvelope: (point) => seal('pin', point, ascii('5678')),
  finish: () => ascii(order),
  unlock: (point) => seal('pin', point, ascii('5678')),
  wipe: () => ascii(order),
}
const events = [...(Object.keys(contents) as DgiName[]), 'exhausted'] as const satisfies readonly LifeCycleEvent[]
const anyPoint: Uint8Array = Uint8Array.fromHex(
  '046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
)

function stateSeen(card: TestCard): State {
  const written = states[card.memory.get('state')?.[0] ?? 0] ?? 'empty'
  return written === 'ready' && card.command('00200098') === '63C0' ? 'blocked' : written
}

const snapshot = (card: TestCard) => JSON.stringify([...card.memory].map(([key, value]) => [key, value.toHex()]).sort())

async function happen(event: LifeCycleEvent, card: TestCard, point = anyPoint): Promise<string> {
  if (event !== 'exhausted') return send(card, event, await contents[event](point)).sw
  const answers = [1, 2, 3].map(() => card.command(wrongPin))
  return answers.at(-1) === '63C0' ? '9000' : '6985'
}

describe('the life cycle, every state and every event', () => {
  for (const from of states)
    for (const event of events) {
      const to = transitions[from][event]
      it(`${from} ─${event}→ ${to ?? 'refused'}`, async () => {
        const { card, point } = await bring[from]()
        assert.equal(stateSeen(card), from)
        const memory = snapshot(card)
        assert.equal(await happen(event, card, point), to === undefined ? '6985' : '9000')
        assert.equal(stateSeen(card), to ?? from)
        if (to === undefined) assert.equal(snapshot(card), memory)
      })
    }
})

describe('power that goes during a data grouping', () => {
  for (const [from, event] of [
    ['empty', 'envelopeKey'],
    ['certified', 'envelopeKey'],
    ['keyed', 'issuerEnvelope'],
    ['keyed', 'pinEnvelope'],
    ['certified', 'finish'],
    ['blocked', 'unlock'],
    ['ready', 'wipe'],
  ] as const)
    it(`leaves ${from} before or after ${event}, at whatever change it goes`, async () => {
      const { card, point } = await bring[from]()
      const before = snapshot(card)
      const octets = await contents[event](point ?? anyPoint)
      let change = 0
      for (let cut = true; cut; ) {
        change += 1
        card.cutAt(change)
        try {
          assert.equal(send(card, event, octets).sw, '9000')
          cut = false
        } catch (error) {
          if (!(error instanceof PowerCut)) throw error
          assert.equal(snapshot(card), before)
          card.reset()
        }
      }
      assert.ok(change > 1)
      assert.equal(stateSeen(card), transitions[from][event])
    })

  it('between the blocks of one makes it begin again', async () => {
    const { card, point } = await bring.keyed()
    const sealed = await seal('issuer', point ?? anyPoint, content())
    const memory = snapshot(card)
    assert.equal(
      card.storeData(0x08, 0, Uint8Array.of(0x0e, 0x10, 0xff, sealed.length >> 8, sealed.length & 0xff)).sw,
      0x9000,
    )
    card.reset()
    assert.equal(card.storeData(0x88, 1, sealed).sw, 0x6a86)
    assert.equal(snapshot(card), memory)
    assert.equal(send(card, 'issuerEnvelope', sealed).sw, '9000')
  })

  it('never gives a PIN try back', async () => {
    const { card } = await bring.ready()
    for (const left of ['63C2', '63C1', '63C0']) {
      card.cutAt(3)
      try {
        card.command(wrongPin)
      } catch (error) {
        assert.ok(error instanceof PowerCut)
      }
      card.reset()
      assert.equal(card.command('00200098'), left)
    }
    assert.equal(card.command('002000980431323334'), '6984')
  })
})
