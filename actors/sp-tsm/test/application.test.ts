/** ② to ⑤: what an application must be, and that one that is refused leaves nothing half done. docs/protocols/application.md. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { issuerAltName, subjectAltName } from '@mobile-jpki/pkix'
import { openTestAuthority, type TestAuthority } from '@mobile-jpki/verification/test-authority'
import { apply } from '../domain/application.ts'
import { away, day, form, password, refusedWith, type Surroundings, surroundings } from './surroundings.ts'

let world: Surroundings
let auth: TestAuthority
let stranger: TestAuthority
before(async () => {
  world = await surroundings()
  auth = await openTestAuthority('auth')
  stranger = await openTestAuthority('sign')
})
after(() => Promise.all([world.close(), auth.close(), stranger.close()]))
beforeEach(() => {
  world.at(new Date())
  world.peers.calls.length = 0
})
afterEach(() => {
  world.peers.failing.clear()
  world.peers.sim = { eligible: true, reasons: [], hindrances: [] }
  world.peers.line = { eligible: true, reasons: [] }
  world.authority.answer({})
  world.authority.statuses.clear()
})

const rows = async () => (await world.store.db.selectFrom('sp_order').select(['id', 'state']).execute()).length
const now = () => world.now()

describe('an application', () => {
  it('that is in order is verified, and its code registered but not sent', async () => {
    const made = form(now())
    const application = await world.sign(made)
    const order = await apply(world, application, password)
    assert.deepEqual([order.id, order.state, order.applicant], [made.id, 'verified', '公的　花子'])
    assert.deepEqual(await world.current(order), order)
    assert.equal(order.codeExpires?.getTime(), now().getTime() + 14 * day)
    assert.equal(order.signCertificate, world.card.serialNumber)
    assert.deepEqual(order.application, application)
    assert.deepEqual([world.peers.calls, world.peers.mails], [['sim', 'line'], []])
    const steps = world.traced.entries().flatMap(({ step, order: of }) => (of === order.id ? [step] : []))
    assert.deepEqual(steps, ['③', '④'])
  })
  it('keeps the password and the code in no form that shows them', async () => {
    const order = await apply(world, await world.sign(form(now())), password)
    const { accessCode, sealedAccessCode, password: hashed } = order
    assert.ok(accessCode && sealedAccessCode)
    const code = await world.secrets.open(sealedAccessCode, order.id)
    assert.deepEqual(await world.secrets.mac(code), accessCode)
    await assert.rejects(world.secrets.open(sealedAccessCode, 'another order'))
    const told = JSON.stringify(order, (_, value) => (value instanceof Uint8Array ? value.toHex() : value))
    for (const secret of [code.toHex(), password, Buffer.from(password).toString('hex')])
      assert.ok(!told.includes(secret))
    assert.equal(hashed.length, 48)
  })
  it('is taken up to ten minutes after it was made, and from a clock that is a minute ahead', async () => {
    for (const age of [-60_000, 0, 600_000]) {
      const made = form(new Date(now().getTime() - age))
      assert.equal((await apply(world, await world.sign(made), password)).state, 'verified')
    }
  })
})

/** Refused before it is looked at closely: as if it had never been sent. */
describe('nothing is kept of an application', () => {
  const refuses = async (
    application: Uint8Array | Promise<Uint8Array>,
    code: string,
    detail?: RegExp,
    chosen = password,
  ) => {
    const before = await rows()
    await assert.rejects(apply(world, await application, chosen), refusedWith(code, detail))
    assert.equal(await rows(), before)
    assert.deepEqual(world.peers.calls, [])
  }
  const at = (milliseconds: number) => form(new Date(now().getTime() + milliseconds))

  it('made more than ten minutes ago', async () => refuses(world.sign(at(-600_001)), 'request.expired'))
  it('made in the future', async () => refuses(world.sign(at(60_001)), 'request.expired'))
  it('signed by the auth key', async () =>
    refuses(world.sign(form(now()), await auth.issue('auth')), 'application.wrong-signer'))
  it('signed by a certificate that states the four items wrongly', async () => {
    const { certificate } = world.card
    const names = certificate.extension(subjectAltName)
    const issuer = certificate.extensions.find(({ extnID }) => extnID === issuerAltName.id)
    assert.ok(names && issuer)
    const extensions = certificate.extensions.map((one) => {
      if (one.extnID !== subjectAltName.id) return one
      const text = Buffer.from(one.extnValue)
      text[text.indexOf('19900217')] = 0x78
      return { ...one, extnValue: new Uint8Array(text) }
    })
    const odd = await world.authority.issue('sign', { extensions })
    await refuses(world.sign(form(now()), odd), 'request.malformed', /birthDate/)
  })
  it('with a weak password', async () => {
    for (const weak of ['', 'short7!', 'aaaaaaaa', 'abcabcabc'])
      await refuses(world.sign(form(now())), 'password.weak', undefined, weak)
  })
  it('without a password, where no order gives way whose password could go on', async () => {
    for (const fields of [{}, { replaces: randomUUID() }])
      await assert.rejects(
        world.sign(form(now(), fields)).then((application) => apply(world, application, undefined)),
        refusedWith('request.malformed', /no order whose password/),
      )
  })
  it('with a signature that does not cover it', async () => {
    const application = await world.sign(form(now()))
    const places = [application.length - 1, Buffer.from(application).indexOf('0901234')]
    for (const place of places)
      await refuses(application.with(place, (application[place] ?? 0) ^ 1), 'application.signature-invalid')
  })
  it('that is no SignedData', async () => {
    for (const octets of [new Uint8Array(), Uint8Array.of(0x30, 0x80), world.card.der, new Uint8Array(99).fill(0x30)])
      await refuses(octets, 'request.malformed')
  })
  it('whose form is none', async () => {
    const wrong = {
      id: 'x',
      type: 'another',
      version: 2,
      madeAt: 'today',
      iccid: '8981',
      msisdn: '12345678901',
      mail: 'nobody',
      consent: { terms: false, termsVersion: '1' },
      surprise: true,
      keyGeneration: 'elsewhere',
    }
    for (const [name, value] of Object.entries(wrong))
      await refuses(world.sign(form(now(), { [name]: value })), 'request.malformed', /^application: /)
    for (const content of [new Uint8Array(), Uint8Array.of(0xff), new TextEncoder().encode('[]')])
      await refuses(world.sign(content), 'request.malformed')
  })
  it('that was received before, whatever became of it', async () => {
    const application = await world.sign(form(now()))
    await apply(world, application, password)
    world.peers.calls.length = 0
    await refuses(application, 'request.replayed')
  })
  it('sent several times at once, but for one', async () => {
    const application = await world.sign(form(now()))
    const before = await rows()
    const sent = await Promise.allSettled(Array.from({ length: 4 }, () => apply(world, application, password)))
    assert.equal(sent.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const one of sent) if (one.status === 'rejected') assert.ok(refusedWith('request.replayed')(one.reason))
    assert.equal(await rows(), before + 1)
  })
})

/** Refused for good: kept with its reason as evidence, without a code, and nothing asked of the JPKI system. */
describe('an application is refused, and its form spent', () => {
  const refuses = async (fields: Parameters<typeof form>[1], code: string, detail?: RegExp, by = world.card) => {
    const made = form(now(), fields)
    const application = await world.sign(made, by)
    await assert.rejects(apply(world, application, password), refusedWith(code, detail))
    const order = await world.current({ id: String(made.id) })
    assert.deepEqual([order.state, order.trouble?.code], ['refused', code])
    const { accessCode, sealedAccessCode, phoneCertificate, discardOwed } = order
    assert.deepEqual([accessCode, sealedAccessCode, phoneCertificate, discardOwed], Array(4).fill(undefined))
    assert.ok(!world.peers.calls.includes('certify'))
    assert.deepEqual(world.peers.mails, [])
    await assert.rejects(apply(world, application, password), refusedWith('request.replayed'))
  }
  const revokedAt = new Date('2026-01-01T00:00:00Z')

  it('signed by a card of another CA', async () =>
    refuses({}, 'certificate.untrusted', undefined, await stranger.issue('sign')))
  it('signed by an expired card', async () => {
    const [notBefore, notAfter] = [new Date('2020-01-01T00:00:00Z'), new Date('2025-01-01T00:00:00Z')]
    await refuses({}, 'certificate.expired', undefined, await world.authority.issue('sign', { notBefore, notAfter }))
  })
  it('signed by a revoked card', async () => {
    world.authority.statuses.set(world.card.serialNumber, { status: 'revoked', revokedAt, reason: 'keyCompromise' })
    await refuses({}, 'certificate.revoked')
  })
  it('signed by a card on hold', async () => {
    world.authority.statuses.set(world.card.serialNumber, { status: 'revoked', revokedAt, reason: 'certificateHold' })
    await refuses({}, 'certificate.on-hold')
  })
  it('in the place of another person’s order, whose password it does not get to use', async () => {
    const theirs = await apply(world, await world.sign(form(now())), password)
    const application = await world.sign(form(now(), { replaces: theirs.id }))
    await assert.rejects(apply(world, application, undefined), refusedWith('application.wrong-signer'))
    await refuses({ replaces: theirs.id }, 'application.wrong-signer', /another person/)
  })
  it('of an unknown carrier', () => refuses({ carrier: 'Z' }, 'sim.not-eligible', /carrier Z/))
  it('with a SIM that cannot take it, and says why', () => {
    world.peers.sim = {
      eligible: false,
      reasons: ['It has no CASD.', 'It is full.'],
      hindrances: ['simUnknown', 'simMemory'],
    }
    return refuses({}, 'sim.not-eligible', /no CASD\. It is full\./)
  })
  it('for a line that is not the applicant’s', () => {
    world.peers.line = { eligible: false, reasons: ['It is somebody else’s.'] }
    return refuses({}, 'subscription.not-eligible', /somebody else/)
  })
})

describe('an application that nobody can check just now', () => {
  const cut: Record<string, () => void> = {
    'the responder is silent': () => world.authority.behave((reply) => void reply.destroy()),
    'the responder does not know the certificate': () =>
      world.authority.statuses.set(world.card.serialNumber, { status: 'unknown' }),
    'the carrier is away': () => world.peers.failing.set('sim', away),
    'the carrier fails half way': () => world.peers.failing.set('line', away),
  }
  for (const [what, arrange] of Object.entries(cut))
    it(`is taken without an answer yet, when ${what}`, async () => {
      arrange()
      const order = await apply(world, await world.sign(form(now())), password)
      assert.deepEqual([order.state, (await world.current(order)).state], ['applied', 'applied'])
      assert.deepEqual([order.accessCode, order.trouble], [undefined, undefined])
    })
})
