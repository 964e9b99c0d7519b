/** What the person does with the phone afterwards: as a card, over the net, through restarts, and once more from the beginning. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { cardClient } from '@mobile-jpki/jpki'
import { findSuccessor } from '@mobile-jpki/jpki-system/contract'
import { answer, asked, type CertificateView, certificateInSim } from '@mobile-jpki/jpki-ui/domain'
import { parseCertificate } from '@mobile-jpki/pkix'
import { ocspRequest, verifyOcspResponse } from '@mobile-jpki/pkix/crypto'
import { beginLogin, getOutcome } from '@mobile-jpki/relying-party/contract'
import { call } from '@mobile-jpki/service'
import { askOcspByHttp } from '@mobile-jpki/verification'
import { download } from '../demo/download.ts'
import { useAsCard, useOverNet } from '../demo/use.ts'
import { jpki } from './stage/process.ts'
import {
  asActor,
  cardIn,
  codeMailsIn,
  contentOfSim,
  openTown,
  personAt,
  phoneCertificatesIn,
  pin,
  rowsOf,
  type StoryTown,
} from './stage/town.ts'

let town: StoryTown
before(async () => {
  town = await openTown()
  await download(personAt(town))
})
after(() => town[Symbol.asyncDispose]())

const inSim = async (): Promise<CertificateView> => {
  const found = await certificateInSim(town.device)
  assert.ok(found, 'there is a certificate in the SIM')
  return found
}
const triesLeft = async () => (await inSim()).triesLeft

async function spendTry(): Promise<void> {
  const card = cardIn(town, 'SIM1')
  await card.reset()
  await cardClient.selectJpki(card)
  assert.notEqual((await cardClient.verifyPin(card, 'auth', '0000')).outcome, 'verified')
  await card.reset()
}

/** What the responder says that the certificate itself names. */
async function statusOf(der: Uint8Array) {
  const certificate = parseCertificate(der)
  const [{ certificate: ca } = {}] = rowsOf(
    town,
    'jpki-system',
    "SELECT certificate FROM ca_generation WHERE name = 'auth'",
  )
  assert.ok(ca instanceof Uint8Array)
  const [issuer, { serialNumber }, nonce] = [parseCertificate(ca), certificate, new Uint8Array(32).fill(7)]
  const response = await askOcspByHttp(`${town.places.publication}/ocsp`, ocspRequest(issuer, serialNumber, nonce))
  return verifyOcspResponse(response, {
    issuer,
    serialNumber,
    at: new Date(),
    nonce,
    tolerance: 60_000,
  })
}

describe('the phone in use', () => {
  it('serves as a card and over the net, as often as it is asked, in any order', async () => {
    for (const use of [useAsCard, undefined, undefined, useAsCard])
      await (use?.(town.device, pin) ?? useOverNet(town.device, town.places.relyingParty, pin))
  })

  it('serves the app while it lies in a reader', async () => {
    const card = cardIn(town, 'SIM1')
    await card.reset()
    await cardClient.selectJpki(card)
    assert.equal((await cardClient.verifyPin(card, 'auth', pin)).outcome, 'verified')
    await useOverNet(town.device, town.places.relyingParty, pin)
    assert.equal(await triesLeft(), 3)
    await card.reset()
  })

  it('answers each login once, and no login that another site asks for', async () => {
    const page = { url: town.places.relyingParty, actor: 'relying-party' } as const
    const { loginId, ticket, number } = await call(page, beginLogin, {})
    const request = await asked(town.device, page.url, loginId)
    await answer(town.device, request, loginId, { number, pin })
    await assert.rejects(answer(town.device, request, loginId, { number, pin }), { code: 'request.replayed' })
    assert.equal((await call(page, getOutcome, { loginId, ticket })).serialNumber, (await inSim()).serialNumber)

    const other = await call(page, beginLogin, {})
    const here = page.url.replace('127.0.0.1', 'localhost')
    await assert.rejects(asked(town.device, here, other.loginId), { code: 'login.origin-mismatch' })
  })

  it('counts wrong PINs through restarts, until it is blocked for good', async () => {
    for (const left of [2, 1]) {
      await spendTry()
      await town.stop()
      await town.start()
      assert.equal(await triesLeft(), left)
    }
    await useAsCard(town.device, pin)
    assert.equal(await triesLeft(), 3, 'a right PIN sets the count back')
    for (let tries = 0; tries < 3; tries++) await spendTry()
    await town.stop()
    await town.start()
    assert.equal(await triesLeft(), 0)
    await assert.rejects(useAsCard(town.device, pin), { code: 'pin.blocked' })
    await assert.rejects(useOverNet(town.device, town.places.relyingParty, pin), { code: 'pin.blocked' })
  })
})

describe('a second download into the same SIM', () => {
  it('replaces the first: the old certificate is superseded, the new one good, and the PIN new', async () => {
    const first = await inSim()
    assert.equal((await statusOf(first.der)).status, 'good')

    await download({ ...personAt(town), pin: '2580' })

    const second = await inSim()
    assert.notEqual(second.serialNumber, first.serialNumber)
    const old = await statusOf(first.der)
    assert.deepEqual([old.status, old.status === 'revoked' && old.reason], ['revoked', 'superseded'])
    assert.equal((await statusOf(second.der)).status, 'good')
    const states = phoneCertificatesIn(town).map(({ state }) => state)
    assert.deepEqual(states.sort(), ['revoked', 'valid'])
    assert.equal(await triesLeft(), 3)
    await assert.rejects(useAsCard(town.device, pin), { code: 'pin.wrong' })
    await useAsCard(town.device, '2580')
    await useOverNet(town.device, town.places.relyingParty, '2580')
  })

  it('leads from the old serial number to the new one', async () => {
    const [{ serial_number: old } = {}] = phoneCertificatesIn(town).filter(({ state }) => state === 'revoked')
    const to = { actor: 'jpki-system', url: town.places.jpkiSystem } as const
    const { serialNumber } = await asActor(town, 'relying-party', to, (jpkiSystem) =>
      call(jpkiSystem, findSuccessor, { authority: 'auth', serialNumber: String(old) }),
    )
    assert.equal(serialNumber, (await inSim()).serialNumber)
  })

  it('leaves the SIM with one SP area, one applet and one load file', async () => {
    const content = await contentOfSim(town)
    assert.equal(new Set(content.map(({ aid }) => aid.toHex())).size, content.length)
    const orders = rowsOf(town, 'sp-tsm', 'SELECT state FROM sp_order')
    assert.deepEqual(orders, [{ state: 'active' }, { state: 'active' }])
  })
})

describe('./jpki demo in a running town', () => {
  it('may be run twice: each time a whole download, each time both uses', async () => {
    const sizes: number[] = []
    const mails = (await codeMailsIn(town)).length
    for (const chosen of ['1234', '8642']) {
      const demo = jpki('demo', '--data', town.data, '--pin', chosen, '--json')
      assert.equal((await demo.ended).status, 0, demo.said.err)
      const lines = demo.said.out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
      assert.equal(lines.filter(({ step }) => step !== undefined).length, 18)
      assert.equal(lines.filter(({ use }) => use !== undefined).length, 2)
      assert.equal(lines.at(-1).done, true)
      sizes.push((await contentOfSim(town)).length)
      await useAsCard(town.device, chosen)
    }
    assert.equal(sizes[0], sizes[1], 'the SIM does not fill up')
    assert.equal((await codeMailsIn(town)).length, mails + 2)
    const good = phoneCertificatesIn(town).filter(({ state }) => state === 'valid')
    assert.deepEqual(good, [{ serial_number: (await inSim()).serialNumber, state: 'valid' }])
  })
})
