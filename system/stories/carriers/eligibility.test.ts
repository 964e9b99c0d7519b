/** Whoever cannot have it hears so at application, with the reason in words: before a certificate is made or a code is sent. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { applicationState, apply } from '@mobile-jpki/jpki-ui/domain'
import { checkGlobalEligibility, checkMobileSubscriptionEligibility } from '@mobile-jpki/mno-tsm/contract'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service'
import { simTypes } from '../../carriers/carriers.ts'
import { tsmOf } from '../../carriers/served.ts'
import { download } from '../../demo/download.ts'
import { phoneOf, type WantedPhone } from '../../town/phones.ts'
import { asActor, codeMailsIn, openTown, rowsOf, type StoryTown } from '../stage/town.ts'

let town: StoryTown
before(async () => {
  town = await openTown()
})
after(() => town[Symbol.asyncDispose]())

const refusedWith = (code: RefusalCode, words: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === code && words.test(error.message)

/** How the application of that phone ends: the trouble of the order, or none. */
async function applied(
  wanted: WantedPhone,
): Promise<{ state: string; code?: string; detail?: string; whose?: string }> {
  await using phone = await phoneOf(town, wanted)
  const { who, device, keyGeneration = 'central' } = phone.person
  const applicant = {
    signPassword: who.card.signPassword,
    mail: who.mail,
    password: 'a password of the story',
    keyGeneration,
  }
  const asked = await apply(device, applicant, { now: town.now, newId: randomUUID }).catch((error: unknown) => {
    if (error instanceof Refusal) return error
    throw error
  })
  if (asked instanceof Refusal) return { state: 'refused', ...told(asked, asked.message) }
  for (;;) {
    const { state, trouble } = await applicationState(device, asked.orderId)
    if (trouble !== undefined) return { state, ...told(trouble, trouble.detail) }
    if (state === 'codeSent') return { state }
    await setTimeout(20)
  }
}

const told = ({ code, whose }: { readonly code: string; readonly whose?: string | undefined }, detail: string) => ({
  code,
  detail,
  ...(whose !== undefined && { whose }),
})

describe('an application is refused', () => {
  const cases: readonly [string, WantedPhone, RefusalCode, RegExp][] = [
    [
      'for a SIM that is too small and too weak, with both reasons',
      { simType: 'a-uicc-2012' },
      'sim.not-eligible',
      /32 KiB for applications; \d+ KiB are needed.*RSA of 1024 bits at most; 2048 are needed/,
    ],
    [
      'for a key made in a SIM that makes none and attests none',
      { simType: 'd-uicc-2014', keyGeneration: 'on-card' },
      'sim.not-eligible',
      /cannot make an RSA key pair itself.*no controlling authority/,
    ],
    [
      'for a phone that is locked to the SIMs of another seller',
      { simType: 'a-uicc-2016', device: { model: 'Sample Phone 15 B', os: 'Android 14' } },
      'device.not-eligible',
      /locked to SIMs of Carrier B, which sold it.*for a SIM of Carrier A/,
    ],
    [
      'for a phone that the carrier of the SIM has not tested',
      { simType: 'c-uicc-2017', device: { model: 'Sample Phone 15 A', os: 'Android 14' } },
      'device.not-eligible',
      /Sample Phone 15 A is not among the supported ones/,
    ],
  ]
  for (const [what, wanted, code, words] of cases)
    it(what, async () => {
      const before = { orders: certified(), mails: (await codeMailsIn(town)).length }
      const outcome = await applied(wanted)
      assert.deepEqual([outcome.state, outcome.code, outcome.whose], ['refused', code, 'mno-tsm'])
      assert.match(outcome.detail ?? '', words)
      assert.equal(certified(), before.orders, 'no certificate was made')
    })

  const certified = () => rowsOf(town, 'jpki-system', 'SELECT count(*) AS n FROM phone_order')[0]?.['n']
})

describe('an application is taken', () => {
  it('for a SIM in a phone that another carrier sold, without a SIM lock', async () => {
    const device = { model: 'Sample Phone 16 B', os: 'Android 14' }
    assert.deepEqual(await applied({ simType: 'a-uicc-2016', device }), { state: 'codeSent' })
  })

  it('for a guest’s SIM in a phone that is locked to its host’s network', async () => {
    const device = { model: 'Sample Phone 15 A', os: 'Android 14' }
    assert.deepEqual(await applied({ simType: 'd-uicc-2016', device }), { state: 'codeSent' })
  })
})

describe('an MVNO', () => {
  const asSpTsm = <T>(carrier: string, work: Parameters<typeof asActor<T>>[3]) =>
    asActor(town, 'sp-tsm', { actor: 'mno-tsm', url: tsmOf(town.places, carrier) }, work)
  const base = (carrier: string) => ({ functionCall: { id: randomUUID() }, carrier })
  const device = { model: 'Sample Phone 16', os: 'Android 14' }

  it('is served by the TSM of its host, which reaches its SIMs; its name stands on every word of it', async () => {
    await using phone = await phoneOf(town, { simType: 'd-uicc-2016' })
    const { iccid } = phone.who.sim
    await download(phone.person)
    const [row] = rowsOf(town, 'mno-tsm', `SELECT carrier, state FROM sim WHERE iccid = '${iccid}'`)
    assert.deepEqual(row, { carrier: 'carrier-d', state: 'personalized' })
    const hosts = await asSpTsm('carrier-a', (peer) =>
      call(peer, checkGlobalEligibility, { ...base('carrier-a'), iccid, device }),
    )
    assert.deepEqual([hosts.eligible, hosts.unfit], [false, 'sim'])
    assert.match(hosts.reasons.join(' '), /not one of Carrier A: its number is one of MVNO D/)
  })

  it('is not served by the TSM of another carrier, which says whose it is', async () => {
    await asSpTsm('carrier-b', async (peer) => {
      const words = /the TSM of Carrier B; MVNO D is on the network of Carrier A, whose TSM serves it/
      await assert.rejects(
        call(peer, checkGlobalEligibility, { ...base('carrier-d'), iccid: '89814000000000000001', device }),
        refusedWith('carrier.elsewhere', words),
      )
      await assert.rejects(
        call(peer, checkMobileSubscriptionEligibility, {
          ...base('carrier-d'),
          iccid: '89814000000000000001',
          msisdn: '09000000001',
          applicant: '見本　花子',
        }),
        refusedWith('carrier.elsewhere', words),
      )
    })
  })
})

describe('what a carrier tells of a SIM', () => {
  it('is what the SIM’s type says: key modes, ways over the air, CASD', async () => {
    for (const { name, type, carrierId } of simTypes) {
      await using phone = await phoneOf(town, { simType: name })
      const { iccid } = phone.who.sim
      const url = tsmOf(town.places, carrierId)
      const reply = await asActor(town, 'sp-tsm', { actor: 'mno-tsm', url }, (peer) =>
        call(peer, checkGlobalEligibility, {
          functionCall: { id: randomUUID() },
          carrier: carrierId,
          iccid,
          device: phone.who.phone,
        }),
      )
      assert.deepEqual([reply.casd, reply.bearers], [type.controllingAuthority, [...type.bearers]], name)
      assert.equal(reply.keyModes?.includes('on-card'), type.rsa.generation && type.controllingAuthority, name)
      assert.equal(reply.eligible, name !== 'a-uicc-2012', name)
    }
  })
})
