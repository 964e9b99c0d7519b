/** Whose phone: the right code, password and SIM open nothing in another one. docs/protocols/access-code.md. */
import assert from 'node:assert/strict'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import {
  begin,
  certificateInSim,
  type Device,
  deviceAt,
  devicePoint,
  deviceProof,
  makeForm,
  remember,
  signForm,
} from '@mobile-jpki/jpki-ui/domain'
import { describeAgent } from '@mobile-jpki/phone/contract'
import { start as startPhone } from '@mobile-jpki/phone/main'
import { refusals } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service'
import { applyForDownload, authenticate } from '@mobile-jpki/sp-tsm/contract'
import { useAsCard } from '../../demo/use.ts'
import { phoneOf, type TownPhone } from '../../town/phones.ts'
import { openTown, rowsOf, type StoryTown } from '../stage/town.ts'
import { applicantOf, codeFor, followed, mailed, password, pin, refusedWith } from './steps.ts'

let town: StoryTown
before(async () => {
  town = await openTown()
})
after(() => town[Symbol.asyncDispose]())

/** The SIM goes into another phone, with an app of its own, and comes back. */
async function inAnotherPhone<T>(phone: TownPhone, work: (device: Device) => Promise<T>): Promise<T> {
  await phone.switchOff()
  const dataDirectory = await mkdtemp(join(town.data, 'another-phone-'))
  const device = { ...phone.who.phone }
  const other = await startPhone(
    { ...town.phoneSettings, dataDirectory, port: 0, device },
    { sim: phone.sim().card, now: town.now },
  )
  try {
    return await work(deviceAt(other.url))
  } finally {
    await other.close()
    await phone.restart()
  }
}

const orderOf = (id: string) =>
  rowsOf(town, 'sp-tsm', `SELECT state, wrong_tries, device_key FROM sp_order WHERE id = '${id}'`)[0] ?? {}
const another = /^The application is bound to another phone\. (?:One try is|\d tries are) left\.$/

describe('a download', () => {
  it('is refused to another phone that has SIM, code and password; it is told what to do, and the named one goes on', async () => {
    await using phone = await phoneOf(town, { simType: 'a-uicc-2016' })
    const { orderId, accessCode } = await mailed(town, phone)
    await inAnotherPhone(phone, async (thief) => {
      for (const triesLeft of [4, 3]) {
        const begun = begin(thief, { accessCode, password })
        await assert.rejects(begun, refusedWith({ code: 'device.not-the-bound-one', detail: another, triesLeft }))
      }
      assert.match(refusals['device.not-the-bound-one'].whatToDo, /My Number card/)
      assert.equal((await call(thief.phone, describeAgent, {})).state, 'idle')
      assert.equal(await certificateInSim(thief), undefined)
    })
    const { state, wrong_tries: tries } = orderOf(orderId)
    assert.deepEqual([state, tries], ['codeSent', 2])
    await followed(town, phone.device, await begin(phone.device, { accessCode, password }))
    await useAsCard(phone.device, pin)
  })

  it('is refused to the app that was installed anew on the very phone, until it is bound again', async () => {
    await using phone = await phoneOf(town, { simType: 'a-uicc-2016' })
    const { accessCode } = await mailed(town, phone)
    await remember(phone.device, 'device-key', undefined)
    await assert.rejects(
      begin(phone.device, { accessCode, password }),
      refusedWith({ code: 'device.not-the-bound-one', detail: another, triesLeft: 4 }),
    )
  })

  it('is not begun a second time by whoever heard the first', async () => {
    await using phone = await phoneOf(town, { simType: 'a-uicc-2016' })
    const { orderId, accessCode } = await mailed(town, phone)
    const device = await deviceProof(phone.device, 'download', orderId)
    const heard = { accessCode, password, iccid: phone.sim().iccid, device }
    await call(phone.device.spTsm, authenticate, heard)
    await assert.rejects(
      call(phone.device.spTsm, authenticate, heard),
      refusedWith({ code: 'request.replayed', detail: /answered before/ }),
    )
  })
})

describe('an application that was made at a PC', () => {
  it('names no phone: the first one with code, password and SIM is bound, and no other after it', async () => {
    await using phone = await phoneOf(town, { simType: 'a-uicc-2016' })
    const chance = { now: town.now, newId: () => crypto.randomUUID() }
    const applicant = applicantOf(phone)
    const { device, ...form } = await makeForm(phone.device, applicant, chance)
    const { key: _, ...named } = device
    const content = { ...form, device: named }
    const application = await signForm(phone.device, content, applicant.signPassword)
    const { orderId } = await call(phone.device.spTsm, applyForDownload, { application, password })
    const accessCode = await codeFor(town, phone, orderId)
    assert.equal(orderOf(orderId)['device_key'], null)
    const begun = await begin(phone.device, { accessCode, password })
    assert.deepEqual(
      Buffer.from(orderOf(orderId)['device_key'] as Uint8Array),
      Buffer.from(await devicePoint(phone.device)),
    )
    await inAnotherPhone(phone, (thief) =>
      assert.rejects(
        begin(thief, { accessCode, password }),
        refusedWith({ code: 'device.not-the-bound-one', detail: another, triesLeft: 4 }),
      ),
    )
    await followed(town, phone.device, begun)
    await useAsCard(phone.device, pin)
  })
})
