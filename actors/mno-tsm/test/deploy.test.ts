import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { appletModule, appletPackage } from '@mobile-jpki/jpki'
import { type Keyring, openKeyring } from '@mobile-jpki/keyring'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { actionDone, deployService, serviceState } from '../domain/deploy.ts'
import type { Deployment } from '../domain/deployment.ts'
import { readLoadFile } from '../domain/load-file.ts'
import { type NewSim, provisionSim } from '../domain/provision.ts'
import type { World } from '../domain/world.ts'
import { carrier, closeStores, dataBlock, iccid, line, newSim, openWorld } from './surroundings.ts'

const refusedWith = (code: RefusalCode, words?: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === code && (words === undefined || words.test(error.message))

const orderId = '00000000-0000-4000-8000-000000000001'
const point = (fill: number) => new Uint8Array(65).fill(fill)
const request = { carrier, orderId, iccid, keyTransport: point(4) }

let directory: string
let keyring: Keyring
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jpki-mno-tsm-'))
  keyring = await openKeyring(directory)
})
after(async () => {
  await closeStores()
  await rm(directory, { recursive: true })
})

async function opened(given: Partial<NewSim> = {}): Promise<World> {
  const world = await openWorld(keyring)
  await provisionSim(world, { ...newSim, ...given })
  return world
}

const change = async ({ records }: World, by: Partial<Deployment>) => {
  const deployment = await records.deployments.find(orderId)
  assert.ok(deployment)
  await records.deployments.save({ ...deployment, ...by })
}

describe('⑭ DeployService', () => {
  it('is the same deployment whenever it is asked for, also when two ask at once', async () => {
    const world = await opened()
    const all = await Promise.all([deployService(world, request), deployService(world, request)])
    const again = await deployService(world, request)
    assert.deepEqual(new Set([...all, again].map(({ sessionId }) => sessionId)).size, 1)
    assert.equal((await serviceState(world, orderId)).state, 'requested')
  })

  const notEligible: readonly [string, Partial<NewSim>, (world: World) => Promise<void>, RefusalCode, RegExp][] = [
    ['a SIM that cannot', { profile: 'x-small' }, async () => {}, 'sim.not-eligible', /RSA of 1024/],
    [
      'a disposed SIM',
      {},
      async ({ records: { sims } }) => {
        const sim = await sims.find(iccid)
        if (sim) await sims.save({ ...sim, state: 'disposed' })
      },
      'sim.not-eligible',
      /disposed/,
    ],
    [
      'a suspended line',
      {},
      ({ records }) => records.subscriptions.save({ ...line, state: 'suspended' }),
      'subscription.not-eligible',
      /suspended/,
    ],
    [
      'a SIM whose line moved to another one',
      {},
      ({ records }) => records.subscriptions.save({ ...line, iccid: '8981100000000000009' }),
      'subscription.not-eligible',
      /no line/,
    ],
  ]
  for (const [what, given, happens, code, words] of notEligible)
    it(`refuses ${what}, and remembers nothing`, async () => {
      const world = await opened(given)
      await happens(world)
      await assert.rejects(deployService(world, request), refusedWith(code, words))
      await assert.rejects(serviceState(world, orderId), refusedWith('reference.not-found'))
    })

  it('refuses the same order for another SIM', async () => {
    const world = await opened()
    await deployService(world, request)
    const other = { iccid: '8981100000000000002', keyDiversificationData: new Uint8Array(10) }
    await provisionSim(world, { ...newSim, ...other, line: { ...newSim.line, msisdn: '09000000002' } })
    await assert.rejects(
      deployService(world, { ...request, iccid: other.iccid }),
      refusedWith('conditions.not-satisfied', /another SIM/),
    )
  })

  it('takes another transport key until a key set is sealed for one', async () => {
    const world = await opened()
    await deployService(world, request)
    assert.deepEqual((await deployService(world, { ...request, keyTransport: point(5) })).keyTransport, point(5))
    await change(world, { state: 'domainReady', keySet: new Uint8Array(160) })
    await assert.rejects(
      deployService(world, { ...request, keyTransport: point(6) }),
      refusedWith('conditions.not-satisfied', /another transport key/),
    )
  })

  it('tells a failure once, and then forgets it when asked for the service again', async () => {
    const world = await opened()
    await deployService(world, request)
    const refusal = { code: 'card.refused', detail: 'LOAD: 6A84', told: false } as const
    await change(world, { state: 'domainReady', keySet: new Uint8Array(160), refusal })
    await deployService(world, request)
    const told = await serviceState(world, orderId)
    assert.deepEqual([told.state, told.refusal], ['failed', { code: 'card.refused', detail: 'LOAD: 6A84' }])
    assert.equal((await serviceState(world, orderId)).state, 'failed', 'a lost reply can be asked for again')
    await deployService(world, request)
    assert.equal((await serviceState(world, orderId)).state, 'domainReady')
  })
})

describe('HandleActionDoneOnService', () => {
  it('refuses an order that is unknown, or whose place in the SIM another one took', async () => {
    const world = await opened()
    await deployService(world, request)
    await assert.rejects(actionDone(world, randomUUID(), 'personalize'), refusedWith('reference.not-found'))
    await assert.rejects(actionDone(world, orderId, 'personalize'), refusedWith('reference.not-found'))
  })
})

describe('the load file', () => {
  it('is read for its package, its class and its version', () => {
    const { aid, module, version, hash } = readLoadFile(dataBlock)
    assert.deepEqual([aid, module, version, hash.length], [appletPackage, appletModule, Uint8Array.of(1, 2), 32])
  })

  it('is refused when it is none, or holds no applet', () => {
    assert.throws(() => readLoadFile(dataBlock.slice(0, -1)))
    assert.throws(() => readLoadFile(new Uint8Array(20)))
  })
})
