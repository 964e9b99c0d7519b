/** What several processes share beside orders: PIN envelopes on their way, and how often a SIM was asked for. */
import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { pinEnvelopes } from '../applet/pin-envelopes.ts'
import { apply } from '../domain/application.ts'
import { countFor, forgetOld } from '../rates.ts'
import { form, password, refusedWith, type Surroundings, surroundings } from './surroundings.ts'

let world: Surroundings
before(async () => {
  world = await surroundings()
})
after(() => world.close())

const wanted = { attestation: new Uint8Array(randomBytes(90)), instanceAid: new Uint8Array(10) }
const quick = { look: 2, seem: 10_000 }
/** As many processes as are asked for, over one store. */
const pins = () => pinEnvelopes(world, world.pinRelay, quick)

describe('a PIN envelope', () => {
  it('reaches the stage that waits, whichever process the app reached, and lies nowhere in clear', async () => {
    const [one, two] = [pins(), pins()]
    const id = randomUUID()
    const envelope = new Uint8Array(randomBytes(114))
    const coming = one.want(id, wanted, new AbortController().signal)
    while ((await two.wanted(id)) === undefined) await new Promise((resolve) => setTimeout(resolve, 1))
    assert.deepEqual(await two.wanted(id), wanted)
    await two.give(id, envelope)
    assert.deepEqual(await coming, envelope)
    assert.deepEqual(await world.store.db.selectFrom('sp_pin').select('id').execute(), [])
    await assert.rejects(two.give(id, envelope), refusedWith('conditions.not-satisfied'))
  })
  it('is wanted no more when the stage is over, and is never given to an earlier one', async () => {
    const [one, two] = [pins(), pins()]
    const id = randomUUID()
    const ended = new AbortController()
    const coming = one.want(id, wanted, ended.signal)
    while ((await two.wanted(id)) === undefined) await new Promise((resolve) => setTimeout(resolve, 1))
    ended.abort(new Error('the agent began again'))
    await assert.rejects(coming, /began again/)
    assert.equal(await two.wanted(id), undefined)
    await assert.rejects(two.give(id, new Uint8Array(114)), refusedWith('conditions.not-satisfied'))
  })
})

describe('a SIM', () => {
  it('is applied for so often in an hour, by whomever, and then later again', async () => {
    const few = { ...world, quotas: { ...world.quotas, applications: { requests: 2, seconds: 3600 } } }
    const applied = async () => apply(few, await world.sign(form(world.now())), password)
    world.at(new Date(Math.ceil(Date.now() / 3_600_000) * 3_600_000))
    await applied()
    await applied()
    await assert.rejects(applied(), refusedWith('rate.exceeded', /go on in 3600 s/))
    const other = await world.sign(form(world.now(), { iccid: '8981100022152967713' }))
    await apply(few, other, password)
    world.at(new Date(world.now().getTime() + 3_600_000))
    await applied()
    await forgetOld(few)
  })
  it('is counted before anything is compared', async () => {
    const none = { ...world, quotas: { ...world.quotas, codes: { requests: 0, seconds: 60 } } }
    await assert.rejects(countFor(none, 'codes', '8981100022152967705'), refusedWith('rate.exceeded'))
  })
})
