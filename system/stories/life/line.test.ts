/** What the carrier tells of a line and a SIM: suspended, in service again, another number, another phone, lost, ended; and a SIM that is disposed of. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { certificateInSim, dispose, visit } from '@mobile-jpki/jpki-ui/domain'
import { changeDevice, changeLineStatus, changeNumber } from '@mobile-jpki/mno-tsm/contract'
import { call } from '@mobile-jpki/service'
import { handleMobileSubscriptionStatusChange, stopPhone } from '@mobile-jpki/sp-tsm/contract'
import { useOverNet } from '../../demo/use.ts'
import { hanako } from '../../town/people.ts'
import { asActor, pin, rowsOf } from '../stage/town.ts'
import { openStreet, password, refusal, type Street } from './street.ts'

const { carrier, msisdn } = hanako.phone
const { iccid } = hanako.sim

let street: Street
let orderId: string
let serialNumber: string
before(async () => {
  street = await openStreet()
  orderId = await street.orderId()
  serialNumber = (await street.life(orderId)).serialNumber
})
after(() => street[Symbol.asyncDispose]())

const functionOf = () => ({ functionCall: { id: randomUUID() }, carrier })
const atShop = <T>(work: (mnoTsm: Parameters<typeof call>[0]) => Promise<T>) =>
  asActor(street, 'operator', { actor: 'mno-tsm', url: street.places.mnoTsm }, work)
const line = (
  status: 'inService' | 'suspended' | 'ended',
  reason: 'unpaid' | 'paid' | 'lost' | 'found' | 'cancelled',
) => atShop((to) => call(to, changeLineStatus, { ...functionOf(), msisdn: present, status, reason }))
let present = msisdn
const login = () => useOverNet(street.device, street.places.relyingParty, pin)
const because = async (...events: readonly string[]) => {
  const now = await street.until(orderId, (one) => one.because.join() === events.join())
  return now.state
}

describe('a line that is suspended', () => {
  it('puts the certificate on hold, and the person is told; in service again, it is good again', async () => {
    await line('suspended', 'unpaid')
    assert.equal(await because('lineSuspended'), 'stopped')
    assert.equal(await street.status(serialNumber), 'revoked certificateHold')
    await assert.rejects(login(), refusal('certificate.on-hold'))
    await street.mailed(/利用を停止しました/)
    await line('inService', 'paid')
    assert.equal(await because(), 'inUse')
    assert.equal(await street.status(serialNumber), 'good')
    await login()
  })

  it('does not bring back a phone that its person stopped: each cause is lifted by its own', async () => {
    await call(street.device.spTsm, stopPhone, { msisdn: present, password })
    await line('suspended', 'unpaid')
    await because('stop', 'lineSuspended')
    await line('inService', 'paid')
    await because('stop')
    assert.equal(await street.status(serialNumber), 'revoked certificateHold')
    await resumed()
  })

  it('is told by its carrier alone, and a notification told twice is one', async () => {
    const functionCall = { id: randomUUID() }
    const told = { functionCall, carrier, iccid, msisdn: present, status: 'suspended' } as const
    await assert.rejects(
      call(street.device.spTsm, handleMobileSubscriptionStatusChange, told),
      refusal('caller.not-allowed'),
    )
    const asMno = <T>(work: (spTsm: Parameters<typeof call>[0]) => Promise<T>) =>
      asActor(street, 'mno-tsm', { actor: 'sp-tsm', url: street.places.spTsm }, work, [carrier, 'carrier-b'])
    const tell = (more: object = {}) =>
      asMno((to) => call(to, handleMobileSubscriptionStatusChange, { ...told, ...more }))
    assert.deepEqual([await tell(), await tell()], [{ status: 'Executed-Success' }, { status: 'Executed-Success' }])
    await because('lineSuspended')
    const tasks = rowsOf(street, 'sp-tsm', `SELECT id FROM sp_life_task WHERE id = '${functionCall.id}'`)
    assert.equal(tasks.length, 1)
    const back = await tell({ functionCall: { id: randomUUID() }, status: 'active' })
    assert.equal(back.status, 'Executed-Success')
    await because()
    const late = { functionCall: { id: randomUUID(), validUntil: new Date(street.now().getTime() - 1000) } }
    await assert.rejects(tell(late), refusal('request.expired'))
    const nobodys = { functionCall: { id: randomUUID() }, iccid: '89811000000000009999' }
    assert.equal((await tell(nobodys)).status, 'Executed-WithWarning')
    const elsewhere = { functionCall: { id: randomUUID() }, carrier: 'carrier-b' }
    assert.equal((await tell(elsewhere)).status, 'Executed-WithWarning', 'not that carrier’s SIM')
  })
})

const resumed = async () => {
  const { resume } = await import('@mobile-jpki/jpki-ui/domain')
  await resume(street.device, street.signer, street.chance, street.waits)
}

describe('a SIM', () => {
  it('that was reported lost to the carrier is stopped, and good again when it is found', async () => {
    await line('suspended', 'lost')
    await street.until(orderId, (now) => now.because.includes('simLost') && now.because.includes('lineSuspended'))
    assert.equal(await street.status(serialNumber), 'revoked certificateHold')
    await line('inService', 'found')
    await because()
    assert.equal(await street.status(serialNumber), 'good')
  })

  it('whose line has another number goes on, under that number', async () => {
    present = '09000099999'
    await atShop((to) => call(to, changeNumber, { ...functionOf(), msisdn, to: present }))
    await street.until(orderId, (now) =>
      now.tasks.some((task) => task.event === 'numberChanged' && task.state === 'done'),
    )
    await login()
    await assert.rejects(call(street.device.spTsm, stopPhone, { msisdn, password }), refusal('password.wrong'))
    await street.mailed(/電話番号/)
  })

  it('that was seen in another phone is no longer taken for bound', async () => {
    const device = { model: 'Sample Phone 17', os: 'Android 15' }
    await atShop((to) => call(to, changeDevice, { ...functionOf(), msisdn: present, device }))
    await street.until(orderId, ({ bound }) => !bound)
    await street.mailed(/別のスマートフォン/)
  })

  it('that is disposed of proves that it was wiped, the certificate is revoked, the carrier knows the applet as empty', async () => {
    await dispose(street.device, street.signer, street.chance, street.waits)
    assert.equal(await street.status(serialNumber), 'revoked cessationOfOperation')
    const { state, tasks } = await street.until(orderId, (now) => now.tasks.at(-1)?.state === 'done')
    assert.deepEqual([state, tasks.at(-1)?.event], ['ended', 'dispose'])
    assert.equal(await certificateInSim(street.device), undefined)
    const [{ proof } = {}] = rowsOf(street, 'sp-tsm', "SELECT proof FROM sp_life_task WHERE event = 'dispose'")
    assert.ok(proof instanceof Uint8Array)
    assert.deepEqual(rowsOf(street, 'mno-tsm', `SELECT state FROM sim WHERE iccid = '${hanako.sim.iccid}'`), [
      { state: 'appletInstalled' },
    ])
    await street.mailed(/消去しました/)
    assert.equal(await visit(street.device, street.waits), false)
  })

  it('whose line is ended afterwards changes nothing any more', async () => {
    await line('ended', 'cancelled')
    const { because: why } = await street.life(orderId)
    assert.deepEqual(why, ['dispose'])
  })
})
