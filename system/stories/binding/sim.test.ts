/** Whose SIM: one that only claims to be the named one gets nothing, and one without CASD is delivered to on SP-TSM's voucher. docs/protocols/personalization.md. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { appletInstance, iccidOctets, spSecurityDomain } from '@mobile-jpki/jpki'
import { begin, certificateInSim, describe as describeDevice } from '@mobile-jpki/jpki-ui/domain'
import { Refusal } from '@mobile-jpki/refusal'
import { openSim } from '@mobile-jpki/sim'
import { simTypeNamed } from '../../carriers/carriers.ts'
import { openControllingAuthority } from '../../carriers/controlling-authority.ts'
import { writeCard } from '../../carriers/write-card.ts'
import { useAsCard, useOverNet } from '../../demo/use.ts'
import { memoryOf } from '../../town/cards/sims.ts'
import { phoneOf, type TownSim } from '../../town/phones.ts'
import { openTown, rowsOf, type StoryTown } from '../stage/town.ts'
import { followed, mailed, password, pin } from './steps.ts'

let town: StoryTown
before(async () => {
  town = await openTown()
})
after(() => town[Symbol.asyncDispose]())

const random = (length: number) => new Uint8Array(randomBytes(length))

/** The same number, type and diversification data, all of it free to read; keys and attestation of the forger's own making. */
async function forged({ iccid, simType: name }: TownSim): Promise<TownSim> {
  const directory = await mkdtemp(join(town.data, 'forged-'))
  const nvm = await memoryOf(directory, 'sim')
  const simType = simTypeNamed(name)
  const [{ scp, i, keyVersion, keyBits }] = simType.type.keySets as [(typeof simType.type.keySets)[number]]
  const key = () => random(keyBits / 8)
  const keySet = { scp, i: Number.parseInt(i, 16), keyVersion: Number.parseInt(keyVersion, 16) }
  const authority = await openControllingAuthority(join(directory, 'authority'), town.now)
  await writeCard(nvm, {
    iccid,
    simType,
    keyDiversificationData: iccidOctets(iccid),
    keys: { keySets: [{ ...keySet, enc: key(), mac: key(), dek: key() }] },
    controllingAuthority: simType.type.controllingAuthority ? await authority.certify(iccid) : undefined,
    random,
  })
  const card = openSim({ nvm, random })
  return { iccid, simType: name, card, directory, [Symbol.asyncDispose]: async () => nvm.close() }
}

/** Whether the card has that application. */
async function hasApplication({ card }: TownSim, aid: Uint8Array): Promise<boolean> {
  await card.reset()
  const answer = await card.transmit(Uint8Array.of(0x00, 0xa4, 0x04, 0x00, aid.length, ...aid))
  return answer.at(-2) !== 0x6a
}

const states = (iccid: string) => ({
  orders: rowsOf(town, 'sp-tsm', `SELECT state FROM sp_order WHERE iccid = '${iccid}'`).map(({ state }) => state),
  valid: rowsOf(
    town,
    'jpki-system',
    `SELECT state FROM phone_order JOIN certificate_status ON certificate_status.serial_number = unhex(phone_order.serial_number)
       WHERE iccid = '${iccid}' AND state = 2`,
  ).length,
})

describe('another SIM with the number of the named one', () => {
  for (const simType of ['a-uicc-2016', 'd-uicc-2014'])
    it(`is found out before anything is written into it, as ${simType}`, async () => {
      await using phone = await phoneOf(town, { simType })
      const genuine = phone.sim()
      const { accessCode } = await mailed(town, phone)
      await using forgery = await forged(genuine)
      await phone.restart(forgery)
      assert.equal((await describeDevice(phone.device)).iccid, genuine.iccid)
      const begun = await begin(phone.device, { accessCode, password })
      await assert.rejects(followed(town, phone.device, begun), (error) => {
        assert.ok(error instanceof Refusal, String(error))
        assert.equal(error.code, 'sim.attestation-invalid', error.message)
        return true
      })
      assert.equal(await hasApplication(forgery, spSecurityDomain), false)
      assert.equal(await hasApplication(forgery, appletInstance), false)
      const { orders, valid } = states(genuine.iccid)
      assert.ok(!orders.includes('active'))
      assert.equal(valid, 0)
      await phone.switchOff()
    })
})

describe('a SIM without CASD', () => {
  it('is delivered to on SP-TSM’s voucher, as the carrier said at application, and is in use', async () => {
    await using phone = await phoneOf(town, { simType: 'b-uicc-2013' })
    assert.equal((await describeDevice(phone.device)).casd, false)
    const { orderId, accessCode } = await mailed(town, phone)
    const said = (house: 'sp-tsm' | 'jpki-system') => {
      const [table, name] = house === 'sp-tsm' ? ['sp_order', 'id'] : ['phone_order', 'order_id']
      return rowsOf(town, house, `SELECT attested_by FROM ${table} WHERE ${name} = '${orderId}'`)
    }
    assert.deepEqual(said('sp-tsm'), [{ attested_by: 'voucher' }])
    assert.deepEqual(said('jpki-system'), [{ attested_by: 'voucher' }])
    await followed(town, phone.device, await begin(phone.device, { accessCode, password }))
    await useAsCard(phone.device, pin)
    await useOverNet(phone.device, town.places.relyingParty, pin)
    assert.ok(await certificateInSim(phone.device))
  })

  it('is told apart by the phone, whatever SP-TSM says: with a CASD it attests by that', async () => {
    await using phone = await phoneOf(town, { simType: 'c-uicc-2014' })
    assert.equal((await describeDevice(phone.device)).casd, true)
    const { orderId } = await mailed(town, phone)
    const query = `SELECT attested_by FROM phone_order WHERE order_id = '${orderId}'`
    assert.deepEqual(rowsOf(town, 'jpki-system', query), [{ attested_by: 'casd' }])
  })
})
