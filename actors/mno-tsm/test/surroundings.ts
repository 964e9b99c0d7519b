/** What the tests of MNO-TSM stand on: two carriers and a guest of the first, a SIM, a world on a database in memory. */
import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { encodeProgram } from '@mobile-jpki/javacard'
import { appletModule, appletPackage, oneTimePair } from '@mobile-jpki/jpki'
import { type Keyring, vaultIn } from '@mobile-jpki/keyring'
import { openStore, type Store } from '@mobile-jpki/store'
import { Carrier, type SimType } from '../contract.ts'
import { carriersOf } from '../domain/carriers.ts'
import { readLoadFile } from '../domain/load-file.ts'
import type { NewSim } from '../domain/provision.ts'
import type { Sim } from '../domain/sim.ts'
import type { Subscription } from '../domain/subscription.ts'
import type { World } from '../domain/world.ts'
import { carrierKeysIn } from '../keys/carrier-keys.ts'
import { recordsIn } from '../store/records.ts'
import { migrations, type Tables } from '../store/schema.ts'

const plain = {
  description: 'SCP03, simple management, CASD',
  atr: '3B9F96801FC78031A073BE21136743200718000001A5',
  keySets: [{ scp: 3, i: '70', keyVersion: '30', keyBits: 128, diversification: 'kdf3' }],
  minimumLevel: '01',
  management: { model: 'simple' },
  mandatedDap: 'none',
  controllingAuthority: true,
  accessRules: true,
  bearers: ['agent'],
  largestData: 255,
  memory: { nonVolatile: 512 << 10, volatile: 8 << 10 },
  rsa: { longest: 2048, generation: true },
  javaCard: '3.0.4',
  pinless: true,
  logicalChannels: 4,
} as const

const small = {
  ...plain,
  controllingAuthority: false,
  memory: { nonVolatile: 32 << 10, volatile: 2 << 10 },
  rsa: { longest: 1024, generation: false },
} as const

/** Tokens, receipts, DAP and both ways over the air. */
const delegated = {
  ...plain,
  keySets: [{ scp: 2, i: '55', keyVersion: '21', keyBits: 128, diversification: 'visa2' }],
  management: { model: 'delegated', tokens: 'p-256', receipts: 'aes-256' },
  mandatedDap: 'rsa-1024',
  bearers: ['agent', 'scp80', 'scp81'],
} as const

const withoutCasd = { ...plain, controllingAuthority: false, rsa: { longest: 2048, generation: false } } as const

const android = { os: 'Android', minimumVersion: 6 }

export const home = Carrier.parse({
  name: 'Carrier One',
  iccidPrefix: '898110',
  simTypes: { 'x-plain': plain, 'x-small': small, 'x-delegated': delegated, 'x-without-casd': withoutCasd },
  devices: [
    { model: 'Phone 1', ...android },
    { model: 'Phone 1 locked', ...android, seller: 'carrier-one', simLock: true },
    { model: 'Phone 2 locked', ...android, seller: 'carrier-two', simLock: true },
    { model: 'Phone 2', ...android, seller: 'carrier-two' },
  ],
})
export const guest = Carrier.parse({
  name: 'Guest',
  host: 'carrier-one',
  iccidPrefix: '898140',
  simTypes: { 'y-plain': { ...plain, keySets: [{ ...plain.keySets[0], diversification: 'none' }] } },
})

export const carriers = carriersOf(
  { 'carrier-one': home, 'carrier-guest': guest },
  { 'carrier-two': { name: 'Carrier Two', iccidPrefix: '898120' } },
)

export const typeNamed = (name: string): SimType => {
  const type = carriers.typeNamed('carrier-one', name)
  assert.ok(type)
  return type
}

export const iccid = '8981100000000000001'
export const carrier = 'carrier-one'

export const newSim = {
  carrier,
  iccid,
  keyDiversificationData: Uint8Array.fromHex('00112233445566778899'),
  profile: 'x-plain',
  line: { msisdn: '09012345678', subscriber: '公的 花子' },
} as const satisfies NewSim

export const sim: Sim = {
  iccid,
  carrier,
  seId: '89811089811000000000000000F1',
  imsi: '001010000000000',
  keyDiversificationData: newSim.keyDiversificationData,
  profile: 'x-plain',
  keyVersion: 0x30,
  state: 'known',
}

export const line: Subscription = {
  carrier,
  msisdn: '09012345678',
  iccid,
  subscriber: '公的 花子',
  user: '公的 太郎',
  state: 'inService',
}

export const dataBlock = encodeProgram({
  packageAid: appletPackage,
  version: { major: 1, minor: 2 },
  moduleAids: [appletModule],
  script: '(card) => ({ process: () => ({ sw: 0x9000 }) })',
})

const stores: Store<Tables>[] = []
export const closeStores = () => Promise.all(stores.map((store) => store.close()))

/** A TSM with that store, or one of its own in memory; somebody to tell of everything. */
export async function openWorld(keyring: Keyring, opened?: Store<Tables>): Promise<World> {
  const store = opened ?? (await openStore<Tables>({ url: 'sqlite::memory:', name: 'mno-tsm', migrations }))
  if (opened === undefined) stores.push(store)
  const records = recordsIn(store.db)
  return {
    records,
    transaction: (work) => store.transaction((held) => work(recordsIn(held))),
    carriers,
    keys: carrierKeysIn(keyring, carriers, records.signingKeys),
    answers: vaultIn(keyring, 'function-calls'),
    loadFile: readLoadFile(dataBlock),
    now: () => new Date('2026-11-22T01:02:03Z'),
    randomOctets: (length) => new Uint8Array(randomBytes(length)),
    newId: randomUUID,
    oneTimePair,
    agentUrl: () => 'https://carrier.invalid',
    tells: () => true,
    onNews: () => undefined,
    onFault: (error) => assert.ifError(error),
  }
}
