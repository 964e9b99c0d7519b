/** A certificate nears its end: mail at 90, 30 and 7 days, each once; renewed without a counter; or it ends by itself. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { useAsCard } from '../../demo/use.ts'
import { pin } from '../stage/town.ts'
import { applyAnew, openStreet, refusal, type Street } from './street.ts'

const day = 86_400_000

let street: Street
let orderId: string
let first: { readonly serialNumber: string; readonly notAfter: Date }
before(async () => {
  street = await openStreet()
  orderId = await street.orderId()
  first = await street.life(orderId)
})
after(() => street[Symbol.asyncDispose]())

const daysBefore = (days: number, more = 60_000) => {
  street.clock.ahead = first.notAfter.getTime() - days * day + more - Date.now()
}
const reminders = async () => (await street.subjects()).filter((subject) => /あと\d+日/.test(subject))

describe('a certificate that nears its end', () => {
  it('has a mail at 90 days and one at 30, each once, though SP-TSM is restarted in between', async () => {
    daysBefore(90, -3_600_000)
    await street.waits.pause(1500)
    assert.deepEqual(await reminders(), [], 'an hour too early')
    daysBefore(90)
    await street.mailed(/あと90日/)
    // TLS goes by the machine's own clock.
    street.clock.ahead = 0
    await street.stop()
    await street.start()
    daysBefore(30)
    await street.mailed(/あと30日/)
    await street.waits.pause(1500)
    assert.deepEqual(
      (await reminders()).map((subject) => /\d+/.exec(subject)?.[0]),
      ['90', '30'],
    )
  })

  it('is renewed without a counter: the old one is good until the new one is, and answers to it', async () => {
    const { orderId: next } = await applyAnew(street, orderId)
    const renewed = await street.life(next)
    assert.ok(renewed.notAfter > first.notAfter)
    assert.equal(await street.status(first.serialNumber), 'revoked superseded')
    assert.equal(await street.status(renewed.serialNumber), 'good')
    assert.equal(await street.successor(first.serialNumber), renewed.serialNumber)
    await useAsCard(street.device, pin)
    const old = await street.until(orderId, ({ state }) => state === 'ended')
    assert.deepEqual(old.because, ['replaced'])
    assert.equal(old.tasks.at(-1)?.state, 'done', 'in the same SIM the new applet came in the place of the old')
    daysBefore(7)
    await street.waits.pause(1500)
    assert.equal((await reminders()).length, 2, 'no mail about what was renewed')
    orderId = next
    first = renewed
  })

  it('ends by itself at its last moment, and nothing can be asked of it any more', async () => {
    daysBefore(0)
    const { because } = await street.until(orderId, ({ state }) => state === 'ended')
    assert.deepEqual(because, ['expired'])
    await assert.rejects(
      applyAnew(street, '00000000-0000-4000-8000-000000000000'),
      refusal('certificate.expired'),
      'the card has expired, too',
    )
  })
})
