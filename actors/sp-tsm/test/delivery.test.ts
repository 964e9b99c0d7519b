/** ⑭ to ⑱ against a card's own side of SCP03: keys taken over, envelopes delivered, cut behind every command. docs/protocols/personalization.md. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { appletInstance, spSecurityDomain } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import type { Outcome } from '@mobile-jpki/seram'
import { pinEnvelopes } from '../applet/pin-envelopes.ts'
import { deliver } from '../card/delivery.ts'
import { moved, type Order } from '../domain/order.ts'
import { authority, initialKeySet, initialKeyVersion, PowerFailure, possession, type SpArea, spArea } from './sim.ts'
import { away, refusedWith, type Surroundings, surroundings, terms } from './surroundings.ts'

let world: Surroundings
before(async () => {
  world = await surroundings({ casdAuthorities: [authority.point] })
})
after(() => world.close())
afterEach(() => {
  world.peers.failing.clear()
  world.peers.calls.length = 0
  world.peers.deployment = { state: 'requested' }
})

/** SP-TSM's own, under SCP03. */
const ownKeyVersion = 0x32
const installed = {
  state: 'appletInstalled',
  securityDomain: spSecurityDomain,
  instanceAid: appletInstance,
  keyVersion: initialKeyVersion,
  keySet: initialKeySet,
  terms,
} as const

/** An order after ⑬, by the shortest way. */
async function authenticated(keyGeneration = 'central'): Promise<Order> {
  const { order } = await world.mailed({ keyGeneration })
  world.peers.calls.length = 0
  return world.orders.update(order.id, (one) => moved(one, 'authenticate'))
}
const envelope = new Uint8Array(114).fill(0x11)

const turn = () => new Promise((resolve) => setTimeout(resolve, 1))

/** One run of the stage, with an app that gives the PIN whenever it is wanted; `abort` is the agent that begins again. */
async function run(order: Order, card: SpArea, cutAfter?: number, pins = pinEnvelopes(world, world.pinRelay)) {
  const abort = new AbortController()
  const wanted: string[] = []
  const giving = (async () => {
    while (!abort.signal.aborted) {
      const one = await pins.wanted(order.id)
      if (one !== undefined && wanted.at(-1) !== one.attestation.toHex()) {
        const isTaken = await pins.give(order.id, envelope).then(
          () => true,
          () => false,
        )
        if (isTaken) wanted.push(one.attestation.toHex())
      }
      await turn()
    }
  })()
  try {
    const outcome = await deliver(world, pins, await world.current(order), card.element(abort.signal, cutAfter))
    return { outcome, wanted }
  } catch (error) {
    if (!(error instanceof PowerFailure)) throw error
    return { outcome: 'cut' as const, wanted }
  } finally {
    abort.abort()
    await giving
    assert.equal(await pins.wanted(order.id), undefined, 'nothing is wanted any more')
  }
}
const troubleIn = ({ outcome }: { outcome: Outcome | 'cut' }) =>
  outcome !== 'cut' && outcome.outcome === 'stop' ? outcome.trouble.code : outcome
const done = { outcome: 'done' }

describe('⑭ the carrier', () => {
  it('is asked, and the agent sent there until the applet is in', async () => {
    const order = await authenticated()
    const card = spArea()
    const { outcome } = await run(order, card)
    assert.ok(outcome !== 'cut' && outcome.outcome === 'visit')
    assert.equal(outcome.url, 'https://mno.example/')
    assert.deepEqual([(await world.current(order)).state, card.commands], ['authenticated', []])
    world.peers.deployment = { state: 'domainReady' }
    assert.equal((await run(order, card)).outcome !== 'cut', true)
    assert.equal((await world.current(order)).state, 'domainReady')
    world.peers.deployment = installed
    assert.deepEqual((await run(order, card)).outcome, done)
  })
  it('that refuses for good ends the order in its name; one that is away does not', async () => {
    const order = await authenticated()
    world.peers.failing.set('deploy', away)
    assert.equal(troubleIn(await run(order, spArea())), 'peer.unreachable')
    assert.equal((await world.current(order)).state, 'authenticated')
    world.peers.failing.clear()
    world.peers.deployment = { state: 'failed', refusal: { code: 'card.refused', detail: 'INSTALL: 6A84' } }
    assert.equal(troubleIn(await run(order, spArea())), 'card.refused')
    assert.equal((await world.current(order)).state, 'authenticated', 'the card may do better next time')
    world.peers.deployment = { state: 'failed', refusal: { code: 'sim.not-eligible', detail: 'It is full.' } }
    assert.equal(troubleIn(await run(order, spArea())), 'sim.not-eligible')
    const { state, trouble, discardOwed } = await world.current(order)
    assert.deepEqual([state, trouble?.whose, discardOwed], ['failed', 'mno-tsm', true])
  })
  it('that does not say where the applet is has failed', async () => {
    const order = await authenticated()
    world.peers.deployment = { state: 'appletInstalled' }
    assert.equal(troubleIn(await run(order, spArea())), 'peer.failed')
  })
})

describe('⑮ to ⑱', () => {
  it('takes over the SP area, delivers both envelopes, proves possession', async () => {
    const order = await authenticated()
    world.peers.deployment = installed
    const card = spArea()
    const { outcome, wanted } = await run(order, card)
    assert.deepEqual(outcome, done)
    assert.equal(wanted.length, 1)
    assert.deepEqual(
      card.stored.map(({ name }) => name),
      ['envelopeKey', 'configuration', 'issuerEnvelope', 'pinEnvelope', 'finish'],
    )
    assert.deepEqual(card.stored[1]?.value.toHex(), '800100810100820101')
    assert.deepEqual(card.stored[2]?.value, new Uint8Array(300).fill(0xee))
    assert.deepEqual(card.stored[3]?.value, envelope)
    assert.deepEqual(world.peers.calls, ['deploy', 'deployment', 'openKeySet', 'collect', 'prove', 'personalized'])
    const { state, initialKeySet: left, initialKeyVersion: version } = await world.current(order)
    assert.deepEqual([state, left, version], ['active', undefined, undefined])
  })
  it('on card, has the card make the key and the JPKI system certify it, before anything is collected', async () => {
    const order = await authenticated('on-card')
    world.peers.deployment = installed
    const card = spArea()
    assert.deepEqual((await run(order, card)).outcome, done)
    const names = ['envelopeKey', 'onCardKey', 'configuration', 'issuerEnvelope', 'pinEnvelope', 'finish']
    assert.deepEqual(
      card.stored.map(({ name }) => name),
      names,
    )
    const asked = world.peers.calls.filter((name) => /certify|collect|prove/.test(name))
    assert.deepEqual(asked, ['certify on card', 'collect', 'prove'])
    const { state, phoneCertificate } = await world.current(order)
    assert.deepEqual([state, phoneCertificate], ['active', '4e'])
  })
  it('leaves the card with keys of SP-TSM’s own, sealed in its store, and the carrier’s gone', async () => {
    const [one, other] = [await authenticated(), await authenticated()]
    world.peers.deployment = installed
    const keys: string[] = []
    for (const order of [one, other]) {
      const card = spArea()
      await run(order, card)
      assert.deepEqual([...card.keySets.keys()], [ownKeyVersion])
      const { enc, mac, dek } = card.keySets.get(ownKeyVersion) ?? {}
      const { ownKeySet } = await world.current(order)
      assert.ok(enc && mac && dek && ownKeySet)
      const kept = await world.secrets.open(ownKeySet, `${order.id}/own-key-set`)
      assert.equal(kept.toHex(), [enc, mac, dek].map((key) => key.toHex()).join(''))
      for (const key of [enc, mac, dek]) assert.ok(!Buffer.from(ownKeySet).includes(key))
      keys.push(kept.toHex())
    }
    assert.notEqual(keys[0], keys[1])
  })
  for (const keyGeneration of ['central', 'on-card'])
    it(`comes to its end after a power cut behind any command, ${keyGeneration}`, async () => {
      world.peers.deployment = installed
      const whole = spArea()
      await run(await authenticated(keyGeneration), whole)
      for (let cut = 0; cut <= whole.commands.length; cut++) {
        const order = await authenticated(keyGeneration)
        const card = spArea()
        const first = await run(order, card, cut)
        if (first.outcome !== 'cut') assert.equal(cut, whole.commands.length)
        assert.deepEqual((await run(order, card)).outcome, done, `cut behind ${cut} commands`)
        assert.equal((await world.current(order)).state, 'active')
        assert.deepEqual([...card.keySets.keys()], [ownKeyVersion])
      }
    })
  it('wants the PIN again for the new envelope key after a break, and once only behind it', async () => {
    const order = await authenticated()
    world.peers.deployment = installed
    const whole = spArea()
    await run(await authenticated(), whole)
    const card = spArea()
    const first = await run(order, card, whole.commands.indexOf('STORE DATA pinEnvelope'))
    assert.deepEqual([first.outcome, first.wanted.length], ['cut', 1])
    const second = await run(order, card)
    assert.deepEqual([second.outcome, second.wanted.length], [done, 1])
    assert.notEqual(first.wanted[0], second.wanted[0])
  })
  it('wants nothing any more when the agent begins again while the PIN is awaited', async () => {
    const order = await authenticated()
    world.peers.deployment = installed
    const pins = pinEnvelopes(world, world.pinRelay)
    const abort = new AbortController()
    const stage = deliver(world, pins, order, spArea().element(abort.signal))
    while ((await pins.wanted(order.id)) === undefined) await turn()
    abort.abort()
    await assert.rejects(stage, PowerFailure)
    assert.equal(await pins.wanted(order.id), undefined)
    await assert.rejects(pins.give(order.id, envelope), refusedWith('conditions.not-satisfied'))
    const late = pins.want(order.id, { attestation: envelope, instanceAid: appletInstance }, abort.signal)
    await assert.rejects(late)
    assert.equal(await pins.wanted(order.id), undefined)
  })
  it('asks for no PIN again when only the proof was left to be told', async () => {
    const order = await authenticated()
    world.peers.deployment = installed
    const card = spArea()
    world.peers.failing.set('prove', away)
    assert.equal(troubleIn(await run(order, card)), 'peer.unreachable')
    assert.equal((await world.current(order)).state, 'delivered')
    world.peers.failing.clear()
    const again = await run(order, card)
    assert.deepEqual([again.outcome, again.wanted], [done, []])
    assert.deepEqual(card.stored.filter(({ name }) => name === 'finish').length, 2)
    assert.equal(possession.length, 256)
  })
  it('does not undo a certificate in use for the carrier’s registry', async () => {
    world.peers.deployment = installed
    const order = await authenticated()
    world.peers.failing.set('personalized', new Refusal('reference.not-found'))
    assert.deepEqual((await run(order, spArea())).outcome, done)
    assert.equal((await world.current(order)).state, 'active')
  })
  it('does nothing to the card of an order that is over', async () => {
    const { order } = await world.mailed()
    const card = spArea()
    await world.orders.update(order.id, (one) => moved(one, 'cancel'))
    assert.deepEqual((await run(order, card)).outcome, done)
    assert.deepEqual(card.commands, [])
  })
})

describe('⑮ to ⑱ end with a reason', () => {
  const ends = async (card: SpArea, code: string, state: string) => {
    const order = await authenticated()
    world.peers.deployment = installed
    assert.equal(troubleIn(await run(order, card)), code)
    const now = await world.current(order)
    assert.deepEqual([now.state, now.discardOwed], [state, state === 'failed' ? true : undefined])
    return card
  }
  it('when the SIM attests for another SIM, application, program or order: nothing is asked of the JPKI system', async () => {
    const others = [{ iccid: new Uint8Array(10) }, { instanceAid: spSecurityDomain }, { orderId: 'another' }]
    for (const faults of [...others.map((attests) => ({ attests })), { anotherProgram: true }]) {
      const card = await ends(spArea(faults), 'sim.attestation-invalid', 'failed')
      assert.ok(!world.peers.calls.includes('collect'))
      assert.ok(!card.stored.some(({ name }) => name === 'issuerEnvelope' || name === 'pinEnvelope'))
    }
  })
  it('when the key that it made is attested for another purpose: it is not certified', async () => {
    const order = await authenticated('on-card')
    world.peers.deployment = installed
    assert.equal(troubleIn(await run(order, spArea({ attestsPurpose: 'envelopeKey' }))), 'sim.attestation-invalid')
    assert.ok(!world.peers.calls.includes('certify on card'))
  })
  it('when the SIM took other keys than were sent; the order stays', async () => {
    await ends(spArea({ lyingCheckValues: true }), 'card.refused', 'appletInstalled')
  })
  it('when the SP area is not there; the order stays', async () => {
    await ends(spArea({ noDomain: true }), 'card.refused', 'appletInstalled')
  })
  it('when the SIM answers in another format; the order stays', async () => {
    await ends(spArea({ answersPutKey: Uint8Array.of(0x32, 0x7f) }), 'card.refused', 'appletInstalled')
  })
  it('when the SP area holds keys of somebody else', async () => {
    const card = spArea()
    const foreign = card.keySets.get(initialKeyVersion)
    assert.ok(foreign)
    card.keySets.set(ownKeyVersion, foreign)
    await ends(card, 'sim.attestation-invalid', 'failed')
  })
  it('when the carrier’s key set is not that of the SIM', async () => {
    const card = spArea()
    const other = new Uint8Array(16).fill(9)
    card.keySets.set(initialKeyVersion, { enc: other, mac: other, dek: other })
    await ends(card, 'sim.attestation-invalid', 'failed')
  })
  it('when the card was revoked meanwhile', async () => {
    world.peers.failing.set('collect', new Refusal('certificate.revoked'))
    await ends(spArea(), 'certificate.revoked', 'failed')
  })
  it('when the proof is not one', async () => {
    world.peers.failing.set('prove', new Refusal('possession.invalid', undefined, { whose: 'sim' }))
    await ends(spArea(), 'possession.invalid', 'failed')
  })
})
