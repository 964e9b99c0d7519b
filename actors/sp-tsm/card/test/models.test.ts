/** ⑭ to ⑱ under each model of management, against a card's own side of SCP03: what goes in which round trip, who is told what, and whose it is when it fails. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { appletInstance, spSecurityDomain } from '@mobile-jpki/jpki'
import { type ActorName, Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import type { Element, Outcome } from '@mobile-jpki/seram'
import { pinEnvelopes } from '../../applet/pin-envelopes.ts'
import { moved, type Order } from '../../domain/order.ts'
import type { DomainTerms, World } from '../../domain/world.ts'
import { authority, initialKeySet, initialKeyVersion, type SpArea, spArea } from '../../test/sim.ts'
import { type Surroundings, surroundings, terms } from '../../test/surroundings.ts'
import { deliver } from '../delivery.ts'

let world: Surroundings
before(async () => {
  world = await surroundings({ casdAuthorities: [authority.point] })
})
after(() => world.close())
afterEach(() => {
  world.peers.failing.clear()
  world.peers.calls.length = 0
})

const ready = (management: DomainTerms['management']) =>
  ({
    state: management === 'simple' ? 'appletInstalled' : 'domainReady',
    securityDomain: spSecurityDomain,
    ...(management === 'simple' && { instanceAid: appletInstance }),
    keyVersion: initialKeyVersion,
    keySet: initialKeySet,
    terms: { ...terms, management },
  }) as const

async function ordered(management: DomainTerms['management']): Promise<Order> {
  world.peers.deployment = ready(management)
  world.peers.terms = { ...terms, management }
  const { order } = await world.mailed()
  world.peers.calls.length = 0
  return world.orders.update(order.id, (one) => moved(one, 'authenticate'))
}

/** One run, its batches by the names of their commands; the app gives the PIN as soon as it is wanted. */
async function run(order: Order, card: SpArea, as: World = world) {
  const pins = pinEnvelopes(world, world.pinRelay)
  const over = new AbortController()
  const giving = (async () => {
    while (!over.signal.aborted) {
      await pins.give(order.id, new Uint8Array(114).fill(0x11)).catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  })()
  const batches: string[][] = []
  const inner = card.element()
  const element: Element = {
    ...inner,
    send: (batch, step) => {
      batches.push(batch.map(({ what }) => what))
      return inner.send(batch, step)
    },
  }
  const outcome = await deliver(as, pins, await world.current(order), element)
  over.abort()
  await giving
  return { outcome, batches }
}
const done: Outcome = { outcome: 'done' }
const opening = ['SELECT', 'INITIALIZE UPDATE', 'EXTERNAL AUTHENTICATE']
const keys = ['INSTALL [for personalization]', 'STORE DATA envelopeKey']
const without = (names: readonly string[] | undefined) => names?.filter((name) => name !== 'LOAD')

describe('two round trips write it all, where the card can be foreseen', () => {
  it('simple: the carrier has brought the applet', async () => {
    const { outcome, batches } = await run(await ordered('simple'), spArea())
    assert.deepEqual(outcome, done)
    assert.equal(batches.length, 2)
    assert.deepEqual(batches[0], [...opening, 'PUT KEY', ...opening, ...keys])
    assert.deepEqual(
      [...new Set(batches[1])],
      ['STORE DATA configuration', 'STORE DATA issuerEnvelope', 'STORE DATA pinEnvelope', 'STORE DATA finish'],
    )
  })

  for (const management of ['delegated', 'authorized'] as const)
    it(`${management}: SP-TSM brings the applet under keys that the carrier does not know`, async () => {
      const order = await ordered(management)
      const { outcome, batches } = await run(order, spArea())
      assert.deepEqual(outcome, done)
      assert.equal(batches.length, 2)
      const content = ['INSTALL [for load]', 'INSTALL [for install]']
      assert.deepEqual(without(batches[0]), [...opening, 'PUT KEY', ...opening, ...content, ...keys])
      const told = management === 'delegated' ? ['tokens', 'verifyReceipts'] : ['actionDone']
      const calls = world.peers.calls.filter((name) => [...told, 'collect', 'prove'].includes(name))
      assert.deepEqual(calls, [...told, 'collect', 'prove'], 'nothing is collected before the carrier is satisfied')
      assert.equal((await world.current(order)).state, 'active')
    })
})

describe('a card that is not as foreseen', () => {
  it('is asked: its keys were used before', async () => {
    const order = await ordered('simple')
    const card = spArea()
    world.peers.failing.set('collect', new Refusal('peer.unreachable'))
    await run(order, card)
    world.peers.failing.clear()
    const { outcome, batches } = await run(order, card)
    assert.deepEqual(outcome, done)
    assert.deepEqual(batches[0]?.slice(0, 3), opening, 'tried as if it were')
    assert.deepEqual(batches[1], ['SELECT', 'INITIALIZE UPDATE'])
  })
})

describe('what goes wrong ends the order in the name of whose it is', () => {
  const cases: readonly (readonly [DomainTerms['management'], string, RefusalCode, ActorName])[] = [
    ['delegated', 'tokens', 'delegation.not-granted', 'sp-tsm'],
    ['delegated', 'verifyReceipts', 'delegation.receipt-invalid', 'sim'],
    ['authorized', 'actionDone', 'reference.not-found', 'mno-tsm'],
  ]
  for (const [management, call, code, whose] of cases)
    it(`${management}: ${call} is refused with ${code}`, async () => {
      const order = await ordered(management)
      const card = spArea()
      world.peers.failing.set(call, new Refusal(code, undefined, { whose }))
      const { outcome } = await run(order, card)
      assert.equal(outcome.outcome === 'stop' && outcome.trouble.code, code)
      const { state, trouble } = await world.current(order)
      assert.deepEqual([state, trouble?.whose], ['failed', whose])
      assert.ok(!world.peers.calls.includes('collect'))
      assert.ok(!card.stored.some(({ name }) => name === 'issuerEnvelope'), 'nothing of the person’s was written')
    })

  it('before the carrier is asked, where a SIM that should have a CASD does not show it', async () => {
    const order = await ordered('simple')
    world.peers.deployment = { state: 'requested' }
    const owner = { certificate: new Uint8Array(100), sign: async () => new Uint8Array(64) }
    const { outcome } = await run(order, spArea(), { ...world, owner })
    assert.equal(outcome.outcome === 'stop' && outcome.trouble.code, 'card.refused')
    assert.deepEqual(world.peers.calls, ['deploy', 'deployment'], 'no keys were given to anybody')
  })
})
