import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eligibility } from '../domain/eligibility.ts'
import { away, refusedWith, type Surroundings, surroundings } from './surroundings.ts'

const asked = { carrier: 'A', iccid: '8981100022152967705', device: { model: 'Phone 1', os: 'Android 14' } }

describe('whether a SIM is eligible', () => {
  let world: Surroundings
  before(async () => {
    world = await surroundings()
  })
  after(() => world.close())

  it('is what its carrier says, with where the key can be made', async () => {
    world.peers.sim = { eligible: true, reasons: [], hindrances: [], keyModes: ['central', 'on-card'], casd: true }
    assert.deepEqual(await eligibility(world, asked), {
      eligible: true,
      hindrances: [],
      keyModes: ['central', 'on-card'],
    })
  })

  it('offers no key of the SIM’s own where nobody attests it', async () => {
    world.peers.sim = { eligible: true, reasons: [], hindrances: [], keyModes: ['central', 'on-card'], casd: false }
    assert.deepEqual((await eligibility(world, asked)).keyModes, ['central'])
  })

  it('names each hindrance with the carrier’s sentence', async () => {
    world.peers.sim = {
      eligible: false,
      reasons: ['32 KiB.', 'Locked.'],
      hindrances: ['simMemory', 'deviceLocked'],
      unfit: 'sim',
    }
    assert.deepEqual(await eligibility(world, asked), {
      eligible: false,
      hindrances: [
        { hindrance: 'simMemory', detail: '32 KiB.' },
        { hindrance: 'deviceLocked', detail: 'Locked.' },
      ],
      keyModes: [],
    })
  })

  it('of a carrier that does not take part is no, without asking anybody', async () => {
    const before = world.peers.calls.length
    const { eligible, hindrances } = await eligibility(world, { ...asked, carrier: 'Z' })
    assert.deepEqual([eligible, hindrances.map(({ hindrance }) => hindrance)], [false, ['carrierUnknown']])
    assert.equal(world.peers.calls.length, before)
  })

  it('is not answered while the carrier is away, nor to whoever asks without end', async () => {
    world.peers.failing.set('sim', away)
    await assert.rejects(eligibility(world, asked), refusedWith('peer.unreachable'))
    const none = { ...world, quotas: { ...world.quotas, questions: { requests: 0, seconds: 60 } } }
    await assert.rejects(eligibility(none, asked), refusedWith('rate.exceeded'))
  })
})
