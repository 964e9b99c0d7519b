/** A register of an earlier version, opened by the program of today: all of it is there, and goes on. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parseCertificate } from '@mobile-jpki/pkix'
import { ocspRequest, verifyCrl, verifyOcspResponse } from '@mobile-jpki/pkix/crypto'
import type { Store } from '@mobile-jpki/store'
import { type Cluster, startCluster } from '@mobile-jpki/store/cluster'
import { needs } from '../../../../test/needs.ts'
import type { AuthorityName } from '../../domain/world.ts'
import type { Tables } from '../../store/index.ts'
import { makeSim } from '../sim.ts'
import { authority, collect, prove, revoke, type Surroundings, surroundings } from '../surroundings.ts'
import { named, openOldDump, openOldFile, signerOf, unseal } from './register.ts'

function suite(open: () => Promise<Store<Tables>>): void {
  let store: Store<Tables>
  let world: Surroundings
  before(async () => {
    store = await open()
    const none = async () => assert.fail('nothing new is sealed here')
    world = await surroundings({
      store,
      caKeys: { find: async (name) => signerOf(name), signer: async (name) => signerOf(name) },
      vault: { seal: none, open: unseal },
    })
  })
  after(async () => {
    await world.close()
    await store.close()
  })

  const find = (name: AuthorityName, serialNumber: string) => world.register.certificates.find(name, serialNumber)
  const stateOf = async (name: AuthorityName, serialNumber: string) => {
    const found = await find(name, serialNumber)
    return [found?.kind, found?.partition, found?.state, found?.revocation?.reason].filter(Boolean).join(' ')
  }
  const ocspOf = async (name: AuthorityName, serialNumber: string) => {
    const issuer = world.authorities.find(name, 1).opened
    const { der } = await world.validity.answer(ocspRequest(issuer, serialNumber))
    const answer = await verifyOcspResponse(der, { issuer, serialNumber, at: world.now() })
    return answer.status === 'revoked' ? `revoked ${answer.reason}` : answer.status
  }
  const listedIn = async (partition?: string) => {
    const scope = { authority: 'sign', generation: 1, ...(partition !== undefined && { partition }) } as const
    const ca = world.authorities.find('sign', 1)
    const list = await world.register.lists.latest(scope)
    const opened = await verifyCrl(list?.der ?? new Uint8Array(), ca.opened, world.now())
    return [...opened.entries()].map((one) => one.serialNumber)
  }

  it('has every certificate in its state, with the municipality of its person as its partition', async () => {
    assert.equal(await stateOf('sign', named.sign), 'sign 13221 valid')
    assert.equal(await stateOf('auth', named.auth), 'auth 13221 valid')
    assert.equal(await stateOf('auth', named.phone), 'phoneAuth 13221 valid')
    assert.equal(await stateOf('auth', named.pending.serialNumber), 'phoneAuth 01101 pending')
    assert.equal(await stateOf('auth', named.held), 'phoneAuth 47201 held certificateHold')
    assert.equal(await stateOf('sign', named.revoked), 'sign 47201 revoked keyCompromise')
    assert.equal(await stateOf('auth', named.discarded), 'phoneAuth 47201 revoked unspecified')
    assert.equal(await stateOf('auth', named.superseded), 'auth 47201 revoked superseded')
    assert.equal((await find('auth', named.superseded))?.successor, named.successor)
  })

  it('has its times, keys and octets as the certificates say them', async () => {
    for (const [name, serialNumber] of [
      ['sign', named.sign],
      ['auth', named.phone],
      ['sign', named.endsSoon],
    ] as const) {
      const record = await find(name, serialNumber)
      const opened = parseCertificate(record?.der ?? new Uint8Array())
      assert.equal(opened.serialNumber, serialNumber)
      assert.deepEqual([record?.notBefore, record?.notAfter], [opened.notBefore, opened.notAfter])
      assert.deepEqual(await world.register.certificates.findByKey(name, record?.keyIdentifier ?? ''), record)
    }
  })

  it('answers OCSP for all of them', async () => {
    assert.equal(await ocspOf('sign', named.sign), 'good')
    assert.equal(await ocspOf('auth', named.phone), 'good')
    assert.equal(await ocspOf('auth', named.pending.serialNumber), 'unknown')
    assert.equal(await ocspOf('auth', named.held), 'revoked certificateHold')
    assert.equal(await ocspOf('sign', named.revoked), 'revoked keyCompromise')
    assert.equal(await ocspOf('auth', named.discarded), 'revoked unspecified')
  })

  it('goes on counting its lists, and brings what no list said yet into them', async () => {
    const scope = { authority: 'sign', generation: 1 } as const
    assert.equal((await world.register.lists.head(scope))?.number, 1)
    assert.ok(!(await listedIn()).includes(named.unlisted))
    for (const due of await world.register.lists.due()) await world.publisher.bring(due)
    assert.equal((await world.register.lists.head(scope))?.number, 2)
    assert.ok((await listedIn()).includes(named.unlisted))
    assert.deepEqual((await listedIn('47201')).includes(named.revoked), true)
    assert.deepEqual(await world.register.lists.due(), [])
  })

  it('gives an order that waits fifteen days from the beginning of its certificate, and none to one that is over', async () => {
    const { orders } = world.register
    const pending = await find('auth', named.pending.serialNumber)
    const waiting = await orders.find(named.pending.order)
    assert.equal(waiting?.keyGeneration, 'central')
    assert.equal(waiting?.waitsUntil?.getTime(), (pending?.notBefore.getTime() ?? 0) + 15 * 86_400_000)
    assert.ok((await orders.find(named.reserved))?.waitsUntil)
    for (const serialNumber of [named.phone, named.discarded])
      assert.equal((await orders.findByCertificate(serialNumber))?.waitsUntil, undefined)
  })

  it('hands over the key that waited, and takes the proof', async () => {
    const { order, serialNumber, iccid } = named.pending
    const sim = makeSim(authority, iccid)
    const content = await sim.receive(order, await collect(world, await sim.attest(order)))
    assert.deepEqual(content.certificate, (await find('auth', serialNumber))?.der)
    await prove(world, { orderId: order, signature: sim.finish(order) })
    assert.equal(await ocspOf('auth', serialNumber), 'good')
  })

  it('revokes, and says so', async () => {
    await revoke(world, { authority: 'sign', serialNumber: named.sign, reason: 'keyCompromise' })
    assert.equal(await ocspOf('sign', named.sign), 'revoked keyCompromise')
    assert.ok((await listedIn('13221')).includes(named.sign))
  })
}

describe('a register of the first version, in SQLite', () => {
  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'jpki-old-'))
  })
  after(() => rm(directory, { recursive: true }))
  suite(() => openOldFile(directory))
})

describe('a register of the first version, in PostgreSQL', {
  skip: process.env['DATABASE_URL'] === undefined ? needs('postgresql') : false,
}, () => {
  let cluster: Cluster | undefined
  after(() => cluster?.stop())
  suite(async () => {
    cluster = process.env['DATABASE_URL'] === undefined ? await startCluster() : undefined
    return openOldDump(process.env['DATABASE_URL'] ?? cluster?.url ?? '')
  })
})
