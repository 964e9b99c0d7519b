import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { diversify } from '@mobile-jpki/globalplatform'
import { encodeProgram } from '@mobile-jpki/javacard'
import { appletModule, appletPackage, oneTimePair } from '@mobile-jpki/jpki'
import { type Keyring, openKeyring } from '@mobile-jpki/keyring'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { openStore, type Store } from '@mobile-jpki/store'
import { carrierKeysIn } from '../domain/carrier-keys.ts'
import { actionDone, deployService, serviceState } from '../domain/deploy.ts'
import type { Deployment } from '../domain/deployment.ts'
import { readLoadFile } from '../domain/load-file.ts'
import { type NewSim, provisionSim } from '../domain/provision.ts'
import type { World } from '../domain/world.ts'
import { recordsIn } from '../store/records.ts'
import { migrations, type Tables } from '../store/schema.ts'

const refusedWith = (code: RefusalCode, words?: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === code && (words === undefined || words.test(error.message))

const dataBlock = encodeProgram({
  packageAid: appletPackage,
  version: { major: 1, minor: 2 },
  moduleAids: [appletModule],
  script: '(card) => ({ process: () => ({ sw: 0x9000 }) })',
})

const iccid = '8981100000000000001'
const newSim: NewSim = {
  iccid,
  keyDiversificationData: Uint8Array.fromHex('00112233445566778899'),
  profile: 'a-uicc-2016',
  line: { msisdn: '09012345678', subscriber: '公的 花子' },
}
const orderId = '00000000-0000-4000-8000-000000000001'
const point = (fill: number) => new Uint8Array(65).fill(fill)
const request = { orderId, iccid, keyTransport: point(4) }

let directory: string
let keyring: Keyring
const stores: Store<Tables>[] = []
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jpki-mno-tsm-'))
  keyring = await openKeyring(directory)
})
after(async () => {
  await Promise.all(stores.map((store) => store.close()))
  await rm(directory, { recursive: true })
})

async function carrier(sim: Partial<NewSim> = {}): Promise<World> {
  const store = await openStore<Tables>({ url: 'sqlite::memory:', name: 'mno-tsm', migrations })
  stores.push(store)
  const world: World = {
    records: recordsIn(store.db),
    transaction: (work) => store.transaction((held) => work(recordsIn(held))),
    keys: carrierKeysIn(keyring),
    loadFile: readLoadFile(dataBlock),
    devices: [],
    now: () => new Date('2026-11-22T01:02:03Z'),
    randomOctets: (length) => new Uint8Array(randomBytes(length)),
    newId: randomUUID,
    oneTimePair,
    agentUrl: () => 'https://carrier.invalid',
    onFault: (error) => assert.ifError(error),
  }
  await provisionSim(world, { ...newSim, ...sim })
  return world
}

const change = async ({ records }: World, by: Partial<Deployment>) => {
  const deployment = await records.deployments.find(orderId)
  assert.ok(deployment)
  await records.deployments.save({ ...deployment, ...by })
}

describe('provisionSim', () => {
  it('answers the keys of that SIM, the same ones whenever it is asked', async () => {
    const world = await carrier()
    const { enc, mac, dek, keyVersion, scp, i } = await provisionSim(world, newSim)
    const master = await keyring.octets('carrier-issuer-master', 16)
    assert.deepEqual({ enc, mac, dek }, diversify('kdf3', master, newSim.keyDiversificationData))
    assert.deepEqual([keyVersion, scp, i], [0x30, 3, 0x70])
    const other = { ...newSim, iccid: '8981100000000000002', keyDiversificationData: new Uint8Array(10) }
    assert.notDeepEqual((await provisionSim(world, other)).enc, enc)
  })

  it('changes nothing of a SIM or a line that is there already', async () => {
    const world = await carrier()
    await provisionSim(world, { ...newSim, profile: 'a-uicc-2012', line: { ...newSim.line, subscriber: '私的 一郎' } })
    assert.equal((await world.records.sims.find(iccid))?.profile, 'a-uicc-2016')
    assert.equal((await world.records.subscriptions.find('09012345678'))?.subscriber, '公的 花子')
  })

  it('refuses other diversification data for a SIM that is there already', async () => {
    const world = await carrier()
    const changed = { ...newSim, keyDiversificationData: new Uint8Array(10) }
    await assert.rejects(provisionSim(world, changed), refusedWith('conditions.not-satisfied'))
  })
})

describe('⑭ DeployService', () => {
  it('is the same deployment whenever it is asked for, also when two ask at once', async () => {
    const world = await carrier()
    const all = await Promise.all([deployService(world, request), deployService(world, request)])
    const again = await deployService(world, request)
    assert.deepEqual(new Set([...all, again].map(({ sessionId }) => sessionId)).size, 1)
    assert.deepEqual(await serviceState(world, orderId), { state: 'requested' })
  })

  const notEligible: readonly [string, Partial<NewSim>, (world: World) => Promise<void>, RefusalCode, RegExp][] = [
    ['a SIM that cannot', { profile: 'a-uicc-2012' }, async () => {}, 'sim.not-eligible', /RSA of 1024/],
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
      ({ records }) => records.subscriptions.save({ ...newSim.line, user: '太郎', iccid, state: 'suspended' }),
      'subscription.not-eligible',
      /suspended/,
    ],
    [
      'a SIM whose line moved to another one',
      {},
      ({ records }) =>
        records.subscriptions.save({ ...newSim.line, user: '太郎', iccid: '8981100000000000009', state: 'inService' }),
      'subscription.not-eligible',
      /no line/,
    ],
  ]
  for (const [what, sim, happens, code, words] of notEligible)
    it(`refuses ${what}, and remembers nothing`, async () => {
      const world = await carrier(sim)
      await happens(world)
      await assert.rejects(deployService(world, request), refusedWith(code, words))
      await assert.rejects(serviceState(world, orderId), refusedWith('reference.not-found'))
    })

  it('refuses the same order for another SIM', async () => {
    const world = await carrier()
    await deployService(world, request)
    const other = { iccid: '8981100000000000002', keyDiversificationData: new Uint8Array(10) }
    await provisionSim(world, { ...newSim, ...other, line: { ...newSim.line, msisdn: '09000000002' } })
    await assert.rejects(
      deployService(world, { ...request, iccid: other.iccid }),
      refusedWith('conditions.not-satisfied', /another SIM/),
    )
  })

  it('takes another transport key until a key set is sealed for one', async () => {
    const world = await carrier()
    await deployService(world, request)
    assert.deepEqual((await deployService(world, { ...request, keyTransport: point(5) })).keyTransport, point(5))
    await change(world, { state: 'domainReady', keySet: new Uint8Array(160) })
    await assert.rejects(
      deployService(world, { ...request, keyTransport: point(6) }),
      refusedWith('conditions.not-satisfied', /another transport key/),
    )
  })

  it('tells a failure once, and then forgets it when asked for the service again', async () => {
    const world = await carrier()
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
    const world = await carrier()
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
