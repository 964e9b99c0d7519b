/** The carrier's work in a SIM by short messages (SCP80), over its own network: whole, and with everything going wrong that a network does. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, describe, it } from 'node:test'
import type { Disturbance, Mishap } from '@mobile-jpki/carrier-network'
import { beginConversation, deployService } from '@mobile-jpki/mno-tsm/contract'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service'
import { type Air, openAir } from './air.ts'

const refusedWith = (code: RefusalCode) => (error: unknown) => error instanceof Refusal && error.code === code

const opened: Air[] = []
const openOne = async (...given: Parameters<typeof openAir>) => {
  const air = await openAir(...given)
  opened.push(air)
  return air
}
after(() => Promise.all(opened.map((air) => air.close())))

const submitted = ({ trace }: Air) => trace.entries().filter(({ what, ok }) => what === 'submit_sm' && ok)

const deployedInto = async (air: Air, iccid: string) =>
  air.deployed(await air.deploy(iccid, 'scp80'), { iccid, bearer: 'scp80' })

const passive = { lose: 'lost', double: 'doubled', delay: 'delayed' } as const

/** A mishap to about one message in so many, on both ways: as by chance, and the same each time. */
function everyOther(mishap: Mishap, often: number): Disturbance {
  let chance = often
  return () => {
    chance = (Math.imul(chance, 1_664_525) + 1_013_904_223) >>> 0
    return (chance >>> 16) % often === 0 ? mishap : 'none'
  }
}

describe('a SIM reached by short messages', () => {
  for (const simType of ['b-uicc-2013', 'c-uicc-2014', 'd-uicc-2016'])
    it(`gets its SP area: ${simType}`, async () => {
      const air = await openOne(simType)
      const { iccid } = await air.newPhone()
      const { state, securityDomain } = await deployedInto(air, iccid)
      assert.deepEqual([state, securityDomain === undefined], ['domainReady', false])
    })

  it('gets the applet too where the carrier manages it, in messages that hold nothing readable', async () => {
    const air = await openOne('d-uicc-2014')
    const { iccid } = await air.newPhone()
    const { state } = await deployedInto(air, iccid)
    assert.equal(state, 'appletInstalled')
    const sent = Buffer.concat(submitted(air).map(({ raw = new Uint8Array() }) => Buffer.from(raw)))
    for (let at = 0; at + 32 < air.loadFile.length; at += 512)
      assert.equal(sent.indexOf(air.loadFile.subarray(at, at + 16)), -1, 'the load file is ciphered')
  })

  for (const [mishap, often] of [
    ['lose', 3],
    ['double', 2],
    ['delay', 2],
  ] as const)
    it(`gets its SP area although one message in ${often} is ${passive[mishap]}`, async () => {
      const air = await openOne('c-uicc-2014', { disturbance: everyOther(mishap, often) })
      const { iccid } = await air.newPhone()
      const { state, refusal } = await deployedInto(air, iccid)
      assert.deepEqual([state, refusal], ['domainReady', undefined])
    })

  it('begins again when what it answered is lost, and looks at the card first', async () => {
    let lost = 0
    const air = await openOne('c-uicc-2014', {
      disturbance: (way) => (way === 'fromPhone' && lost < 3 && ++lost <= 3 ? 'lose' : 'none'),
    })
    const { iccid } = await air.newPhone()
    const { state } = await deployedInto(air, iccid)
    assert.deepEqual([state, lost], ['domainReady', 3])
  })

  it('is waited for while its phone is off', async () => {
    const air = await openOne('c-uicc-2014')
    const phone = await air.newPhone()
    await phone.switchOff()
    const order = await air.deploy(phone.iccid, 'scp80')
    assert.equal((await air.stateOf(order)).state, 'requested')
    phone.switchOn()
    assert.equal((await air.deployed(order, { iccid: phone.iccid, bearer: 'scp80' })).state, 'domainReady')
  })

  it('is reached again by an MNO-TSM that was restarted, under counters that the SIM has not seen', async () => {
    const air = await openOne('d-uicc-2014')
    const phone = await air.newPhone()
    const order = await air.deploy(phone.iccid, 'scp80')
    while (submitted(air).length < 30) await new Promise((resolve) => setTimeout(resolve, 20))
    await air.restartTsm()
    assert.notEqual((await air.stateOf(order)).state, 'appletInstalled')
    await air.deploy(phone.iccid, 'scp80', order)
    assert.equal((await air.deployed(order, { iccid: phone.iccid, bearer: 'scp80' })).state, 'appletInstalled')
  })
})

describe('a SIM is not reached', () => {
  it('by a bearer that its type does not have', async () => {
    const air = await openOne('c-uicc-2014')
    const { iccid } = await air.newPhone()
    const { base, peers, transport } = air
    const order = { ...base(), orderId: randomUUID(), iccid, keyTransport: transport.point }
    await assert.rejects(call(peers.spTsm, deployService, { ...order, bearer: 'scp81' }), refusedWith('not-supported'))
  })

  it('by SP-TSM before its SP area is there, or for an order that nobody knows', async () => {
    const air = await openOne('c-uicc-2014')
    const phone = await air.newPhone()
    await phone.switchOff()
    const { base, peers } = air
    const begin = (orderId: string) => call(peers.spTsm, beginConversation, { ...base(), orderId, bearer: 'scp80' })
    const order = await air.deploy(phone.iccid, 'agent')
    await assert.rejects(begin(order), (error) => error instanceof Refusal)
    await assert.rejects(begin(randomUUID()), refusedWith('reference.not-found'))
  })
})
