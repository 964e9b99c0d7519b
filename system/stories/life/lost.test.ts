/** The phone is lost: stopped at once, locked as soon as it is reached, found again or given up; and what comes in its place. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { certificateInSim, giveUp, resume, visit } from '@mobile-jpki/jpki-ui/domain'
import { startAgent } from '@mobile-jpki/phone/contract'
import { call } from '@mobile-jpki/service'
import { recordLifeEvent, stopPhone, visitForSim } from '@mobile-jpki/sp-tsm/contract'
import { useAsCard, useOverNet } from '../../demo/use.ts'
import { hanako } from '../../town/people.ts'
import { jpki } from '../stage/process.ts'
import { asActor, pin, rowsOf } from '../stage/town.ts'
import { applyAnew, openStreet, password, refusal, type Street } from './street.ts'

const { msisdn } = hanako.phone

let street: Street
let orderId: string
let serialNumber: string
before(async () => {
  street = await openStreet()
  orderId = await street.orderId()
  serialNumber = (await street.life(orderId)).serialNumber
})
after(() => street[Symbol.asyncDispose]())

const stops = (words: { readonly msisdn?: string; readonly password?: string } = {}) =>
  call(street.device.spTsm, stopPhone, { msisdn, password, ...words })
const atHelpDesk = (event: 'stop' | 'giveUp') =>
  asActor(street, 'operator', { actor: 'sp-tsm', url: street.places.spTsm }, (to) =>
    call(to, recordLifeEvent, { orderId, event }),
  )
async function saidBy(...words: readonly string[]) {
  const running = jpki(...words)
  await running.ended
  return running.said
}
const login = () => useOverNet(street.device, street.places.relyingParty, pin)
const actsAbout = (serial: string) =>
  rowsOf(street, 'jpki-system', `SELECT act FROM journal_entry WHERE subject = 'auth/${serial}' ORDER BY position`).map(
    ({ act }) => act,
  )

describe('a lost phone', () => {
  it('is stopped at once by whoever knows number and password: OCSP says so, and nobody logs in', async () => {
    await login()
    const { event, state } = await stops()
    assert.deepEqual([event, state], ['stop', 'atSim'])
    assert.equal(await street.status(serialNumber), 'revoked certificateHold')
    await assert.rejects(login(), refusal('certificate.on-hold'))
    const { because } = await street.life(orderId)
    assert.deepEqual(because, ['stop'])
    const { out } = await saidBy('order', 'tasks', '--data', street.data)
    assert.match(out, new RegExp(`${orderId} +stop +atSim .* phone`))
    assert.match((await saidBy('order', 'show', orderId, '--data', street.data)).out, /state +stopped: stop\n/)
    await street.mailed(/利用を停止しました/)
    assert.equal((await stops()).taskId, (await stops()).taskId, 'said again, it is the same stop')
  })

  it('is locked in its SIM as soon as it is reached, and tells the carrier', async () => {
    assert.ok(await certificateInSim(street.device))
    assert.equal(await visit(street.device, street.waits), true)
    assert.equal(await certificateInSim(street.device), undefined, 'the applet can no longer be selected')
    await street.until(orderId, ({ tasks }) => tasks.every(({ state }) => state === 'done'))
    const [sim] = rowsOf(street, 'mno-tsm', `SELECT state FROM sim WHERE iccid = '${hanako.sim.iccid}'`)
    assert.deepEqual(sim, { state: 'suspended' })
    assert.equal(await visit(street.device, street.waits), false, 'nothing waits any more')
  })

  it('is found again: she signs, the certificate is good, and the applet works with the PIN of before', async () => {
    await resume(street.device, street.signer, street.chance, street.waits)
    assert.equal(await street.status(serialNumber), 'good')
    await useAsCard(street.device, pin)
    await login()
    await street.mailed(/利用を再開しました/)
    assert.ok(actsAbout(serialNumber).includes('certificate.released'))
    await assert.rejects(
      resume(street.device, street.signer, street.chance, street.waits),
      refusal('conditions.not-satisfied'),
    )
  })

  it('is found again before anybody reached it: there is nothing to unlock, and the lock is overtaken', async () => {
    await stops()
    await resume(street.device, street.signer, street.chance, street.waits)
    await useAsCard(street.device, pin)
    const { tasks } = await street.until(orderId, (now) =>
      now.tasks.every(({ state }) => /done|overtaken|refused/.test(state)),
    )
    assert.deepEqual(
      tasks.slice(-2).map(({ event, state }) => [event, state]),
      [
        ['stop', 'overtaken'],
        ['resume', 'done'],
      ],
    )
  })

  it('goes on after the whole town was stopped between the hold and the lock', async () => {
    await stops()
    await street.stop()
    await street.start()
    assert.equal(await street.status(serialNumber), 'revoked certificateHold')
    await visit(street.device, street.waits)
    assert.equal(await certificateInSim(street.device), undefined)
    await resume(street.device, street.signer, street.chance, street.waits)
    await useAsCard(street.device, pin)
  })

  it('is stopped by the help desk, for a person that it knows; nobody else may', async () => {
    const { event } = await atHelpDesk('stop')
    assert.equal(event, 'stop')
    assert.equal(await street.status(serialNumber), 'revoked certificateHold')
    await resume(street.device, street.signer, street.chance, street.waits)
    await assert.rejects(
      call(street.device.spTsm, recordLifeEvent, { orderId, event: 'stop' }),
      refusal('caller.not-allowed'),
    )
  })

  it('is not stopped without the password; who does not know it learns nothing, and five tries lock', async () => {
    await assert.rejects(stops({ msisdn: '09011111111' }), refusal('password.wrong'))
    for (let tries = 0; tries < 5; tries++)
      await assert.rejects(stops({ password: 'some-other-2016' }), refusal('password.wrong'))
    await assert.rejects(stops(), refusal('code.locked', /help desk/))
    assert.equal(await street.status(serialNumber), 'good')
  })

  it('is given up: the certificate is revoked, and the SIM proves that nothing is left, whenever it is reached', async () => {
    const { state } = await giveUp(street.device, street.signer, street.chance)
    assert.equal(state, 'atSim')
    assert.equal(await street.status(serialNumber), 'revoked keyCompromise')
    await street.mailed(/失効しました/)
    await assert.rejects(giveUp(street.device, street.signer, street.chance), refusal('certificate.revoked'))
    // The power goes while the agent is at it; the phone's agent goes on by itself.
    const { session = '' } = await call(street.device.spTsm, visitForSim, { iccid: hanako.sim.iccid })
    await call(street.device.phone, startAgent, { sessionId: session })
    await street.stop()
    await street.start()
    await visit(street.device, street.waits)
    await street.until(orderId, ({ tasks }) => tasks.some(({ event, state }) => event === 'giveUp' && state === 'done'))
    const [{ proof } = {}] = rowsOf(
      street,
      'sp-tsm',
      "SELECT proof FROM sp_life_task WHERE event = 'giveUp' AND proof IS NOT NULL",
    )
    assert.ok(proof instanceof Uint8Array, 'the proof of deletion is kept')
    assert.equal(await certificateInSim(street.device), undefined)
    await street.mailed(/消去しました/)
  })

  it('gives way to a new download, whose serial number answers for the old one', async () => {
    const { orderId: next } = await applyAnew(street, orderId)
    const { serialNumber: present } = await street.life(next)
    assert.equal(await street.status(present), 'good')
    assert.equal(await street.successor(serialNumber), present)
    await login()
  })
})
