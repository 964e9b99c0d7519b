/** What the app has its cards sign: the application (②) by the My Number card, a login by the SIM. docs/protocols/application.md, login.md. */
import assert from 'node:assert/strict'
import { randomUUID, verify } from 'node:crypto'
import { after, before, beforeEach, describe, it } from 'node:test'
import { loginToSign } from '@mobile-jpki/jpki'
import { verifySignedData } from '@mobile-jpki/pkix/crypto'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { answerLogin, getLogin } from '@mobile-jpki/relying-party/contract'
import { type Listening, listen, serve } from '@mobile-jpki/service'
import { ApplicationForm } from '@mobile-jpki/sp-tsm/contract'
import { openTestAuthority, rsaKey } from '@mobile-jpki/verification/test-authority'
import { answer, applied, apply, asked, certificateInSim } from '../domain/index.ts'
import { iccid, neighbours, orderId, publicKeyOf, signingCard } from './neighbours.ts'

const refusedWith = (code: RefusalCode, triesLeft?: number) => (error: unknown) =>
  error instanceof Refusal && error.code === code && (triesLeft === undefined || error.triesLeft === triesLeft)

const now = new Date()
const chance = { now: () => now, newId: () => orderId }
const applicant = { signPassword: 'ABC123', mail: 'hanako@mail.example', password: 'correct horse' }
const nonce = new Uint8Array(32).fill(7)

let around: Awaited<ReturnType<typeof neighbours>>
let sign: Uint8Array
let auth: Uint8Array
let site: Listening
let claimedOrigin = ''
const question = {
  name: 'みほん銀行',
  nonce,
  purpose: 'confirm' as const,
  requester: 'みほん商店',
  text: 'みほん商店へ\n1,000円',
  numbers: ['17', '42', '88'],
  expiresAt: now.toISOString(),
}
const answers: { loginId: string; number: string; certificate: Uint8Array; signature: Uint8Array }[] = []
before(async () => {
  around = await neighbours()
  const authorities = await Promise.all([openTestAuthority('sign'), openTestAuthority('auth')])
  sign = (await authorities[0].issue('sign')).der
  auth = (await authorities[1].issue('phoneAuth')).der
  await Promise.all(authorities.map((one) => one.close()))
  site = await listen({
    actor: 'relying-party',
    port: 0,
    routes: [
      serve(getLogin, () => ({ origin: claimedOrigin, ...question })),
      serve(answerLogin, (given) => {
        answers.push(given)
        return { serialNumber: '4f' }
      }),
    ],
  })
})
after(() => Promise.all([around.close(), site.close()]))
beforeEach(() => {
  around.world.channels.length = 0
  around.world.storage.clear()
  answers.length = 0
  claimedOrigin = site.url
})

describe('② the application', () => {
  it('is signed by the My Number card over all that was filled in, and remembered before it is sent', async () => {
    around.world.card = signingCard('sign', 'ABC123', rsaKey, sign)
    const rememberedThen: unknown[] = []
    around.world.onApply = (application, password) => {
      rememberedThen.push(around.world.storage.get('application'), password, application.length > 1000)
      return { orderId, state: 'verified' }
    }
    const { application, state } = await apply(around.device, { ...applicant, signPassword: 'abc123' }, chance)
    assert.equal(state, 'verified')
    const { content, signerCertificate } = await verifySignedData(application)
    const form = ApplicationForm.parse(JSON.parse(new TextDecoder().decode(content)))
    assert.deepEqual(
      [form.id, form.iccid, form.msisdn, form.mail, form.madeAt],
      [orderId, iccid, '09012345678', applicant.mail, now.toISOString()],
    )
    assert.deepEqual(signerCertificate.der, sign)
    assert.ok(!new TextDecoder().decode(content).includes(applicant.password))
    const kept = { orderId, mail: applicant.mail, madeAt: now.toISOString() }
    assert.deepEqual(rememberedThen, [JSON.stringify(kept), applicant.password, true])
    assert.deepEqual(await applied(around.device), kept)
    assert.deepEqual(around.world.channels, ['open NFC basic', 'close'])
  })
  it('does not come about with a wrong password: nothing is sent, the channel closed, the tries told', async () => {
    around.world.card = signingCard('sign', 'ABC123', rsaKey, sign)
    around.world.onApply = () => assert.fail('nothing is signed')
    const wrong = { ...applicant, signPassword: 'WRONG1' }
    for (const left of [2, 1]) await assert.rejects(apply(around.device, wrong, chance), refusedWith('pin.wrong', left))
    for (let time = 0; time < 2; time++)
      await assert.rejects(apply(around.device, wrong, chance), refusedWith('pin.blocked'))
    await assert.rejects(
      apply(around.device, { ...applicant, signPassword: 'あ' }, chance),
      refusedWith('pin.malformed'),
    )
    assert.equal(around.world.channels.filter((one) => one === 'close').length, 5)
    assert.equal(await applied(around.device), undefined)
  })
  it('is remembered when its answer is lost, and the one before when it is refused', async () => {
    const before = JSON.stringify({ orderId: randomUUID(), mail: 'x', madeAt: now.toISOString() })
    const outcomes: [RefusalCode, boolean][] = [
      ['peer.unreachable', true],
      ['certificate.revoked', false],
    ]
    for (const [code, isKept] of outcomes) {
      around.world.card = signingCard('sign', 'ABC123', rsaKey, sign)
      around.world.storage.set('application', before)
      around.world.onApply = () => {
        throw new Refusal(code)
      }
      await assert.rejects(apply(around.device, applicant, chance), refusedWith(code))
      assert.equal(around.world.storage.get('application') === before, !isKept)
    }
  })
  it('needs a SIM in the phone', async () => {
    around.world.sim = undefined
    await assert.rejects(apply(around.device, applicant, chance), refusedWith('card.absent'))
    around.world.sim = iccid
  })
})

describe('a login', () => {
  const loginId = randomUUID()
  it('is signed by the SIM for the very origin, login, nonce, text and number', async () => {
    around.world.card = signingCard('auth', '1234', rsaKey, auth)
    const who = await asked(around.device, site.url, loginId)
    assert.deepEqual(who, { origin: site.url, ...question })
    assert.equal(await answer(around.device, who, loginId, { number: '42', pin: '1234' }), '4f')
    const [given] = answers
    assert.ok(given)
    assert.deepEqual(given.certificate, auth)
    assert.equal(given.number, '42')
    const { purpose, requester, text } = question
    const signed = { origin: site.url, loginId, nonce, purpose, requester, text, number: '42' }
    const statement = loginToSign(signed)
    assert.ok(verify('sha256', statement, publicKeyOf(rsaKey), given.signature))
    const other = loginToSign({ ...signed, text: 'みほん商店へ\n9,000円' })
    assert.ok(!verify('sha256', other, publicKeyOf(rsaKey), given.signature))
    assert.deepEqual(around.world.channels, ['open SIM1 logical', 'close'])
  })
  it('asked for by a site in the name of another one is refused before any PIN', async () => {
    claimedOrigin = 'https://bank.example'
    await assert.rejects(asked(around.device, site.url, loginId), refusedWith('login.origin-mismatch'))
    assert.deepEqual(around.world.channels, [])
  })
  it('with a wrong PIN sends nothing', async () => {
    around.world.card = signingCard('auth', '1234', rsaKey, auth)
    const who = await asked(around.device, site.url, loginId)
    await assert.rejects(
      answer(around.device, who, loginId, { number: '42', pin: '4321' }),
      refusedWith('pin.wrong', 2),
    )
    await assert.rejects(
      answer(around.device, who, loginId, { number: '42', pin: '12345' }),
      refusedWith('pin.malformed'),
    )
    assert.deepEqual(answers, [])
  })
})

describe('the certificate in the SIM', () => {
  it('is shown as it stands, and none where there is none', async () => {
    around.world.card = signingCard('auth', '1234', rsaKey, auth)
    const view = await certificateInSim(around.device)
    assert.deepEqual([view?.der, view?.triesLeft], [auth, 3])
    around.world.card = () => Uint8Array.of(0x6a, 0x82)
    assert.equal(await certificateInSim(around.device), undefined)
  })
})
