import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Keyring, openKeyring } from '@mobile-jpki/keyring'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { listCarriers, listSims, showLine, showSim } from '../back-office/entries.ts'
import { changeDevice, changeLineStatus, changeNumber, movePhoneNumber, replaceSim } from '../back-office/lines.ts'
import { disposeSim } from '../back-office/sims.ts'
import { deployService } from '../domain/deploy.ts'
import { provisionSim } from '../domain/provision.ts'
import type { World } from '../domain/world.ts'
import { carrier, closeStores, iccid, newSim, openWorld } from './surroundings.ts'

const refusedWith = (code: RefusalCode, words?: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === code && (words === undefined || words.test(error.message))

const { msisdn } = newSim.line
const ofLine = { carrier, msisdn }
const spare = '8981100000000000002'
const guests = '8981400000000000001'
const orderId = '00000000-0000-4000-8000-000000000001'

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

/** A SIM with a line, for which SP-TSM asked; a spare one, and a spare one of the guest's. */
async function opened({ asked = true } = {}): Promise<World> {
  const world = await openWorld(keyring)
  const { line: _, ...bare } = newSim
  await provisionSim(world, newSim)
  await provisionSim(world, { ...bare, iccid: spare })
  await provisionSim(world, { ...bare, iccid: guests, carrier: 'carrier-guest', profile: 'y-plain' })
  if (asked) await deployService(world, { carrier, orderId, iccid, keyTransport: new Uint8Array(65).fill(4) })
  return world
}

/** What SP-TSM and the network are to be told since the SIM has its line. */
async function news(world: World): Promise<readonly (readonly [string, Readonly<Record<string, unknown>>])[]> {
  const all = new Map()
  for (const sim of [iccid, spare, guests])
    for (const one of await world.records.notifications.ofSim(sim)) all.set(one.id, [one.name, one.message])
  return [...all.values()].slice(1)
}

const stateOf = async ({ records }: World) => (await records.subscriptions.find(carrier, msisdn))?.state

describe('a line', () => {
  it('is suspended and resumed, and SP-TSM is told', async () => {
    const world = await opened()
    await changeLineStatus(world, { ...ofLine, status: 'suspended', reason: 'unpaid' })
    assert.equal(await stateOf(world), 'suspended')
    await changeLineStatus(world, { ...ofLine, status: 'inService', reason: 'paid' })
    assert.deepEqual(await news(world), [
      ['HandleMobileSubscriptionStatusChange', { iccid, msisdn, status: 'suspended' }],
      ['HandleMobileSubscriptionStatusChange', { iccid, msisdn, status: 'active' }],
    ])
  })

  it('that is lost says so of the SIM, and of the SIM that is found', async () => {
    const world = await opened()
    await changeLineStatus(world, { ...ofLine, status: 'suspended', reason: 'stolen' })
    await changeLineStatus(world, { ...ofLine, status: 'inService', reason: 'found' })
    assert.deepEqual(
      (await news(world)).map(([name, { status }]) => `${name} ${status}`),
      [
        'HandleMobileSubscriptionStatusChange suspended',
        'HandleSEStatusChange lost',
        'HandleMobileSubscriptionStatusChange active',
        'HandleSEStatusChange active',
      ],
    )
  })

  it('ends once and for all, and the network forgets its number', async () => {
    const world = await opened()
    await changeLineStatus(world, { ...ofLine, status: 'ended', reason: 'cancelled' })
    const { warning } = await changeLineStatus(world, { ...ofLine, status: 'ended', reason: 'cancelled' })
    assert.match(warning ?? '', /ended already/)
    assert.deepEqual(
      (await news(world)).map(([name]) => name),
      ['HandleMobileSubscriptionStatusChange', 'removeLine'],
    )
    await assert.rejects(
      changeLineStatus(world, { ...ofLine, status: 'inService', reason: 'request' }),
      refusedWith('conditions.not-satisfied', /resume is not possible/),
    )
    await assert.rejects(changeNumber(world, { ...ofLine, to: '09000000009' }), refusedWith('conditions.not-satisfied'))
  })

  it('gets another number, unless somebody has it', async () => {
    const world = await opened()
    const other = { msisdn: '09000000002', subscriber: '私的 一郎' }
    await provisionSim(world, { ...newSim, iccid: spare, line: other })
    await assert.rejects(changeNumber(world, { ...ofLine, to: other.msisdn }), refusedWith('conditions.not-satisfied'))
    await changeNumber(world, { ...ofLine, to: '09000000003' })
    assert.equal((await world.records.subscriptions.ofSim(iccid))?.msisdn, '09000000003')
    assert.equal(await stateOf(world), undefined)
    const ours = (await news(world)).filter(([, { msisdn }]) => msisdn !== other.msisdn)
    assert.deepEqual(ours, [
      ['removeLine', { msisdn }],
      ['setLine', { msisdn: '09000000003', iccid }],
      ['HandleMobileSubscriptionIdentifierChanged', { iccid, oldMsisdn: msisdn, newMsisdn: '09000000003' }],
    ])
  })

  it('moves to another SIM, which the old one names from then on', async () => {
    const world = await opened()
    await replaceSim(world, { ...ofLine, iccid: spare, reason: 'broken' })
    assert.equal((await world.records.subscriptions.find(carrier, msisdn))?.iccid, spare)
    assert.equal((await world.records.sims.find(iccid))?.successor, spare)
    assert.deepEqual(await news(world), [
      ['HandleSERenewal', { oldIccid: iccid, newIccid: spare, msisdn }],
      ['setLine', { msisdn, iccid: spare }],
    ])
    assert.match((await replaceSim(world, { ...ofLine, iccid: spare, reason: 'broken' })).warning ?? '', /already/)
  })

  const unfit: readonly [string, (world: World) => Promise<unknown>, string, RefusalCode, RegExp][] = [
    ['one that nobody knows', async () => {}, '8981100000000000009', 'reference.not-found', /no SIM with ICCID/],
    ['one of another carrier', async () => {}, guests, 'reference.not-found', /Carrier One has no SIM/],
    [
      'one that was disposed of',
      (world) => disposeSim(world, { carrier, iccid: spare }),
      spare,
      'conditions.not-satisfied',
      /disposed of/,
    ],
    [
      'one that carries a line',
      (world) => provisionSim(world, { ...newSim, iccid: spare, line: { msisdn: '09000000002', subscriber: '一郎' } }),
      spare,
      'conditions.not-satisfied',
      /carries the line 09000000002/,
    ],
  ]
  for (const [what, happens, to, code, words] of unfit)
    it(`does not move to ${what}, and nobody is told`, async () => {
      const world = await opened()
      await happens(world)
      const before = await news(world)
      await assert.rejects(replaceSim(world, { ...ofLine, iccid: to, reason: 'exchange' }), refusedWith(code, words))
      assert.deepEqual(await news(world), before)
    })

  it('is in another phone: one that is not supported is noted with a warning', async () => {
    const world = await opened()
    const device = { model: 'Phone 2', os: 'Android 14' }
    assert.deepEqual(await changeDevice(world, { ...ofLine, device }), {})
    const { warning } = await changeDevice(world, { ...ofLine, device: { ...device, model: 'Brick' } })
    assert.match(warning ?? '', /Brick is not among the supported/)
    assert.deepEqual((await news(world))[0], ['HandleSEDeviceChanged', { iccid, device }])
    assert.equal((await world.records.subscriptions.find(carrier, msisdn))?.device?.model, 'Brick')
  })

  it('is nobody’s to change who does not have it', async () => {
    const world = await opened()
    const wrong = { carrier: 'carrier-guest', msisdn }
    for (const change of [
      () => changeLineStatus(world, { ...wrong, status: 'suspended', reason: 'request' }),
      () => changeNumber(world, { ...wrong, to: '09000000003' }),
      () => replaceSim(world, { ...wrong, iccid: guests, reason: 'exchange' }),
    ])
      await assert.rejects(change(), refusedWith('reference.not-found', /not a line of Guest/))
  })

  it('of a SIM that SP-TSM never asked for is SP-TSM’s business in nothing', async () => {
    const world = await opened({ asked: false })
    await changeLineStatus(world, { ...ofLine, status: 'suspended', reason: 'lost' })
    await changeDevice(world, { ...ofLine, device: { model: 'Phone 2', os: 'Android 14' } })
    assert.deepEqual(await news(world), [])
  })
})

describe('a number that moves to another carrier', () => {
  const toGuest = { carrier: 'carrier-guest', msisdn, iccid: guests }

  it('ends at the one and begins at the other, where both are served here', async () => {
    const world = await opened()
    assert.deepEqual(await movePhoneNumber(world, { ...toGuest, from: carrier }), {})
    assert.equal(await stateOf(world), 'ended')
    const line = await world.records.subscriptions.find('carrier-guest', msisdn)
    assert.deepEqual([line?.iccid, line?.subscriber, line?.state], [guests, newSim.line.subscriber, 'inService'])
    assert.deepEqual(await news(world), [
      ['HandleMobileSubscriptionStatusChange', { iccid, msisdn, status: 'ended' }],
      ['setLine', { msisdn, iccid: guests }],
    ])
    assert.equal((await showLine(world, msisdn)).lines.length, 2)
  })

  it('comes from a carrier that is served elsewhere, with the name of its new subscriber', async () => {
    const world = await opened()
    const from = { ...toGuest, msisdn: '09000000007', from: 'carrier-two' }
    await assert.rejects(movePhoneNumber(world, from), refusedWith('request.malformed', /subscriber/))
    const { warning } = await movePhoneNumber(world, { ...from, subscriber: '私的 一郎' })
    assert.match(warning ?? '', /The TSM that serves carrier-two ends the line/)
  })

  it('is not one that another line here has, and moves from somebody to somebody else', async () => {
    const world = await opened()
    const from = { ...toGuest, subscriber: '私的 一郎' }
    await assert.rejects(
      movePhoneNumber(world, { ...from, from: 'carrier-two' }),
      refusedWith('conditions.not-satisfied'),
    )
    await assert.rejects(movePhoneNumber(world, { ...from, from: 'carrier-guest' }), refusedWith('request.malformed'))
  })
})

describe('a SIM', () => {
  it('is disposed of when no line is on it any more, and SP-TSM is told once', async () => {
    const world = await opened()
    await assert.rejects(
      disposeSim(world, { carrier, iccid }),
      refusedWith('conditions.not-satisfied', /carries the line/),
    )
    await changeLineStatus(world, { ...ofLine, status: 'ended', reason: 'cancelled' })
    await disposeSim(world, { carrier, iccid })
    assert.match((await disposeSim(world, { carrier, iccid })).warning ?? '', /already/)
    assert.deepEqual(
      (await news(world)).filter(([name]) => name === 'HandleSEStatusChange'),
      [['HandleSEStatusChange', { iccid, status: 'disposed' }]],
    )
    await assert.rejects(disposeSim(world, { carrier: 'carrier-guest', iccid }), refusedWith('reference.not-found'))
  })

  it('is shown with its line, its orders and its news, and never with a key or its diversification data', async () => {
    const world = await opened()
    await changeLineStatus(world, { ...ofLine, status: 'suspended', reason: 'unpaid' })
    const shown = await showSim(world, iccid)
    assert.deepEqual(
      [shown.lines[0]?.state, shown.deployments[0]?.orderId, shown.notifications.length],
      ['suspended', orderId, 2],
    )
    assert.ok(!JSON.stringify(shown).includes(newSim.keyDiversificationData.toHex()))
    await assert.rejects(showSim(world, '8981100000000000009'), refusedWith('reference.not-found'))
    await assert.rejects(showLine(world, '09000000009'), refusedWith('reference.not-found'))
  })
})

describe('the registry', () => {
  it('is listed in pages, each behind the one before', async () => {
    const world = await openWorld(keyring)
    const { line: _, ...bare } = newSim
    for (let number = 0; number < 101; number++)
      await provisionSim(world, { ...bare, iccid: `8981100000000${String(number).padStart(6, '0')}` })
    const first = await listSims(world, {})
    assert.equal(first.sims.length, 100)
    const second = await listSims(world, { carrier, after: first.next })
    assert.deepEqual([second.sims.map(({ iccid }) => iccid), second.next], [['8981100000000000100'], undefined])
    await assert.rejects(listSims(world, { carrier: 'carrier-two' }), refusedWith('carrier.elsewhere'))
  })

  it('counts what each carrier has, and names those that are served elsewhere', async () => {
    const world = await opened()
    const { carriers } = await listCarriers(world)
    assert.deepEqual(
      carriers.map(({ carrier, served, sims, lines, waiting }) => [carrier, served, sims, lines, waiting]),
      [
        ['carrier-guest', true, 1, 0, 0],
        ['carrier-one', true, 2, 1, 1],
        ['carrier-two', false, 0, 0, 0],
      ],
    )
  })
})
