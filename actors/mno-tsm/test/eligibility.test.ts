import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { hindrances } from '../contract.ts'
import { type Asked, globalEligibility, keyModesOf, subscriptionEligibility } from '../domain/eligibility.ts'
import type { Sim } from '../domain/sim.ts'
import type { Subscription } from '../domain/subscription.ts'
import { carrier, carriers, iccid, line, sim, typeNamed } from './surroundings.ts'

const phone = { model: 'Phone 1', os: 'Android 14' }
const facts = {
  sim: sim as Sim | undefined,
  loadFileOctets: 16_000,
  asked: {} as Partial<Asked>,
}
const judge = ({ sim, loadFileOctets, asked }: typeof facts) =>
  globalEligibility({ carriers, loadFileOctets }, sim, { carrier, iccid, device: phone, ...asked })
const request = { carrier, msisdn: line.msisdn, iccid, applicant: '公的 花子' }

describe('CheckGlobalEligibility', () => {
  it('takes a known SIM of a type that can, in a supported phone, and says what it can', () => {
    assert.deepEqual(judge(facts), {
      eligible: true,
      reasons: [],
      hindrances: [],
      keyModes: ['central', 'on-card'],
      bearers: ['agent'],
      casd: true,
    })
    const without = judge({ ...facts, sim: { ...sim, profile: 'x-without-casd' } })
    assert.deepEqual([without.eligible, without.keyModes, without.casd], [true, ['central'], false])
  })

  it('takes every way that the type offers', () => {
    for (const bearer of typeNamed('x-delegated').bearers)
      for (const keyMode of keyModesOf(typeNamed('x-delegated')))
        assert.ok(
          judge({ ...facts, sim: { ...sim, profile: 'x-delegated' }, asked: { bearer, keyMode } }).eligible,
          `${bearer} ${keyMode}`,
        )
  })

  it('takes a phone of another seller, where it has no SIM lock, and a locked one of its own', () => {
    for (const model of ['Phone 2', 'Phone 1 locked'])
      assert.deepEqual(judge({ ...facts, asked: { device: { ...phone, model } } }).reasons, [])
  })

  it('takes a guest’s SIM in a phone that is locked to its host’s network', () => {
    const guests: Sim = { ...sim, carrier: 'carrier-guest', profile: 'y-plain', iccid: '8981400000000000001' }
    const asked = { carrier: guests.carrier, iccid: guests.iccid, device: { ...phone, model: 'Phone 1 locked' } }
    assert.deepEqual(judge({ ...facts, sim: guests, asked }).reasons, [])
  })

  const refusals: readonly [string, Partial<typeof facts>, readonly RegExp[]][] = [
    ['a SIM that nobody knows', { sim: undefined }, [/Carrier One has no SIM with ICCID/]],
    [
      'a SIM of another carrier, and says whose it is',
      { sim: undefined, asked: { iccid: '8981200000000000001' } },
      [/is not one of Carrier One: its number is one of Carrier Two/],
    ],
    [
      'a guest’s SIM as the host’s own',
      { sim: { ...sim, carrier: 'carrier-guest', profile: 'y-plain' }, asked: { iccid: '8981400000000000001' } },
      [/its number is one of Guest/],
    ],
    ['a disposed SIM', { sim: { ...sim, state: 'disposed' } }, [/disposed of/]],
    [
      'a SIM type that cannot, with every reason',
      { sim: { ...sim, profile: 'x-small' }, loadFileOctets: 20_000 },
      [/32 KiB.*36 KiB are needed/, /1024 bits.*2048/],
    ],
    [
      'a key made in a SIM that cannot make or attest one',
      { sim: { ...sim, profile: 'x-without-casd' }, asked: { keyMode: 'on-card' } },
      [/cannot make an RSA key pair/, /no controlling authority security domain/],
    ],
    ['short messages to a SIM that takes none', { asked: { bearer: 'scp80' } }, [/short messages \(SCP80\)/]],
    ['a SIM that does not call by itself', { asked: { bearer: 'scp81' } }, [/over HTTPS by itself \(SCP81\)/]],
    ['an applet too large', { loadFileOctets: 600 << 10 }, [/512 KiB.*616 KiB are needed/]],
    [
      'an unsupported phone',
      { asked: { device: { model: 'Brick', os: 'Android 14' } } },
      [/The phone Brick is not among the supported/],
    ],
    [
      'a phone locked to another network',
      { asked: { device: { ...phone, model: 'Phone 2 locked' } } },
      [/locked to SIMs of Carrier Two, which sold it.*for a SIM of Carrier One/],
    ],
    [
      'too old a system',
      { asked: { device: { model: 'Phone 1', os: 'Android 5.1' } } },
      [/needs Android 6 or later; it has Android 5.1/],
    ],
    ['another system', { asked: { device: { model: 'Phone 1', os: 'Other 14' } } }, [/needs Android 6/]],
    ['a system without a version', { asked: { device: { model: 'Phone 1', os: 'Android' } } }, [/needs Android 6/]],
    [
      'SIM and phone at once',
      { sim: undefined, asked: { device: { model: 'Brick', os: '?' } } },
      [/Carrier One/, /Brick/],
    ],
  ]
  for (const [what, change, sentences] of refusals)
    it(`refuses ${what}`, () => {
      const { eligible, reasons } = judge({ ...facts, ...change })
      assert.equal(eligible, false)
      assert.equal(reasons.length, sentences.length, reasons.join(' '))
      for (const [at, sentence] of sentences.entries()) assert.match(reasons[at] ?? '', sentence)
    })

  it('says of each reason of which kind it is; every kind comes up here', () => {
    const kinds = refusals.flatMap(([, change]) => {
      const { reasons, hindrances } = judge({ ...facts, ...change })
      assert.equal(hindrances.length, reasons.length)
      return hindrances
    })
    assert.deepEqual([...new Set(kinds)].sort(), [...hindrances].sort())
  })

  it('says whether the SIM or the phone stands in the way; of both, the SIM', () => {
    const asked = { device: { model: 'Brick', os: '?' } }
    const unfit = [{ sim: undefined }, { asked }, { sim: undefined, asked }]
    assert.deepEqual(
      unfit.map((change) => judge({ ...facts, ...change }).unfit),
      ['sim', 'device', 'sim'],
    )
  })
})

describe('CheckMobileSubscriptionEligibility', () => {
  it('takes the subscriber and the registered user, however the name is spaced or its letters are wide', () => {
    for (const applicant of ['公的 花子', '公的花子', '公的　花子', '公的 太郎'])
      assert.deepEqual(subscriptionEligibility(carriers, line, { ...request, applicant }), {
        eligible: true,
        reasons: [],
      })
    const { eligible } = subscriptionEligibility(
      carriers,
      { ...line, subscriber: 'ＫＯＴＥＫＩ Hanako' },
      { ...request, applicant: 'KOTEKI hanako' },
    )
    assert.ok(eligible)
  })

  const refusals: readonly [string, Subscription | undefined, Partial<typeof request>, readonly RegExp[]][] = [
    ['a number of another carrier', undefined, {}, [/not a line of Carrier One/]],
    ['a suspended line', { ...line, state: 'suspended' }, {}, [/suspended/]],
    ['a line whose contract has ended', { ...line, state: 'ended' }, {}, [/has ended/]],
    ['a number on another SIM', line, { iccid: '8981100000000000002' }, [/not on the SIM/]],
    ['somebody else', line, { applicant: '私的 花子' }, [/neither the subscriber nor the registered user/]],
    [
      'all at once',
      { ...line, state: 'suspended' },
      { iccid: '8981100000000000002', applicant: 'x' },
      [/suspended/, /not on/, /neither/],
    ],
  ]
  for (const [what, present, change, sentences] of refusals)
    it(`refuses ${what}`, () => {
      const { eligible, reasons } = subscriptionEligibility(carriers, present, { ...request, ...change })
      assert.equal(eligible, false)
      assert.equal(reasons.length, sentences.length)
      for (const [at, sentence] of sentences.entries()) assert.match(reasons[at] ?? '', sentence)
    })

  it('never names the subscriber to the one who asks', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), fc.string({ minLength: 1, maxLength: 3 }), (subscriber, applicant) => {
        const { reasons } = subscriptionEligibility(carriers, { ...line, subscriber }, { ...request, applicant })
        assert.ok(reasons.every((reason) => !reason.includes(subscriber)))
      }),
      { numRuns: 200 },
    )
  })
})
