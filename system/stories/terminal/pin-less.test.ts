/** The phone as a card at a counter (カード代わりに使用): with PIN, and without where the person and the carrier allow it. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import type { Card } from '@mobile-jpki/iso7816'
import { cardClient } from '@mobile-jpki/jpki'
import { certificateInSim } from '@mobile-jpki/jpki-ui/domain'
import { Refusal } from '@mobile-jpki/refusal'
import { answerLogin, beginLogin } from '@mobile-jpki/relying-party/contract'
import { call } from '@mobile-jpki/service'
import { judgeOf, type Terminal } from '@mobile-jpki/terminal'
import { download } from '../../demo/download.ts'
import { cardIn as cardInPhone } from '../../sim/card-in.ts'
import type { OpenTerminal } from '../../terminals/enrolled.ts'
import { hanako } from '../../town/people.ts'
import { phoneOf } from '../../town/phones.ts'
import { cardIn, openTown, personAt, revoke, type StoryTown } from '../stage/town.ts'
import { codeOf, counter, revokeAt, switchPinLess, tap, withoutPin, withPin } from './counter.ts'

let town: StoryTown
let sim: Card
let clinic: OpenTerminal
const day = 86_400_000

before(async () => {
  town = await openTown()
  await download(personAt(town))
  sim = cardIn(town, 'SIM1')
  clinic = await counter(town, 'clinic-1')
})
after(async () => {
  await clinic.close()
  await town[Symbol.asyncDispose]()
})

const serialInSim = async () => (await certificateInSim(town.device))?.serialNumber

describe('a phone held against a terminal', () => {
  it('is not read without PIN until its person allows it', async () => {
    assert.equal(codeOf(await tap(clinic.terminal, sim, withoutPin)), 'pin-less.off')
    const reading = await tap(clinic.terminal, sim, withPin())
    assert.ok(reading.ok)
    assert.deepEqual([reading.token, reading.serialNumber], ['sim', await serialInSim()])
    assert.equal(reading.holder.kind, 'phone')
  })

  it('is read without PIN from then on, tap by tap, and by nobody once that is over', async () => {
    await switchPinLess(sim, true)
    for (let times = 0; times < 2; times++) {
      const reading = await tap(clinic.terminal, sim, withoutPin)
      assert.ok(reading.ok, codeOf(reading))
      assert.equal(reading.serialNumber, await serialInSim())
      assert.equal(reading.evidence.statement.text, '資格確認')
    }
    await switchPinLess(sim, false)
    assert.equal(codeOf(await tap(clinic.terminal, sim, withoutPin)), 'pin-less.off')
    await switchPinLess(sim, true)
  })

  it('gives a proof that counts for what it says, and for nothing else', async () => {
    const reading = await tap(clinic.terminal, sim, withoutPin)
    assert.ok(reading.ok)
    const { evidence } = reading
    const { judge } = clinic.terminal
    const judged = async (changed: Partial<typeof evidence>) =>
      judge({ ...evidence, ...changed }).then(
        () => 'good',
        (error) => (error instanceof Refusal ? error.code : error),
      )
    const { statement } = evidence
    assert.equal(await judged({}), 'good')
    assert.equal(await judged({ statement: { ...statement, text: '¥100,000' } }), 'possession.invalid')
    assert.equal(await judged({ statement: { ...statement, nonce: new Uint8Array(32) } }), 'possession.invalid')
    assert.equal(await judged({ statement: { ...statement, terminalId: 'clinic-2' } }), 'terminal.untrusted')
    assert.equal(await judged({ statement: { ...statement, institution: 'other' } }), 'terminal.untrusted')
    assert.equal(await judged({ way: 'pin' }), 'possession.invalid', 'it does not pass for one with PIN')
    const other = await counter(town, 'clinic-7')
    const another = (await other.terminal.key?.())?.certificate
    await other.close()
    assert.equal(await judged({ terminalCertificate: another }), 'terminal.untrusted')
    const { library: _, ...without } = { library: clinic, now: town.now }
    const believesNobody = judgeOf({ ...without, library: { judge: async () => assert.fail('not reached') } })
    await assert.rejects(believesNobody(evidence), { code: 'not-supported' })
  })

  it('cannot be had to log its person in somewhere', async () => {
    const site = { url: town.places.relyingParty, actor: 'relying-party' } as const
    const { loginId, number } = await call(site, beginLogin, {})
    const reading = await tap(clinic.terminal, sim, { ...withoutPin, text: loginId })
    assert.ok(reading.ok)
    const { certificate, signature } = reading.evidence
    await assert.rejects(call(site, answerLogin, { loginId, number, certificate, signature }), {
      code: 'login.signature-invalid',
    })
  })

  it('tells the terminal what a wrong PIN leaves, and loses no try to what is no PIN', async () => {
    assert.equal(codeOf(await tap(clinic.terminal, sim, withPin('12'))), 'pin.malformed')
    assert.equal(
      codeOf(await tap(clinic.terminal, sim, { ...withPin(), pin: async () => undefined })),
      'conditions.not-satisfied',
    )
    assert.equal((await certificateInSim(town.device))?.triesLeft, 3)
    const wrong = await tap(clinic.terminal, sim, withPin('0000'))
    assert.ok(!wrong.ok && wrong.refusal.triesLeft === 2)
    assert.ok((await tap(clinic.terminal, sim, withPin())).ok)
  })

  it('costs a dozen commands', async () => {
    const reading = await tap(clinic.terminal, sim, withoutPin)
    assert.ok(reading.ok)
    assert.ok(reading.cost.apdus <= 20, `${reading.cost.apdus}`)
  })
})

describe('a My Number card on a terminal', () => {
  it('is read with its PIN, and never without', async () => {
    const card = cardIn(town, 'NFC')
    assert.equal(codeOf(await tap(clinic.terminal, card, withoutPin)), 'pin-less.unavailable')
    const reading = await tap(clinic.terminal, card, withPin(hanako.card.authPin))
    assert.ok(reading.ok, codeOf(reading))
    assert.deepEqual([reading.token, reading.holder.kind], ['myNumberCard', 'card'])
  })
})

describe('a phone whose carrier does not allow it', () => {
  it('is read with its PIN, and never without', async () => {
    await using phone = await phoneOf(town, { simType: 'b-uicc-2015' })
    await download(phone.person)
    const card = cardInPhone(phone.url, 'SIM1')
    assert.equal(codeOf(await tap(clinic.terminal, card, withoutPin)), 'pin-less.unavailable')
    assert.ok((await tap(clinic.terminal, card, withPin(phone.who.card.authPin))).ok)
  })
})

describe('a terminal that is not to be believed', () => {
  it('comes to nothing with another CA, or another key than its certificate’s', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const foreign: Terminal['key'] = async () => ({
      certificate: (await clinic.terminal.key?.())?.certificate ?? new Uint8Array(),
      sign: async (message) => new Uint8Array(sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' })),
    })
    assert.equal(codeOf(await tap({ ...clinic.terminal, key: foreign }, sim, withoutPin)), 'terminal.untrusted')
    await using otherTown = await openTown()
    await using elsewhere = await counter(otherTown, 'clinic-1')
    assert.equal(codeOf(await tap(elsewhere.terminal, sim, withoutPin)), 'terminal.untrusted')
    assert.equal(codeOf(await tap(clinic.terminal, sim, withoutPin)), 'good')
  })

  it('is told by the card when its days are over, by the latest day that the card heard of', async () => {
    const old = await clinic.terminal.key?.()
    town.clock.ahead = 30 * day
    try {
      assert.equal(codeOf(await tap(clinic.terminal, sim, withoutPin)), 'good', 'it fetched a new certificate')
    } finally {
      town.clock.ahead = 0
    }
    const late: Terminal['key'] = async () => old ?? assert.fail('there was one')
    const reading = await tap({ ...clinic.terminal, key: late }, sim, withoutPin)
    assert.ok(!reading.ok && reading.refusal.code === 'terminal.untrusted')
    assert.match(reading.refusal.message, /later day/)
    assert.equal((await cardClient.readPinLess(await selected(sim))) as string, 'on')
  })

  it('is revoked: no certificate any more, and its proofs are refused by the list, also those of before', async () => {
    town.clock.ahead = 31 * day
    const stolen = await counter(town, 'clinic-9')
    const before = await tap(stolen.terminal, sim, withoutPin)
    assert.ok(before.ok, codeOf(before))
    await revokeAt(town, 'clinic-9')
    town.clock.ahead += 6 * 60_000
    assert.equal(codeOf(await tap(stolen.terminal, sim, withoutPin)), 'terminal.revoked')
    await assert.rejects(clinic.terminal.judge(before.evidence), { code: 'terminal.revoked' })
    town.clock.ahead += 8 * day
    assert.equal(codeOf(await tap(stolen.terminal, sim, withoutPin)), 'terminal.revoked', 'nor does it get another')
    await assert.rejects(counter(town, 'clinic-9'), { code: 'terminal.revoked' })
    await stolen.close()
    town.clock.ahead = 0
  })
})

describe('a person whose certificate was revoked', () => {
  it('is refused by PIN and without', async () => {
    town.clock.ahead = 40 * day
    const serialNumber = (await serialInSim()) ?? assert.fail('there is one')
    await revoke(town, 'auth', serialNumber, 'keyCompromise')
    assert.equal(codeOf(await tap(clinic.terminal, sim, withoutPin)), 'certificate.revoked')
    assert.equal(codeOf(await tap(clinic.terminal, sim, withPin())), 'certificate.revoked')
  })
})

async function selected(card: Card): Promise<Card> {
  await card.reset()
  await cardClient.selectJpki(card)
  return card
}
