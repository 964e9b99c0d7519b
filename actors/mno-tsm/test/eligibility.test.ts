import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { globalEligibility, subscriptionEligibility } from '../domain/eligibility.ts'
import type { Sim } from '../domain/sim.ts'
import type { Subscription } from '../domain/subscription.ts'

const iccid = '8981100000000000001'
const sim: Sim = { iccid, keyDiversificationData: new Uint8Array(10), profile: 'a-uicc-2016', state: 'known' }
const line: Subscription = {
  msisdn: '09012345678',
  iccid,
  subscriber: '公的 花子',
  user: '公的 太郎',
  state: 'inService',
}

const facts = {
  sim: sim as Sim | undefined,
  loadFileOctets: 16_000,
  device: { model: 'Phone 1', os: 'Android 14' },
  supported: [{ model: 'Phone 1', os: 'Android', minimumVersion: 6 }],
}
const request = { msisdn: line.msisdn, iccid, applicant: '公的 花子' }

describe('CheckGlobalEligibility', () => {
  it('takes a known SIM of a type that can, in a supported phone', () => {
    assert.deepEqual(globalEligibility(facts), { eligible: true, reasons: [] })
  })

  const refusals: readonly [string, Partial<typeof facts>, readonly RegExp[]][] = [
    ['a SIM of another carrier', { sim: undefined }, [/not one of this carrier/]],
    ['a disposed SIM', { sim: { ...sim, state: 'disposed' } }, [/disposed of/]],
    [
      'a SIM type that cannot, with every reason',
      { sim: { ...sim, profile: 'a-uicc-2012' }, loadFileOctets: 20_000 },
      [/32 KiB.*36 KiB are needed/, /1024 bits.*2048/, /CASD/],
    ],
    ['an applet too large', { loadFileOctets: 600 << 10 }, [/512 KiB.*616 KiB are needed/]],
    [
      'an unsupported phone',
      { device: { model: 'Brick', os: 'Android 14' } },
      [/The phone Brick is not among the supported/],
    ],
    [
      'too old a system',
      { device: { model: 'Phone 1', os: 'Android 5.1' } },
      [/needs Android 6 or later; it has Android 5.1/],
    ],
    ['another system', { device: { model: 'Phone 1', os: 'Other 14' } }, [/needs Android 6/]],
    ['a system without a version', { device: { model: 'Phone 1', os: 'Android' } }, [/needs Android 6/]],
    ['SIM and phone at once', { sim: undefined, device: { model: 'Brick', os: '?' } }, [/carrier/, /Brick/]],
  ]
  for (const [what, change, sentences] of refusals)
    it(`refuses ${what}`, () => {
      const { eligible, reasons } = globalEligibility({ ...facts, ...change })
      assert.equal(eligible, false)
      assert.equal(reasons.length, sentences.length)
      for (const [at, sentence] of sentences.entries()) assert.match(reasons[at] ?? '', sentence)
    })

  it('says whether the SIM or the phone stands in the way; of both, the SIM', () => {
    const device = { model: 'Brick', os: '?' }
    const unfit = [{ sim: undefined }, { device }, { sim: undefined, device }]
    assert.deepEqual(
      unfit.map((change) => globalEligibility({ ...facts, ...change }).unfit),
      ['sim', 'device', 'sim'],
    )
  })
})

describe('CheckMobileSubscriptionEligibility', () => {
  it('takes the subscriber and the registered user, however the name is spaced or its letters are wide', () => {
    for (const applicant of ['公的 花子', '公的花子', '公的　花子', '公的 太郎'])
      assert.deepEqual(subscriptionEligibility(line, { ...request, applicant }), { eligible: true, reasons: [] })
    const { eligible } = subscriptionEligibility(
      { ...line, subscriber: 'ＫＯＴＥＫＩ Hanako' },
      { ...request, applicant: 'KOTEKI hanako' },
    )
    assert.ok(eligible)
  })

  const refusals: readonly [string, Subscription | undefined, Partial<typeof request>, readonly RegExp[]][] = [
    ['a number of another carrier', undefined, {}, [/not a line of this carrier/]],
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
      const { eligible, reasons } = subscriptionEligibility(present, { ...request, ...change })
      assert.equal(eligible, false)
      assert.equal(reasons.length, sentences.length)
      for (const [at, sentence] of sentences.entries()) assert.match(reasons[at] ?? '', sentence)
    })

  it('never names the subscriber to the one who asks', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), fc.string({ minLength: 1, maxLength: 3 }), (subscriber, applicant) => {
        const { reasons } = subscriptionEligibility({ ...line, subscriber }, { ...request, applicant })
        assert.ok(reasons.every((reason) => !reason.includes(subscriber)))
      }),
      { numRuns: 200 },
    )
  })
})
