/**
 * Somebody on the way changes what the SIM answers, where the channel has no R-MAC to tell: SCP02 i=15 without a CASD, SCP03 i=00 with one.
 * Check values, envelope key and proof of possession each carry their own proof. docs/protocols/personalization.md.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { begin } from '@mobile-jpki/jpki-ui/domain'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import type { Sim } from '@mobile-jpki/sim'
import { useOverNet } from '../../demo/use.ts'
import { phoneOf, type TownSim } from '../../town/phones.ts'
import { openTown, rowsOf, type StoryTown } from '../stage/town.ts'
import { followed, mailed, password, pin } from './steps.ts'

let town: StoryTown
before(async () => {
  town = await openTown()
})
after(() => town[Symbol.asyncDispose]())

interface Target {
  readonly what: string
  /** The command, as anybody on the way sees it, and the data of its answer. */
  readonly isMeant: (ins: number, data: Uint8Array) => boolean
  readonly code: RefusalCode
}

const storeData = 0xe2
const putKey = 0xd8
const refused: readonly Target[] = [
  {
    what: 'the envelope key',
    isMeant: (ins, [tag]) => ins === storeData && (tag === 0x71 || tag === 0x72),
    code: 'sim.attestation-invalid',
  },
  {
    what: 'the proof of possession',
    isMeant: (ins, { length }) => ins === storeData && length === 256,
    code: 'possession.invalid',
  },
]
const isCheckValues: Target['isMeant'] = (ins, { length }) => ins === putKey && length > 0

/** The same SIM behind somebody who changes one bit of each answer that is meant, wherever the bit is. */
function changedOnTheWay(sim: TownSim, isMeant: Target['isMeant']): { sim: TownSim; hits: () => number } {
  let hits = 0
  const card = {
    ...sim.card,
    transmit: async (command: Uint8Array) => {
      const response = await sim.card.transmit(command)
      const data = response.subarray(0, -2)
      if (!isMeant(command[1] ?? 0, data)) return response
      hits += 1
      const bit = Math.floor(Math.random() * data.length * 8)
      return response.with(bit >> 3, (response[bit >> 3] ?? 0) ^ (1 << (bit & 7)))
    },
  } as Sim
  return { sim: { ...sim, card }, hits: () => hits }
}

const validFor = (iccid: string) =>
  rowsOf(
    town,
    'jpki-system',
    `SELECT 1 FROM phone_order JOIN certificate_status ON certificate_status.serial_number = unhex(phone_order.serial_number)
       WHERE iccid = '${iccid}' AND state = 2`,
  ).length

for (const simType of ['b-uicc-2013', 'c-uicc-2014'])
  describe(`an answer of ${simType} that is changed on its way`, () => {
    for (const { what, isMeant, code } of refused)
      it(`is noticed: ${what}`, async () => {
        await using phone = await phoneOf(town, { simType })
        const { accessCode } = await mailed(town, phone)
        const genuine = phone.sim()
        const { sim, hits } = changedOnTheWay(genuine, isMeant)
        await phone.restart(sim)
        const begun = await begin(phone.device, { accessCode, password })
        await assert.rejects(followed(town, phone.device, begun), (error) => {
          assert.ok(error instanceof Refusal, String(error))
          assert.equal(error.code, code, error.message)
          return true
        })
        assert.ok(hits() > 0)
        assert.equal(validFor(genuine.iccid), 0)
        await phone.switchOff()
      })
  })

describe('the check values of SP-TSM’s new keys, changed on their way', () => {
  it('are asked no further: the channel under those keys opens, which only a SIM that has them can do', async () => {
    await using phone = await phoneOf(town, { simType: 'b-uicc-2013' })
    const { accessCode } = await mailed(town, phone)
    const { sim, hits } = changedOnTheWay(phone.sim(), isCheckValues)
    await phone.restart(sim)
    await followed(town, phone.device, await begin(phone.device, { accessCode, password }))
    assert.ok(hits() > 0)
    await useOverNet(phone.device, town.places.relyingParty, pin)
  })
})
