/** A certificate nears its end: mail at 90, 30 and 7 days, each once; renewed without a counter; or it ends by itself. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { giveUp } from '@mobile-jpki/jpki-ui/domain'
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
/** TLS goes by the machine's own clock. */
async function restart() {
  street.clock.ahead = 0
  await street.stop()
  await street.start()
}
const reminders = async () => (await street.subjects()).filter((subject) => /あと\d+日/.test(subject))

const days = (subjects: readonly string[]) => subjects.map((subject) => /\d+/.exec(subject)?.[0])

describe('a certificate that nears its end', () => {
  it('has a mail at 90 days and one at 30, each once, though SP-TSM is restarted in between', async () => {
    daysBefore(90, -3_600_000)
    await street.waits.pause(1500)
    assert.deepEqual(await reminders(), [], 'an hour too early')
    daysBefore(90)
    await street.mailed(/あと90日/)
    await restart()
    daysBefore(30)
    await street.mailed(/あと30日/)
    await street.waits.pause(1500)
    assert.deepEqual(days(await reminders()), ['90', '30'])
  })

  it('is renewed without a counter: the old one is good until the new one is, and answers to it', async () => {
    const { orderId: next } = await applyAnew(street, orderId)
    const renewed = await street.life(next)
    assert.deepEqual(renewed.notAfter, first.notAfter, 'it never outlives the certificate in the card')
    assert.equal(await street.status(first.serialNumber), 'revoked superseded')
    assert.equal(await street.status(renewed.serialNumber), 'good')
    assert.equal(await street.successor(first.serialNumber), renewed.serialNumber)
    await useAsCard(street.device, pin)
    const old = await street.until(orderId, ({ state }) => state === 'ended')
    assert.deepEqual(old.because, ['replaced'])
    assert.equal(old.tasks.at(-1)?.state, 'done', 'in the same SIM the new applet came in the place of the old')
    orderId = next
    daysBefore(7)
    await street.mailed(/あと7日/)
    await street.waits.pause(1500)
    assert.deepEqual(days(await reminders()), ['90', '30', '7'], 'of what was renewed nothing is said any more')
  })

  it('ends by itself at its last moment, and nothing can be asked of it any more', async () => {
    daysBefore(0)
    const { because } = await street.until(orderId, ({ state }) => state === 'ended')
    assert.deepEqual(because, ['expired'])
    await assert.rejects(
      giveUp(street.device, street.signer, street.chance),
      refusal('certificate.expired'),
      'the certificates in the card have expired with it',
    )
  })
})
