/** Another SIM of the same carrier, another carrier, an MVNO; and the SIM moved into another phone. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { checkPhone, type Device, giveUp, orderInUse, rebind, signForm, visit } from '@mobile-jpki/jpki-ui/domain'
import { changeLineStatus, replaceSim } from '@mobile-jpki/mno-tsm/contract'
import { call } from '@mobile-jpki/service'
import { askForLifeEvent } from '@mobile-jpki/sp-tsm/contract'
import { simTypeNamed } from '../../carriers/carriers.ts'
import { download } from '../../demo/download.ts'
import { useAsCard } from '../../demo/use.ts'
import { iccidOf, type TestPerson } from '../../town/people.ts'
import { phoneOf, spareSim, type TownPhone } from '../../town/phones.ts'
import { asActor, openTown, rowsOf } from '../stage/town.ts'
import { applyAnew, refusal, type Street, streetIn } from './street.ts'

let street: Street
let phone: TownPhone
let orderId: string
before(async () => {
  street = streetIn(await openTown())
  phone = await phoneOf(street, { simType: 'a-uicc-2016' })
  await download(phone.person)
  orderId = await inUse(phone.device)
})
const others: TownPhone[] = []
after(async () => {
  for (const one of [...others, phone]) await one[Symbol.asyncDispose]()
  await street[Symbol.asyncDispose]()
})

async function inUse(device: Device): Promise<string> {
  const known = await orderInUse(device)
  assert.ok(known, 'the phone knows its order')
  return known
}

const signer = () => ({ signPassword: phone.who.card.signPassword })
const functionOf = (carrier: string) => ({ functionCall: { id: randomUUID() }, carrier })
const atShop = <T>(work: (mnoTsm: Parameters<typeof call>[0]) => Promise<T>) =>
  asActor(street, 'operator', { actor: 'mno-tsm', url: street.places.mnoTsm }, work)

/** The same person, with another phone and line. */
async function phoneWith(simType: string, account: string): Promise<TownPhone> {
  const { carrierId } = simTypeNamed(simType)
  const who: TestPerson = {
    ...phone.who,
    phone: { ...phone.who.phone, carrier: carrierId, msisdn: `0907${account}` },
    sim: { iccid: iccidOf(simTypeNamed(simType), `7${account}`), profile: simType },
  }
  const other = await phoneOf(street, { simType, who })
  others.push(other)
  return other
}

/** The certificate is in another phone or SIM now, and answers for the old one. */
async function transferred(to: TownPhone, because = 'replaced') {
  const { serialNumber } = await street.life(orderId)
  const { orderId: next } = await applyAnew(street, orderId, to.person)
  const { serialNumber: present } = await street.life(next)
  assert.equal(await street.status(present), 'good')
  assert.equal(await street.successor(serialNumber), present)
  await useAsCard(to.device, to.person.pin)
  const old = await street.until(orderId, ({ state }) => state === 'ended')
  assert.deepEqual(old.because, [because])
  return { old: orderId, next }
}

const proofOf = (order: string) =>
  rowsOf(street, 'sp-tsm', `SELECT proof FROM sp_life_task WHERE order_id = '${order}' AND proof IS NOT NULL`).length

describe('another SIM of the same carrier', () => {
  it('is told by the carrier; the old certificate is good until that in the new SIM is', async () => {
    const { serialNumber } = await street.life(orderId)
    const old = phone.sim()
    const spare = await spareSim(street, 'a-uicc-2016')
    const { msisdn, carrier } = phone.who.phone
    await atShop((to) =>
      call(to, replaceSim, { ...functionOf(carrier), msisdn, iccid: spare.iccid, reason: 'exchange' }),
    )
    await street.until(orderId, ({ tasks }) =>
      tasks.some(({ event, state }) => event === 'simRenewed' && state === 'done'),
    )
    await street.mailed(/もう一度申請/, phone.who.mail)
    assert.equal(await street.status(serialNumber), 'good')
    await phone.restart(spare)
    const { old: before, next } = await transferred(phone)
    assert.equal(await street.status(serialNumber), 'revoked superseded')
    // The old SIM lies in a drawer until somebody puts it into a phone again.
    assert.equal((await street.life(before)).tasks.at(-1)?.state, 'atSim')
    await phone.restart(old)
    assert.equal(await visit(phone.device, street.waits), true)
    await street.until(before, ({ tasks }) => tasks.at(-1)?.state === 'done')
    assert.equal(proofOf(before), 1)
    await phone.restart(spare)
    await useAsCard(phone.device, phone.person.pin)
    orderId = next
  })
})

describe('a SIM that is moved into another phone', () => {
  it('is not taken there until its person signs for that phone', async () => {
    assert.equal(await checkPhone(phone.device), orderId)
    const other = await phoneWith('a-uicc-2016', '1000001')
    const sim = phone.sim()
    await phone.switchOff()
    await other.restart(sim)
    await assert.rejects(checkPhone(other.device), refusal('device.not-the-bound-one'))
    assert.equal(await rebind(other.device, signer(), street.chance), orderId)
    assert.equal(await checkPhone(other.device), orderId)
    await useAsCard(other.device, phone.person.pin)
    await street.mailed(/スマートフォンを登録/, phone.who.mail)
    await other.switchOff()
    await phone.restart(sim)
    await assert.rejects(checkPhone(phone.device), refusal('device.not-the-bound-one'), 'the phone of before')
  })
})

describe('another person', () => {
  it('asks nothing of the phone: not by naming its order, nor as a replacement of it', async () => {
    const stranger = await phoneOf(street, { simType: 'a-uicc-2016' })
    others.push(stranger)
    const { signPassword } = stranger.who.card
    const { now, newId } = street.chance
    const form = { type: 'mobile-jpki/give-up', version: 1, id: newId(), madeAt: now().toISOString(), orderId }
    const request = await signForm(stranger.device, form, signPassword)
    await assert.rejects(
      call(stranger.device.spTsm, askForLifeEvent, { request }),
      refusal('application.wrong-signer', /another person/),
    )
    await assert.rejects(
      giveUp(stranger.device, { signPassword }, street.chance),
      refusal('reference.not-found', /Nothing was ever downloaded/),
    )
    await assert.rejects(
      applyAnew(street, orderId, stranger.person),
      refusal('application.wrong-signer', /another person/),
    )
    assert.equal((await street.life(orderId)).state, 'inUse')
  })
})

describe('another carrier', () => {
  it('takes the certificate over; the SIM of the one before is wiped where it is reached, with proof', async () => {
    const atB = await phoneWith('b-uicc-2015', '2000001')
    const { old, next } = await transferred(atB)
    assert.equal(await visit(phone.device, street.waits), true)
    await street.until(old, ({ tasks }) => tasks.at(-1)?.state === 'done')
    assert.equal(proofOf(old), 1)
    orderId = next
  })

  it('that is an MVNO takes it over as well, by way of its host; a line that ended there ends the certificate', async () => {
    const atD = await phoneWith('d-uicc-2016', '4000001')
    const { next } = await transferred(atD)
    orderId = next
    const { msisdn, carrier } = atD.who.phone
    const ending = { ...functionOf(carrier), msisdn, status: 'ended', reason: 'ported' } as const
    await atShop((to) => call(to, changeLineStatus, ending))
    const { because, serialNumber } = await street.until(orderId, ({ state }) => state === 'ended')
    assert.deepEqual(because, ['lineEnded'])
    assert.equal(await street.status(serialNumber), 'revoked cessationOfOperation')
    const atC = await phoneWith('c-uicc-2017', '3000001')
    await transferred(atC, 'lineEnded')
  })
})
