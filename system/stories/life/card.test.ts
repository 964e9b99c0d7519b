/** What befalls the My Number card: the JPKI system's linkage acts, SP-TSM learns of it, the person hears of it, and applies again with the next card. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { giveUp, resetPin, resume } from '@mobile-jpki/jpki-ui/domain'
import { makeCard, recordEvent } from '@mobile-jpki/municipality/contract'
import { call } from '@mobile-jpki/service'
import { useAsCard } from '../../demo/use.ts'
import { hanako } from '../../town/people.ts'
import { pins } from '../persons/office.ts'
import { asActor, cardIn, pin } from '../stage/town.ts'
import { applyAnew, openStreet, refusal, type Street } from './street.ts'

let street: Street
let orderId: string
before(async () => {
  street = await openStreet()
  orderId = await street.orderId()
})
after(() => street[Symbol.asyncDispose]())

const atCounter = <T>(work: (counter: Parameters<typeof call>[0]) => Promise<T>): Promise<T> =>
  asActor(street, 'system', { actor: 'municipality', url: street.places.municipality }, work)
const happens = (event: 'renewCertificates' | 'stop' | 'lose') =>
  atCounter((to) => call(to, recordEvent, { id: hanako.id, event }))
/** It is in her hand, and held against the phone anew. */
async function newCard(event: 'issue' | 'renew' | 'find') {
  await atCounter((to) => call(to, makeCard, { id: hanako.id, event, ...pins }))
  await cardIn(street, 'NFC').reset()
}
const ended = (because: string) => street.until(orderId, (now) => now.because.join() === because)

/** Her next certificate, which answers for all that came before. */
async function appliesAgain() {
  const { serialNumber } = await street.life(orderId)
  const { orderId: next } = await applyAnew(street, orderId)
  const { serialNumber: present, state } = await street.life(next)
  assert.equal(state, 'inUse')
  assert.equal(await street.successor(serialNumber), present)
  await useAsCard(street.device, pin)
  orderId = next
}

describe('a My Number card', () => {
  it('whose certificates are renewed takes the phone along; the new ones sign the next application, though SP-TSM was away', async () => {
    const { serialNumber } = await street.life(orderId)
    await happens('renewCertificates')
    await street.stop()
    await street.start()
    await ended('cardEnded')
    assert.equal(await street.status(serialNumber), 'revoked superseded')
    await street.mailed(/もう一度申請/)
    await appliesAgain()
  })

  it('that was renewed since is the same signer: a PIN is reset with it', async () => {
    await resetPin(street.device, street.signer, street.chance, { ...street.waits, choosePin: async () => pin })
    await useAsCard(street.device, pin)
  })

  it('that is stopped puts the phone on hold with it, which no request about the phone lifts', async () => {
    const { serialNumber } = await street.life(orderId)
    await happens('stop')
    const { state } = await ended('cardStopped')
    assert.equal(state, 'stopped')
    assert.equal(await street.status(serialNumber), 'revoked certificateHold')
    await assert.rejects(
      resume(street.device, street.signer, street.chance, street.waits),
      refusal('certificate.on-hold'),
      'the sign certificate is on hold, too',
    )
  })

  it('that is found, and made anew, ends the phone’s certificate; she applies again with it', async () => {
    await newCard('find')
    await ended('cardEnded')
    await assert.rejects(giveUp(street.device, street.signer, street.chance), refusal('certificate.revoked'))
    await appliesAgain()
  })

  it('that is lost ends the phone’s certificate, which is not compromised by it', async () => {
    const { serialNumber } = await street.life(orderId)
    await happens('lose')
    await ended('cardEnded')
    assert.equal(await street.status(serialNumber), 'revoked cessationOfOperation')
    await newCard('issue')
    await appliesAgain()
  })
})
