/** The PIN is forgotten or locked: the person signs with the My Number card, and a new PIN goes sealed into the applet. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { cardClient, digestInfoOf } from '@mobile-jpki/jpki'
import { describe as describeDevice, resetPin, signForm } from '@mobile-jpki/jpki-ui/domain'
import { startAgent } from '@mobile-jpki/phone/contract'
import { assembleSignedData, signedAttributesToSign } from '@mobile-jpki/pkix'
import { call } from '@mobile-jpki/service'
import { askForLifeEvent, getLifeEvent, giveNewPinEnvelope, visitForSim } from '@mobile-jpki/sp-tsm/contract'
import { useAsCard, useOverNet } from '../../demo/use.ts'
import { hanako } from '../../town/people.ts'
import { cardIn, pin, rowsOf } from '../stage/town.ts'
import { openStreet, refusal, type Street } from './street.ts'

const minute = 60_000

let street: Street
before(async () => {
  street = await openStreet()
})
after(() => street[Symbol.asyncDispose]())

const chooses = (chosen: string) => ({ ...street.waits, choosePin: async () => chosen })
const reset = (chosen: string) => resetPin(street.device, street.signer, street.chance, chooses(chosen))

async function formOf(changes: Record<string, unknown> = {}) {
  const { iccid } = await describeDevice(street.device)
  const { now, newId } = street.chance
  const common = { type: 'mobile-jpki/pin-reset', version: 1, id: newId(), madeAt: now().toISOString(), iccid }
  return { ...common, ...changes } as { readonly madeAt: string }
}
const ask = (request: Uint8Array) => call(street.device.spTsm, askForLifeEvent, { request })
const signed = async (changes?: Record<string, unknown>) =>
  signForm(street.device, await formOf(changes), hanako.card.signPassword)
const tasks = () => rowsOf(street, 'sp-tsm', 'SELECT event, state FROM sp_life_task ORDER BY asked_at')

async function lockPin(present: string) {
  const card = cardIn(street, 'SIM1')
  await card.reset()
  await cardClient.selectJpki(card)
  const wrong = present === '0000' ? '1111' : '0000'
  for (let tries = 0; tries < 3; tries++) await cardClient.verifyPin(card, 'auth', wrong)
  await card.reset()
  await assert.rejects(useAsCard(street.device, present), refusal('pin.blocked'))
}

describe('a PIN reset', () => {
  it('unlocks a locked PIN with a new one, which only the applet sees, and tells the person', async () => {
    await lockPin(pin)
    await reset('8520')
    await useAsCard(street.device, '8520')
    await useOverNet(street.device, street.places.relyingParty, '8520')
    await assert.rejects(useAsCard(street.device, pin), refusal('pin.wrong'))
    await useAsCard(street.device, '8520')
    await street.mailed(/暗証番号が再設定/)
    assert.deepEqual(tasks(), [{ event: 'pinReset', state: 'done' }])
  })

  it('goes on after SP-TSM was restarted between the envelope key and the PIN', async () => {
    await lockPin('8520')
    await resetPin(street.device, street.signer, street.chance, {
      ...street.waits,
      choosePin: async () => {
        assert.equal(rowsOf(street, 'sp-tsm', 'SELECT id FROM sp_pin').length, 1, 'the applet waits for it')
        await street.stop()
        await street.start()
        return '7410'
      },
    })
    await useAsCard(street.device, '7410')
  })

  it('is refused when the auth key signed it, when an octet was changed, and when it is old', async () => {
    const card = cardIn(street, 'NFC')
    await card.reset()
    await cardClient.selectJpki(card)
    await cardClient.verifyPin(card, 'auth', hanako.card.authPin)
    const sha256 = (octets: Uint8Array) => new Uint8Array(createHash('sha256').update(octets).digest())
    const content = new TextEncoder().encode(JSON.stringify(await formOf()))
    const signedAttributes = signedAttributesToSign({ messageDigest: sha256(content), signingTime: new Date(0) })
    const certificate = await cardClient.readCertificate(card, 'auth')
    const signature = await cardClient.sign(card, 'auth', digestInfoOf(sha256(signedAttributes)))
    const byAuthKey = assembleSignedData({ content, signedAttributes, signature, certificate })
    await assert.rejects(ask(byAuthKey), refusal('application.wrong-signer'))

    const changed = await signed()
    const at = Buffer.from(changed).indexOf('pin-reset')
    changed[at] = (changed[at] ?? 0) ^ 1
    await assert.rejects(ask(changed), refusal('application.signature-invalid'))

    const old = await signed({ madeAt: new Date(street.chance.now().getTime() - 11 * minute).toISOString() })
    await assert.rejects(ask(old), refusal('request.expired'))
  })

  it('is refused when it was received before, whatever became of it, and for another SIM', async () => {
    const request = await signed({ iccid: '89811000000000009999' })
    await assert.rejects(ask(request), refusal('sim.not-the-named-one'))
    await assert.rejects(ask(request), refusal('request.replayed'))
    const asked = await signed()
    await ask(asked)
    await assert.rejects(ask(asked), refusal('request.replayed'))
    await assert.rejects(ask(await signed({ type: 'mobile-jpki/pin-forget' })), refusal('request.malformed'))
  })

  it('gives the bearer of its PIN to the signer alone: whoever names the SIM gets a session for commands, and no PIN', async () => {
    const { session = '' } = await ask(await signed())
    const { iccid = '' } = await describeDevice(street.device)
    const { session: visiting = '' } = await call(street.device.spTsm, visitForSim, { iccid })
    assert.notEqual(visiting, session)
    await assert.rejects(call(street.device.spTsm, getLifeEvent, { session: visiting }), refusal('reference.not-found'))
    const envelope = new Uint8Array(200)
    await assert.rejects(
      call(street.device.spTsm, giveNewPinEnvelope, { session: visiting, envelope }),
      refusal('reference.not-found'),
    )
    await call(street.device.phone, startAgent, { sessionId: session })
    await reset('9630')
    await useAsCard(street.device, '9630')
  })
})
