/** A counter that is cut off in the midst of an act, before and behind each thing that it does to a card: the next start finishes it. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { cardClient, readFourItems } from '@mobile-jpki/jpki'
import type { Cards } from '@mobile-jpki/municipality'
import type { CounterCard } from '@mobile-jpki/my-number-card'
import { parseCertificate } from '@mobile-jpki/pkix'
import { Refusal } from '@mobile-jpki/refusal'
import { type Office, openOffice, pins } from './office.ts'

/** How many moments pass before the power is cut; for ever if not said. */
let left = Number.POSITIVE_INFINITY
let passed = 0

function moment(): void {
  passed += 1
  left -= 1
  if (left < 0) throw new Refusal('peer.unreachable', 'The power was cut.')
}

/** From the cut on nothing happens any more. */
async function between<T>(work: () => T | Promise<T>): Promise<T> {
  moment()
  const outcome = await work()
  moment()
  return outcome
}

const inDoomedHands = (card: CounterCard): CounterCard => ({
  ...card,
  personalise: (order) => between(() => card.personalise(order)),
  renewKey: (use) => between(() => card.renewKey(use)),
  putCertificates: (use, pair) => {
    moment()
    card.putCertificates(use, pair)
    moment()
  },
})

const doomed = ({ open, handOver }: Cards): Cards => ({
  open: async (holder, number) => inDoomedHands(await open(holder, number)),
  handOver: (holder, number) => between(() => handOver(holder, number)),
})

let office: Office
before(async () => {
  office = await openOffice(doomed)
})
after(() => office[Symbol.asyncDispose]())

/** What the counter has recorded, what is in the card, and what the JPKI system says are the same, and good. */
async function assertWhole(id: string): Promise<void> {
  const { unfinished, card, name, address, birthDate, gender, certificates } = await office.show(id)
  assert.equal(unfinished, undefined)
  for (const use of ['sign', 'auth'] as const) {
    const der = await office.certificateIn(id, use)
    const { serialNumber } = parseCertificate(der)
    assert.equal(await office.statusOf(der), 'good', use)
    assert.equal(card?.[use], serialNumber)
    assert.equal(certificates.find(({ kind }) => kind === use)?.serialNumber, serialNumber)
    if (use === 'sign') assert.deepEqual(readFourItems(parseCertificate(der)), { name, address, birthDate, gender })
  }
  const reader = await office.cardOf(id)
  assert.equal((await cardClient.verifyPin(reader, 'auth', pins.pin)).outcome, 'verified')
}

const enrolled = async (id: string) => void (await office.enrol({ id, birthDate: '1990-04-01' }))

const acts: readonly {
  readonly name: string
  readonly prepare: (id: string) => Promise<unknown>
  readonly act: (id: string) => Promise<unknown>
}[] = [
  { name: 'enrolment', prepare: async () => undefined, act: enrolled },
  { name: 'moving house', prepare: enrolled, act: (id) => office.move(id, { municipality: '47201' }) },
  { name: 'new certificates', prepare: enrolled, act: (id) => office.happen(id, 'renewCertificates') },
]

describe('an act that is cut off anywhere', () => {
  for (const { name, prepare, act } of acts)
    it(`${name}: is whole after the next start, and as if nothing had happened`, async () => {
      const id = (cut: number | string) => `${name.replaceAll(' ', '-')}-${cut}`
      left = Number.POSITIVE_INFINITY
      await prepare(id('whole'))
      passed = 0
      await act(id('whole'))
      const moments = passed
      assert.ok(moments >= 4)
      for (let cut = 0; cut < moments; cut++) {
        left = Number.POSITIVE_INFINITY
        await prepare(id(cut))
        left = cut
        await assert.rejects(act(id(cut)), { code: 'peer.unreachable' })
        left = Number.POSITIVE_INFINITY
        await office.restart()
        await assertWhole(id(cut))
      }
    })

  it('is finished by whoever asks again, too', async () => {
    left = 3
    await assert.rejects(enrolled('again'), { code: 'peer.unreachable' })
    left = Number.POSITIVE_INFINITY
    await enrolled('again')
    await assertWhole('again')
    left = 2
    await assert.rejects(office.newCard('again', 'renew'), { code: 'peer.unreachable' })
    assert.equal((await office.show('again')).unfinished, 'renew')
    left = Number.POSITIVE_INFINITY
    const renewed = await office.newCard('again', 'renew')
    assert.deepEqual((await office.show('again')).card, renewed.card)
    await assertWhole('again')
  })

  it('is finished before anything else happens to the person', async () => {
    await enrolled('next')
    left = 1
    await assert.rejects(office.move('next', { municipality: '47201' }), { code: 'peer.unreachable' })
    left = Number.POSITIVE_INFINITY
    const { municipality } = await office.correct('next', { gender: 'other' })
    assert.equal(municipality.code, '47201')
    await assertWhole('next')
  })
})
