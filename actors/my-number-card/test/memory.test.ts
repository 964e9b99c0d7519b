/** What lasts: retry counters through restart and power cut, keys and PINs at rest, renewal and reset at the counter. */
import assert from 'node:assert/strict'
import { constants, createPublicKey, publicDecrypt, randomBytes, verify } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { cardClient, digestInfoOf } from '@mobile-jpki/jpki'
import { memoryNvm, openNvm } from '@mobile-jpki/nvm'
import { sha256 } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import { isPersonalised, openMyNumberCard, personalise, putCertificates, renewKey, resetPin } from '../index.ts'
import { authority, issuedCard, pins, publicKeys, world } from './issued-card.ts'

const message = new TextEncoder().encode('ログイン')
const keyOf = (spki: Uint8Array | undefined) =>
  createPublicKey({ key: Buffer.from(spki ?? []), format: 'der', type: 'spki' })
const refusal = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code

describe('retry counters', () => {
  it('survive a restart of the card', async () => {
    const { card, image } = issuedCard()
    await cardClient.selectJpki(card)
    assert.deepEqual(await cardClient.verifyPin(card, 'auth', '0000'), { outcome: 'wrong', triesLeft: 2 })
    const again = openMyNumberCard(memoryNvm({ image }), world)
    await cardClient.selectJpki(again)
    assert.equal(await cardClient.triesLeft(again, 'auth'), 2)
  })

  it('are spent by a wrong try whose power is cut before the answer', async () => {
    for (const pin of ['0000', '1234']) {
      const cut = new Error('power cut')
      const { card, image } = issuedCard({
        onWrite: () => {
          throw cut
        },
      })
      await cardClient.selectJpki(card)
      await assert.rejects(cardClient.verifyPin(card, 'auth', pin), cut)
      const again = openMyNumberCard(memoryNvm({ image }), world)
      await cardClient.selectJpki(again)
      assert.equal(await cardClient.triesLeft(again, 'auth'), 2)
    }
  })

  it('block after three and five tries, and the counter sets the PIN anew', async () => {
    const { card, nvm } = issuedCard()
    await cardClient.selectJpki(card)
    for (const use of ['auth', 'sign'] as const) {
      const wrong = use === 'auth' ? '9999' : 'ZZZ999'
      const tries = await cardClient.triesLeft(card, use)
      for (let left = tries - 1; left > 0; left--)
        assert.deepEqual(await cardClient.verifyPin(card, use, wrong), { outcome: 'wrong', triesLeft: left })
      assert.deepEqual(await cardClient.verifyPin(card, use, wrong), { outcome: 'blocked' })
      assert.deepEqual(await cardClient.verifyPin(card, use, pins[use]), { outcome: 'blocked' })
      assert.equal(await cardClient.triesLeft(card, use), 0)
      const next = use === 'auth' ? '4321' : 'NEW456'
      resetPin(nvm, use, next, world)
      assert.deepEqual(await cardClient.verifyPin(card, use, next), { outcome: 'verified' })
      assert.equal(await cardClient.triesLeft(card, use), tries)
    }
  })
})

describe('signatures', () => {
  it('verify under the key that the card reported, in all six forms', async () => {
    const { send } = issuedCard()
    const hash = sha256(message)
    const info = digestInfoOf(hash)
    await send('00A4040C0AD392F000260100000001')
    await send('002000980431323334')
    const key = keyOf(publicKeys.auth)
    const sign = async (form: string, data: Uint8Array) => {
      const length = data.length.toString(16).padStart(2, '0')
      const answer = await send(`802A${form}97${length}${data.toHex()}00`)
      assert.equal(answer.slice(-4), '9000')
      return Buffer.from(answer.slice(0, -4), 'hex')
    }
    for (const [form, data] of [
      ['00', info],
      ['02', hash],
      ['03', message],
    ] as const)
      assert.ok(verify('sha256', message, key, await sign(form, data)), form)
    const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
    for (const [form, data] of [
      ['04', hash],
      ['05', message],
    ] as const)
      assert.ok(verify('sha256', message, pss, await sign(form, data)), form)
    assert.deepEqual(publicDecrypt(key, await sign('01', message)), Buffer.from(hash))
  })

  it('come from a program as they come from the card', async () => {
    const { card } = issuedCard()
    await cardClient.selectJpki(card)
    assert.equal((await cardClient.readTokenInfo(card)).label, 'JPKIAPICCTOKEN2')
    assert.deepEqual(await cardClient.readCertificatesPresent(card), { sign: true, auth: true })
    await assert.rejects(cardClient.readCertificate(card, 'sign'), { sw: 0x6982 })
    assert.deepEqual(await cardClient.verifyPin(card, 'sign', 'abc123'), { outcome: 'verified' })
    const certificate = await cardClient.readCertificate(card, 'sign')
    assert.equal(certificate.subarray(0, 2).toHex(), '3082')
    const signature = await cardClient.sign(card, 'sign', digestInfoOf(sha256(message)))
    assert.ok(verify('sha256', message, keyOf(publicKeys.sign), signature))
    await cardClient.changePin(card, 'sign', 'next99')
    assert.deepEqual(await cardClient.verifyPin(card, 'sign', 'NEXT99'), { outcome: 'verified' })
    await assert.rejects(cardClient.verifyPin(card, 'auth', '12'), RangeError)
  })
})

describe('at the counter', () => {
  it('a card without a sign password has neither sign key nor sign certificate, and still answers OpenSC', async () => {
    const nvm = memoryNvm()
    const keys = await personalise(nvm, { serialNumber: '1', pins: { auth: '0000' } }, world)
    assert.equal(keys.sign, undefined)
    putCertificates(nvm, 'auth', await authority.issue('auth', keys.auth ?? assert.fail()))
    const card = openMyNumberCard(nvm, world)
    await cardClient.selectJpki(card)
    assert.deepEqual(await cardClient.readCertificatesPresent(card), { sign: false, auth: true })
    assert.equal(await cardClient.triesLeft(card, 'sign'), 0)
    assert.deepEqual(await cardClient.verifyPin(card, 'sign', 'ABC123'), { outcome: 'blocked' })
    await assert.rejects(cardClient.readCertificate(card, 'sign'), { sw: 0x6a82 })
    await assert.rejects(renewKey(nvm, 'sign'), refusal('conditions.not-satisfied'))
  })

  it('a renewed key works from the moment its certificate is in', async () => {
    const { card, nvm } = issuedCard()
    const fresh = await renewKey(nvm, 'auth')
    const signed = async () => {
      await cardClient.selectJpki(card)
      await cardClient.verifyPin(card, 'auth', pins.auth)
      return cardClient.sign(card, 'auth', digestInfoOf(sha256(message)))
    }
    assert.ok(verify('sha256', message, keyOf(publicKeys.auth), await signed()))
    putCertificates(nvm, 'auth', await authority.issue('auth', fresh))
    assert.ok(verify('sha256', message, keyOf(fresh), await signed()))
    const old = await authority.issue('auth', publicKeys.auth ?? assert.fail())
    assert.throws(() => putCertificates(nvm, 'auth', old), refusal('possession.invalid'))
  })

  it('refuses weak PINs and a second personalisation', async () => {
    const { nvm } = issuedCard()
    assert.ok(isPersonalised(nvm))
    await assert.rejects(personalise(nvm, { serialNumber: '1', pins }, world), refusal('conditions.not-satisfied'))
    for (const wrong of [{ auth: '12' }, { auth: '1234', sign: 'ABCDEF' }, { auth: '1234', sign: '123456' }])
      await assert.rejects(
        personalise(memoryNvm(), { serialNumber: '1', pins: wrong }, world),
        refusal('pin.malformed'),
      )
  })

  it('leaves no PIN and no key in the file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'my-number-card-'))
    const file = join(folder, 'card.nvm')
    const nvm = openNvm({ file, chipKey: new Uint8Array(randomBytes(32)) })
    await personalise(nvm, { serialNumber: 'VISIBLE-00000001', pins: { auth: '5839', sign: 'SECRET77' } }, world)
    nvm.close()
    const octets = await readFile(file)
    for (const clear of ['SECRET77', '5839', 'VISIBLE-00000001']) assert.ok(!octets.includes(clear), clear)
    // rsaEncryption, the head of every PKCS #8 key of this kind.
    assert.ok(!octets.includes(Buffer.from('2a864886f70d010101', 'hex')))
    await rm(folder, { recursive: true })
  })
})
