/** What is refused, end to end: the code, the sentence, whose it is, and that nothing was half done. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { cardClient, digestInfoOf, formatAccessCode } from '@mobile-jpki/jpki'
import {
  applicationState,
  apply,
  begin,
  certificateInSim,
  type Device,
  deviceAt,
  follow,
  makeForm,
  signForm,
} from '@mobile-jpki/jpki-ui/domain'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import { describeAgent } from '@mobile-jpki/phone/contract'
import { start as startPhone } from '@mobile-jpki/phone/main'
import { assembleSignedData, parseCertificate, signedAttributesToSign } from '@mobile-jpki/pkix'
import { Refusal, type RefusalCode, refusals } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service'
import { type ApplicationForm, applyForDownload } from '@mobile-jpki/sp-tsm/contract'
import { openControllingAuthority } from '../carriers/controlling-authority.ts'
import { useAsCard, useOverNet } from '../demo/use.ts'
import { simFor } from '../town/cards/sims.ts'
import { layoutOf } from '../town/layout.ts'
import { hanako, type TestPerson } from '../town/people.ts'
import {
  cardIn,
  codeMailsIn,
  contentOfSim,
  openTown,
  phoneCertificatesIn,
  pin,
  revoke,
  rowsOf,
  type StoryTown,
} from './stage/town.ts'

const minute = 60_000
const day = 24 * 60 * minute
const password = 'chosen-for-this-2016'
const applicant = { signPassword: hanako.card.signPassword, mail: hanako.mail, password }

let town: StoryTown
before(async () => {
  town = await openTown()
})
after(() => town[Symbol.asyncDispose]())

const now = () => new Date(Date.now() + town.clock.ahead)
const chance = { now, newId: () => crypto.randomUUID() }
const applied = (device: Device = town.device) => apply(device, applicant, chance)

/** Everything that a download leaves behind, in every house; refused applications apart, which are kept with their reason. */
const registers = async () => ({
  orders: rowsOf(town, 'sp-tsm', "SELECT id, state, session FROM sp_order WHERE state <> 'refused'"),
  phoneOrders: rowsOf(town, 'jpki-system', 'SELECT * FROM phone_order'),
  certificates: phoneCertificatesIn(town),
  deployments: rowsOf(town, 'mno-tsm', 'SELECT order_id, state FROM deployment'),
  mails: (await codeMailsIn(town)).length,
  sim: (await contentOfSim(town)).map(({ aid, lifeCycle }) => `${aid.toHex()} ${lifeCycle}`),
})

interface Expected {
  readonly code: RefusalCode
  readonly detail?: RegExp
  readonly whose?: string
  readonly triesLeft?: number
}

/** The refusal is the one expected, in words that a person can read, and every register is as it was. */
async function isRefused(work: () => Promise<unknown>, { code, detail, whose, triesLeft }: Expected): Promise<void> {
  const earlier = await registers()
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof Refusal, String(error))
    assert.deepEqual([error.code, error.whose, error.triesLeft], [code, whose, triesLeft], error.message)
    assert.equal(error.sentence, refusals[code].sentence)
    assert.match(error.message, detail ?? /^[A-Z\d].*\.$/)
    return true
  })
  assert.deepEqual(await registers(), earlier)
}

/** The application was received, and is kept with the reason why it was refused, without a code. */
function assertKeptAsRefused(code: RefusalCode) {
  const [row = {}] = rowsOf(town, 'sp-tsm', 'SELECT * FROM sp_order ORDER BY created_at DESC LIMIT 1')
  assert.deepEqual([row['state'], row['access_code'], row['sealed_access_code']], ['refused', null, null])
  assert.equal(JSON.parse(String(row['trouble'])).code, code)
}

/** An application that got as far as the mail, and its code. */
async function waitingForCode(device = town.device) {
  const { orderId, application } = await applied(device)
  while ((await applicationState(device, orderId)).state !== 'codeSent') await setTimeout(20)
  const [accessCode = ''] = /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}-./.exec((await codeMailsIn(town)).at(-1)?.text ?? '') ?? []
  return { orderId, application, accessCode }
}

/** A second phone in her hand, perhaps with a SIM of its own; the My Number card is held against it. */
async function withPhone<T>(person: TestPerson, work: (device: Device) => Promise<T>): Promise<T> {
  const layout = layoutOf(town.data)
  const certificates = await openServiceCertificates(layout.of('service-ca'), now)
  const authority = await openControllingAuthority(layout.of('controlling-authority'), now)
  const folder = join(town.data, `phone-of-${person.sim.iccid}-${person.phone.model.replaceAll(' ', '-')}`)
  const maker = await certificates.identityOf('system')
  const sim = await simFor(join(folder, 'cards'), person, town.places.mnoTsm, maker, authority)
  const trusted = [authority.point.toBase64()]
  const phone = await startPhone(
    {
      ...{ dataDirectory: folder, port: 0, device: person.phone, serviceCa: certificates.serviceCa },
      ...{ spTsm: town.places.spTsm, appProvider: town.places.appProvider },
      ...{ appProviderPoint: trusted[0] ?? '', casdAuthorities: trusted, applets: trusted },
    },
    { sim: sim.card, nfc: cardIn(town, 'NFC'), now },
  )
  try {
    return await work(deviceAt(phone.url))
  } finally {
    await phone.close()
    sim.close()
  }
}

const send = (application: Uint8Array) => call(town.device.spTsm, applyForDownload, { application, password })

/** As signForm does it, with the other key of the card and its PIN. */
async function signedWithAuthKey(form: ApplicationForm): Promise<Uint8Array> {
  const card = cardIn(town, 'NFC')
  await card.reset()
  await cardClient.selectJpki(card)
  await cardClient.verifyPin(card, 'auth', hanako.card.authPin)
  const sha256 = (octets: Uint8Array) => new Uint8Array(createHash('sha256').update(octets).digest())
  const content = new TextEncoder().encode(JSON.stringify(form))
  const signedAttributes = signedAttributesToSign({ messageDigest: sha256(content), signingTime: new Date(0) })
  const certificate = await cardClient.readCertificate(card, 'auth')
  const signature = await cardClient.sign(card, 'auth', digestInfoOf(sha256(signedAttributes)))
  return assembleSignedData({ content, signedAttributes, signature, certificate })
}

describe('an application is refused', () => {
  it('when the sign password is wrong, by the card itself', () =>
    isRefused(() => apply(town.device, { ...applicant, signPassword: 'ABC124' }, chance), {
      code: 'pin.wrong',
      detail: /4 tries are left/,
      triesLeft: 4,
    }))

  it('when its password is too weak or too short', async () => {
    await isRefused(() => apply(town.device, { ...applicant, password: 'aaaaaaab' }, chance), { code: 'password.weak' })
    const short = () => apply(town.device, { ...applicant, password: 'a1b2c3' }, chance)
    await isRefused(short, { code: 'password.weak', detail: /fewer than 8/ })
  })

  it('when the auth key signed it', async () => {
    const application = await signedWithAuthKey(await makeForm(town.device, applicant, chance))
    await isRefused(() => send(application), { code: 'application.wrong-signer' })
  })

  it('when an octet of it was changed', async () => {
    const form = await makeForm(town.device, applicant, chance)
    const application = await signForm(town.device, form, applicant.signPassword)
    const at = Buffer.from(application).indexOf(form.iccid)
    application[at] = (application[at] ?? 0) ^ 1
    await isRefused(() => send(application), { code: 'application.signature-invalid' })
  })

  it('when it is older than ten minutes, or comes from the future', async () => {
    const form = await makeForm(town.device, applicant, chance)
    const application = await signForm(town.device, form, applicant.signPassword)
    for (const ahead of [10 * minute + 1000, -2 * minute]) {
      town.clock.ahead = ahead
      await isRefused(() => send(application), { code: 'request.expired', detail: new RegExp(form.madeAt) })
    }
    town.clock.ahead = 0
  })

  it('when it was received before', async () => {
    const { application } = await waitingForCode()
    await isRefused(() => send(application), { code: 'request.replayed' })
  })

  it('when the line is somebody else’s', async () => {
    const fourItems = { ...hanako.fourItems, name: '見本　太郎' }
    const sim = { ...hanako.sim, iccid: '89811000000000000137' }
    const taro = { ...hanako, fourItems, sim, phone: { ...hanako.phone, msisdn: '09000000002' } }
    await withPhone(taro, async (device) => {
      const detail = /neither the subscriber nor the registered user of 09000000002/
      await isRefused(() => applied(device), { code: 'subscription.not-eligible', whose: 'mno-tsm', detail })
    })
    assertKeptAsRefused('subscription.not-eligible')
  })

  it('when the carrier has not tested the phone, or does not know the SIM', async () => {
    const sim = { ...hanako.sim, iccid: '89811000000000000145' }
    const phone = { ...hanako.phone, model: 'Brick 1', msisdn: '09000000003' }
    await withPhone({ ...hanako, sim, phone }, (device) =>
      isRefused(() => applied(device), { code: 'device.not-eligible', whose: 'mno-tsm', detail: /Brick 1/ }),
    )
    assertKeptAsRefused('device.not-eligible')
    const form = { ...(await makeForm(town.device, applicant, chance)), iccid: '89811000000000009999' }
    const application = await signForm(town.device, form, applicant.signPassword)
    await isRefused(() => send(application), { code: 'sim.not-eligible', whose: 'mno-tsm' })
    assertKeptAsRefused('sim.not-eligible')
  })
})

describe('a download is refused', () => {
  const begins = (accessCode: string, more: { readonly password?: string } = {}, device = town.device) =>
    begin(device, { accessCode, password, ...more })

  it('when the password is wrong', async () => {
    const { accessCode } = await waitingForCode()
    const wrong = () => begins(accessCode, { password: 'some-other-2016' })
    await isRefused(wrong, { code: 'password.wrong', triesLeft: 4, detail: /4 tries are left/ })
  })

  it('when the code is mistyped, which counts no try, and when it is wrong, which locks after five', async () => {
    const { accessCode } = await waitingForCode()
    const mistyped = accessCode.replace(/^./, (first) => (first === '0' ? '1' : '0'))
    await isRefused(() => begins(mistyped), { code: 'code.wrong', detail: /mistyped/ })
    for (const triesLeft of [4, 3, 2, 1, 0])
      await isRefused(() => begins(formatAccessCode(randomBytes(10))), { code: 'code.wrong', triesLeft })
    await isRefused(() => begins(formatAccessCode(randomBytes(10))), { code: 'code.locked' })
    await isRefused(() => begins(accessCode), { code: 'code.locked' })
  })

  it('when the SIM in the phone is not the one that the application names', async () => {
    const { accessCode } = await waitingForCode()
    const sim = { ...hanako.sim, iccid: '89811000000000000152' }
    await withPhone({ ...hanako, sim, phone: { ...hanako.phone, msisdn: '09000000004' } }, async (device) => {
      const detail = /^The application names another SIM\. 4 tries are left\.$/
      await isRefused(() => begins(accessCode, {}, device), { code: 'sim.not-the-named-one', triesLeft: 4, detail })
      assert.equal((await call(device.phone, describeAgent, {})).state, 'idle')
      assert.equal(await certificateInSim(device), undefined)
    })
  })

  it('when fourteen days have passed', async () => {
    const { accessCode } = await waitingForCode()
    town.clock.ahead = 14 * day
    await isRefused(() => begins(accessCode), { code: 'code.expired' })
    town.clock.ahead = 0
  })

  it('when its code was used already', async () => {
    const { accessCode } = await waitingForCode()
    const begun = await begins(accessCode)
    await follow(town.device, begun, {
      choosePin: async () => pin,
      progress: () => undefined,
      pause: setTimeout,
      now,
    })
    await isRefused(() => begins(accessCode), { code: 'code.used' })
    await useAsCard(town.device, pin)
  })
})

describe('a login is refused', () => {
  const login = (text = pin) => useOverNet(town.device, town.places.relyingParty, text)

  it('when the certificate in the phone is revoked, though the PIN is right', async () => {
    await login()
    const found = await certificateInSim(town.device)
    await revoke(town, 'auth', found?.serialNumber ?? '', 'keyCompromise')
    await isRefused(() => login(), { code: 'certificate.revoked', detail: /keyCompromise/ })
  })

  it('when the PIN is wrong, and after three times even with the right one', async () => {
    for (const triesLeft of [2, 1]) await isRefused(() => login('0000'), { code: 'pin.wrong', triesLeft })
    await isRefused(() => login('0000'), { code: 'pin.blocked' })
    await isRefused(() => login(), { code: 'pin.blocked' })
    assert.equal((await certificateInSim(town.device))?.triesLeft, 0)
    await isRefused(() => useAsCard(town.device, pin), { code: 'pin.blocked' })
  })
})

describe('an application is refused at last', () => {
  it('when its sign certificate is on hold, and when it is revoked', async () => {
    const card = cardIn(town, 'NFC')
    await card.reset()
    await cardClient.selectJpki(card)
    await cardClient.verifyPin(card, 'sign', hanako.card.signPassword)
    const { serialNumber } = parseCertificate(await cardClient.readCertificate(card, 'sign'))
    await revoke(town, 'sign', serialNumber, 'certificateHold')
    await isRefused(() => applied(), { code: 'certificate.on-hold', detail: /is on hold since/ })
    assertKeptAsRefused('certificate.on-hold')
    await revoke(town, 'sign', serialNumber, 'cessationOfOperation')
    await isRefused(() => applied(), { code: 'certificate.revoked', detail: /cessationOfOperation/ })
    assertKeptAsRefused('certificate.revoked')
  })
})
