import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, verify } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { diversify, verifyToken } from '@mobile-jpki/globalplatform'
import { type Keyring, openKeyring } from '@mobile-jpki/keyring'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { openStore } from '@mobile-jpki/store'
import type { MakerKeys } from '../contract.ts'
import { provisionSim } from '../domain/provision.ts'
import { migrations, type Tables } from '../store/schema.ts'
import { carriers, closeStores, iccid, newSim, openWorld, sim } from './surroundings.ts'

const refusedWith = (code: RefusalCode, words?: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === code && (words === undefined || words.test(error.message))

const other = { ...newSim, iccid: '8981100000000000002', keyDiversificationData: new Uint8Array(10) }
const delegated = { ...newSim, profile: 'x-delegated' }
const guests = { ...newSim, iccid: '8981400000000000001', carrier: 'carrier-guest', profile: 'y-plain' }

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

/** All symmetric keys in it. */
const secretsIn = (keys: MakerKeys): readonly string[] => {
  const { keySets, receipt, overTheAir, psk } = keys
  const all = [
    ...keySets.flatMap(({ enc, mac, dek }) => [enc, mac, dek]),
    receipt?.key,
    overTheAir?.kic,
    overTheAir?.kid,
    overTheAir?.dek,
    psk?.key,
    psk?.dek,
  ]
  return all.flatMap((key) => (key === undefined ? [] : [key.toHex()]))
}

describe('the keys of a SIM', () => {
  it('are what its type says, the same whenever the maker asks', async () => {
    const world = await openWorld(keyring)
    const { keys, imsi, iin, cin } = await provisionSim(world, newSim)
    const master = await keyring.octets('carrier-one.issuer-30.128', 16)
    const expected = { scp: 3, i: 0x70, keyVersion: 0x30, ...diversify('kdf3', master, newSim.keyDiversificationData) }
    assert.deepEqual(keys, { keySets: [expected] })
    assert.deepEqual([imsi, iin.toHex(), cin.length], ['001010000000000', '898110', 10])
    assert.deepEqual((await provisionSim(world, newSim)).keys, keys)
  })

  it('of a type with tokens, receipts, DAP and both ways over the air are all there', async () => {
    const world = await openWorld(keyring)
    const { keys } = await provisionSim(world, delegated)
    const { token, receipt, dap, overTheAir, psk } = keys
    assert.deepEqual(
      [token?.keyVersion, receipt?.keyVersion, dap?.keyVersion, overTheAir?.keyVersion, psk?.keyVersion],
      [0x70, 0x71, 0x73, 0x01, 0x40],
    )
    assert.deepEqual([receipt?.type, receipt?.key.length, overTheAir?.type], ['AES', 32, 'DES'])
    assert.equal(psk?.identity, '8981100000000000001f4001')
    const all = secretsIn(keys)
    assert.equal(new Set(all).size, all.length, 'each has its own')
  })

  it('are no other SIM’s and no other carrier’s', async () => {
    const world = await openWorld(keyring)
    const one = await provisionSim(world, delegated)
    const two = await provisionSim(world, { ...other, profile: 'x-delegated', line: undefined })
    const theirs = await provisionSim(world, { ...guests, line: undefined })
    const all = [one, two, theirs].flatMap(({ keys }) => secretsIn(keys))
    const master = await keyring.octets('carrier-guest.issuer-30.128', 16)
    const shared = all.filter((key) => key === master.toHex())
    assert.equal(shared.length, 3, 'the guest has one key set for all of its SIMs')
    assert.equal(new Set(all).size, all.length - 2)
    assert.deepEqual(one.keys.token?.spki, two.keys.token?.spki, 'tokens are the carrier’s')
  })

  const refusals: readonly [string, object, RefusalCode, RegExp][] = [
    ['a type that the carrier does not have', { profile: 'y-plain' }, 'reference.not-found', /no SIM type y-plain/],
    ['a name of every object', { profile: 'toString' }, 'reference.not-found', /no SIM type/],
    ['a number of another issuer', { iccid: '8981200000000000001' }, 'request.malformed', /begin with 898110/],
    ['a carrier that is served elsewhere', { carrier: 'carrier-two' }, 'carrier.elsewhere', /Carrier Two has its own/],
  ]
  for (const [what, change, code, words] of refusals)
    it(`are refused for ${what}`, async () => {
      const world = await openWorld(keyring)
      await assert.rejects(provisionSim(world, { ...newSim, ...change }), refusedWith(code, words))
      assert.equal(await world.records.sims.find(iccid), undefined)
    })

  it('of a SIM that is there already do not follow from other diversification data', async () => {
    const world = await openWorld(keyring)
    await provisionSim(world, newSim)
    const changed = { ...newSim, keyDiversificationData: new Uint8Array(10) }
    await assert.rejects(provisionSim(world, changed), refusedWith('conditions.not-satisfied'))
    await provisionSim(world, { ...newSim, line: { ...newSim.line, subscriber: '私的 一郎' } })
    assert.equal((await world.records.subscriptions.ofSim(iccid))?.subscriber, '公的 花子')
  })
})

describe('the keys by which a carrier allows', () => {
  const ofType = { ...sim, profile: 'x-delegated' }
  const command = { cla: 0x80, ins: 0xe6, p1: 0x0c, p2: 0x00, data: Uint8Array.fromHex('014101420143010000' + '00') }
  const publicKey = (spki: Uint8Array) => createPublicKey({ key: Buffer.from(spki), type: 'spki', format: 'der' })

  it('sign tokens and load files that the SIM’s public ones verify', async () => {
    const { keys } = await openWorld(keyring)
    const token = await keys.token(ofType)
    const signature = token.sign(command)
    const withToken = { ...command, data: Uint8Array.of(...command.data.slice(0, -1), signature.length, ...signature) }
    assert.ok(verifyToken(publicKey(token.spki), withToken))
    const dap = await keys.dap(ofType)
    const hash = new Uint8Array(32).fill(7)
    assert.ok(verify('sha1', hash, publicKey(dap.spki), dap.sign(hash)), 'RSA-1024: PKCS #1 v1.5 with SHA-1')
  })

  it('are made once, whichever process asks first, and lie sealed in the store', async () => {
    const store = await openStore<Tables>({ url: 'sqlite::memory:', name: 'mno-tsm', migrations })
    try {
      const [one, two] = [await openWorld(keyring, store), await openWorld(keyring, store)]
      const [first, second] = await Promise.all([one.keys.token(ofType), two.keys.token(ofType)])
      assert.deepEqual(first.spki, second.spki)
      const inside = await one.transaction((records) => one.keys.within(records.signingKeys).dap(ofType))
      assert.deepEqual(inside.spki, (await two.keys.dap(ofType)).spki)
      const rows = await store.db.selectFrom('signing_key').select(['name', 'sealed']).orderBy('name').execute()
      assert.deepEqual(
        rows.map(({ name }) => name),
        ['carrier-one.dap.rsa-1024', 'carrier-one.token.p-256'],
      )
      for (const { sealed } of rows)
        assert.throws(() => createPrivateKey({ key: Buffer.from(sealed), type: 'pkcs8', format: 'der' }))
    } finally {
      await store.close()
    }
  })

  it('are refused for a type that has no use for them', async () => {
    const { keys } = await openWorld(keyring)
    for (const use of ['token', 'receipt', 'dap'] as const)
      await assert.rejects(keys[use](sim), refusedWith('not-supported', /x-plain/))
  })

  it('belong to a carrier that is configured: a SIM of no known type is a fault', async () => {
    const { keys } = await openWorld(keyring)
    await assert.rejects(keys.overTheAir({ ...sim, profile: 'gone' }), /not configured/)
    assert.throws(() => carriers.typeOf({ ...sim, carrier: 'carrier-two' }), /not configured/)
  })
})
