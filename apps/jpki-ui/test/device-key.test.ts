/** The app's key on the phone: made once, in the signed form, and what it signs at ⑬. docs/protocols/access-code.md. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { isSignedByDevice } from '@mobile-jpki/jpki'
import type { RequestOf } from '@mobile-jpki/service/endpoint'
import type { authenticate } from '@mobile-jpki/sp-tsm/contract'
import { begin, devicePoint, deviceProof, makeForm, remember } from '../domain/index.ts'
import { challenge, iccid, neighbours, orderId, spTsmOrigin } from './neighbours.ts'

let around: Awaited<ReturnType<typeof neighbours>>
let given: RequestOf<typeof authenticate>[]
before(async () => {
  around = await neighbours()
})
after(() => around.close())
beforeEach(() => {
  given = []
  around.world.storage.clear()
  around.world.onAuthenticate = (credentials) => void given.push(credentials)
})

const said = { origin: spTsmOrigin, iccid, challenge }
const applicant = { signPassword: 'ABC123', mail: 'hanako@mail.example', password: 'correct horse' }

describe('the app’s key', () => {
  it('is made at the first start and is the same from then on', async () => {
    const point = await devicePoint(around.device)
    assert.deepEqual([point.length, point[0]], [65, 4])
    assert.deepEqual(await devicePoint(around.device), point)
    around.world.storage.clear()
    assert.notDeepEqual(await devicePoint(around.device), point, 'an app that was installed anew has another one')
  })
  it('stands in the form that the person signs', async () => {
    const form = await makeForm(around.device, applicant, { now: () => new Date(), newId: () => orderId })
    assert.equal(form.device.key, (await devicePoint(around.device)).toBase64())
  })
  it('signs SP-TSM’s challenge at ⑬, for the order that the app applied for, its SIM and its SP-TSM', async () => {
    await remember(around.device, 'application', { orderId, mail: 'x', madeAt: '' })
    await begin(around.device, { accessCode: 'x', password: 'y' })
    const { key, signature, challenge: answered } = given[0]?.device ?? assert.fail('nothing came')
    assert.deepEqual([key, answered], [await devicePoint(around.device), challenge])
    assert.ok(await isSignedByDevice(key, { ...said, purpose: 'download', orderId }, signature))
  })
  it('signs for an order without a name where the application was made elsewhere', async () => {
    await begin(around.device, { accessCode: 'x', password: 'y' })
    const { key, signature } = given[0]?.device ?? assert.fail('nothing came')
    assert.ok(await isSignedByDevice(key, { ...said, purpose: 'download', orderId: '' }, signature))
  })
  it('signs for one purpose at a time', async () => {
    const { key, signature } = await deviceProof(around.device, 'pin-reset', orderId)
    assert.ok(await isSignedByDevice(key, { ...said, purpose: 'pin-reset', orderId }, signature))
    assert.ok(!(await isSignedByDevice(key, { ...said, purpose: 'download', orderId }, signature)))
  })
})
