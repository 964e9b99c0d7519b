/** What is refused at the application, with the reason in words: a SIM that cannot, a key that cannot be made there, a line that is not the applicant's. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { apply, makeForm, signForm } from '@mobile-jpki/jpki-ui/domain'
import { changeLineStatus } from '@mobile-jpki/mno-tsm/contract'
import { Refusal, type RefusalCode, refusals } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service'
import { applyForDownload } from '@mobile-jpki/sp-tsm/contract'
import { phoneOf, type TownPhone } from '../../town/phones.ts'
import { asActor, openTown, rowsOf, type StoryTown } from '../stage/town.ts'
import { applicantOf, applied, password, refusedWith } from './steps.ts'

let town: StoryTown
before(async () => {
  town = await openTown()
})
after(() => town[Symbol.asyncDispose]())

/** Refused in those words, kept with them, without a code; nobody is asked for a certificate. */
async function isRefused(
  phone: TownPhone,
  asking: Promise<unknown>,
  code: RefusalCode,
  ...reasons: readonly RegExp[]
): Promise<void> {
  await assert.rejects(asking, (error) => {
    assert.ok(error instanceof Refusal, String(error))
    assert.deepEqual([error.code, error.whose], [code, 'mno-tsm'], error.message)
    assert.equal(error.sentence, refusals[code].sentence)
    for (const reason of reasons) assert.match(error.message, reason)
    return true
  })
  const { iccid } = phone.sim()
  const query = `SELECT state, trouble, access_code FROM sp_order WHERE iccid = '${iccid}' ORDER BY created_at DESC`
  const [{ state, trouble, access_code: kept } = {}] = rowsOf(town, 'sp-tsm', query)
  assert.deepEqual([state, kept, JSON.parse(String(trouble)).code], ['refused', null, code])
  assert.deepEqual(rowsOf(town, 'jpki-system', `SELECT 1 FROM phone_order WHERE iccid = '${iccid}'`), [])
}

describe('a key made on card', () => {
  for (const [simType, ...reasons] of [
    ['c-uicc-2014', /cannot make an RSA key pair/],
    ['b-uicc-2013', /cannot make an RSA key pair/, /no controlling authority/],
  ] as const)
    it(`is refused at the application for ${simType}, and one made by the JPKI system is not`, async () => {
      await using phone = await phoneOf(town, { simType })
      await isRefused(phone, applied(town, phone, 'on-card'), 'sim.not-eligible', ...reasons, /JPKI system/)
      assert.ok((await applied(town, phone, 'central')).orderId)
    })
})

describe('a SIM that cannot', () => {
  it('is refused with everything that it lacks', async () => {
    await using phone = await phoneOf(town, { simType: 'a-uicc-2012' })
    await isRefused(phone, applied(town, phone), 'sim.not-eligible', /32 KiB/, /RSA of 1024 bits/)
  })
})

describe('a line', () => {
  const formWith = async (phone: TownPhone, changes: { readonly msisdn: string }) => {
    const chance = { now: town.now, newId: () => crypto.randomUUID() }
    const form = { ...(await makeForm(phone.device, applicantOf(phone), chance)), ...changes }
    const application = await signForm(phone.device, form, phone.who.card.signPassword)
    return call(phone.device.spTsm, applyForDownload, { application, password })
  }

  it('with another number than the form says is refused, whoever signs', async () => {
    await using phone = await phoneOf(town, { simType: 'a-uicc-2016' })
    await isRefused(phone, formWith(phone, { msisdn: '09099999999' }), 'subscription.not-eligible', /09099999999/)
  })

  it('of somebody else is refused to a person who signs with her own card', async () => {
    await using his = await phoneOf(town, { simType: 'a-uicc-2016' })
    await using hers = await phoneOf(town, { simType: 'a-uicc-2016' })
    const { msisdn } = his.who.phone
    const { iccid } = his.sim()
    const chance = { now: town.now, newId: () => crypto.randomUUID() }
    const form = { ...(await makeForm(hers.device, applicantOf(hers), chance)), msisdn, iccid }
    const application = await signForm(hers.device, form, hers.who.card.signPassword)
    const asking = call(hers.device.spTsm, applyForDownload, { application, password })
    await isRefused(his, asking, 'subscription.not-eligible', /neither the subscriber nor the registered user/)
  })

  it('on another SIM of the same person is refused: the number is not that SIM’s', async () => {
    await using one = await phoneOf(town, { simType: 'a-uicc-2016' })
    await using other = await phoneOf(town, { simType: 'a-uicc-2016', who: undefined })
    const asking = formWith(one, { msisdn: other.who.phone.msisdn })
    await isRefused(one, asking, 'subscription.not-eligible')
  })

  it('that is suspended is refused until it is in service again, and one that has ended for good', async () => {
    await using phone = await phoneOf(town, { simType: 'a-uicc-2016' })
    const { carrier, msisdn } = phone.who.phone
    const become = (status: 'suspended' | 'inService' | 'ended', reason: 'unpaid' | 'paid' | 'cancelled') =>
      asActor(town, 'operator', { actor: 'mno-tsm', url: town.places.mnoTsm }, (mnoTsm) =>
        call(mnoTsm, changeLineStatus, { functionCall: { id: crypto.randomUUID() }, carrier, msisdn, status, reason }),
      )
    await become('suspended', 'unpaid')
    await isRefused(phone, applied(town, phone), 'subscription.not-eligible', /is suspended/)
    await become('inService', 'paid')
    assert.equal((await applied(town, phone)).state, 'verified')
    await become('ended', 'cancelled')
    await assert.rejects(applied(town, phone), refusedWith({ code: 'subscription.not-eligible', detail: /has ended/ }))
  })

  it('that a parent has for the applicant is accepted, and that parent’s other line is not', async () => {
    const subscriber = '公的 一郎'
    await using registered = await phoneOf(town, { simType: 'a-uicc-2016', line: (user) => ({ subscriber, user }) })
    assert.equal((await applied(town, registered)).state, 'verified')
    await using borrowed = await phoneOf(town, { simType: 'a-uicc-2016', line: () => ({ subscriber }) })
    await isRefused(borrowed, applied(town, borrowed), 'subscription.not-eligible', /nor the registered user/)
  })

  it('of the applicant is accepted', async () => {
    await using phone = await phoneOf(town, { simType: 'a-uicc-2016' })
    const chance = { now: town.now, newId: () => crypto.randomUUID() }
    const { state } = await apply(phone.device, applicantOf(phone), chance)
    assert.equal(state, 'verified')
  })
})
