/** Personalization from the first data grouping to the finish, and what comes after it. docs/protocols/personalization.md. */
import assert from 'node:assert/strict'
import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { describe, it } from 'node:test'
import { possessionToSign } from '@mobile-jpki/jpki'
import { keyOf } from '../program/signature.ts'
import { certificateFor, userCertificate, userKey, userPublicKey } from './keys.ts'
import {
  ascii,
  attested,
  configuration,
  content,
  deliver,
  makeEnvelopeKey,
  newCard,
  order,
  readyCard,
  seal,
  send,
} from './tsm.ts'

const digest = (octets: Uint8Array) => new Uint8Array(createHash('sha256').update(octets).digest())

describe('a delivery with the key made by the issuer', () => {
  it('ends with a proof of possession by the new key, and forgets the envelope key', async () => {
    const card = newCard()
    const { sw, data } = await deliver(card)
    assert.equal(sw, '9000')
    assert.ok(verify('sha256', possessionToSign(order, digest(userCertificate)), userPublicKey, data))
    assert.equal(card.memory.has('envelopeKey'), false)
  })

  it('gives the proof again for the same order, and for no other', async () => {
    const card = newCard()
    const first = await deliver(card)
    assert.deepEqual(send(card, 'finish', ascii(order)), first)
    assert.equal(send(card, 'finish', ascii('order-2')).sw, '6A80')
  })

  it('does not finish without a PIN, nor for another order', async () => {
    const card = newCard()
    const point = await makeEnvelopeKey(card)
    send(card, 'issuerEnvelope', await seal('issuer', point, content()))
    assert.equal(send(card, 'finish', ascii(order)).sw, '6985')
    send(card, 'pinEnvelope', await seal('pin', point, ascii('1234')))
    assert.equal(send(card, 'finish', ascii('order-2')).sw, '6A80')
    assert.equal(send(card, 'finish', ascii(order)).sw, '9000')
  })

  it('refuses a private key that is not the certificate’s, and one that is none', async () => {
    const card = newCard()
    const point = await makeEnvelopeKey(card)
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const broken = { ...userKey, dP: userKey.dQ }
    for (const plain of [
      content(await certificateFor(publicKey)),
      content(userCertificate, broken),
      ascii('no data objects'),
    ])
      assert.equal(send(card, 'issuerEnvelope', await seal('issuer', point, plain)).sw, '6A80')
    assert.equal(card.memory.has('certificate'), false)
    assert.equal(card.memory.has('privateKey'), false)
  })

  it('refuses a certificate with another kind of key', async () => {
    const card = newCard()
    const point = await makeEnvelopeKey(card)
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
    const odd = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }).publicKey
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
    for (const key of [small, odd, curve]) {
      const plain = content(await certificateFor(key))
      assert.equal(send(card, 'issuerEnvelope', await seal('issuer', point, plain)).sw, '6A80')
    }
  })

  it('refuses a PIN that is not four digits', async () => {
    const card = newCard()
    const point = await makeEnvelopeKey(card)
    for (const pin of ['', '123', '12345', 'abcd', '12 4', '１２３４'])
      assert.equal(send(card, 'pinEnvelope', await seal('pin', point, ascii(pin))).sw, '6A80', pin)
    assert.equal(card.memory.has('pin'), false)
  })
})

describe('a delivery with the key made in the card', () => {
  it('attests the key, takes its certificate alone, and proves possession', async () => {
    const card = newCard()
    const point = await makeEnvelopeKey(card)
    assert.equal(send(card, 'onCardKey', ascii('order-2')).sw, '6A80')
    const key = await attested(send(card, 'onCardKey', ascii(order)).data, 'userAuthenticationKey')
    assert.equal(key.toHex().slice(0, 4), '0100')
    assert.equal(key.toHex().slice(516), '0003010001')

    const n = Buffer.from(key.subarray(2, 258)).toString('base64url')
    const publicKey = createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' })
    const certificate = await certificateFor(publicKey)
    const sealed = await seal('issuer', point, content(certificate, 'in the card'))
    assert.equal(send(card, 'issuerEnvelope', sealed).sw, '9000')
    send(card, 'pinEnvelope', await seal('pin', point, ascii('1234')))
    const { sw, data } = send(card, 'finish', ascii(order))
    assert.equal(sw, '9000')
    assert.ok(verify('sha256', possessionToSign(order, digest(certificate)), publicKey, data))
  })

  it('keeps the key while the same order begins anew, and drops it for another', async () => {
    const card = newCard()
    await makeEnvelopeKey(card)
    const ask = () => attested(send(card, 'onCardKey', ascii(order)).data, 'userAuthenticationKey')
    const key = await ask()
    assert.deepEqual(await ask(), key)
    await makeEnvelopeKey(card)
    assert.deepEqual(await ask(), key)
    await makeEnvelopeKey(card, 'order-2')
    assert.equal(card.memory.has('privateKey'), false)
  })

  it('takes parts of a key that begin with zeros, which the chip leaves out', () => {
    const part = (length: number) => new Uint8Array(length).fill(0x5a)
    const { p, dP, qInverse } = keyOf({ p: part(128), q: part(128), dp: part(127), dq: part(128), qinv: part(126) })
    assert.equal(p.toHex(), '5a'.repeat(128))
    assert.equal(dP.toHex(), `00${'5a'.repeat(127)}`)
    assert.equal(qInverse.toHex(), `0000${'5a'.repeat(126)}`)
  })

  it('refuses a certificate without any key', async () => {
    const card = newCard()
    const point = await makeEnvelopeKey(card)
    const sealed = await seal('issuer', point, content(userCertificate, 'in the card'))
    assert.equal(send(card, 'issuerEnvelope', sealed).sw, '6A80')
  })
})

describe('after the delivery', () => {
  it('unlocks with a new PIN under a fresh envelope key, once', async () => {
    const card = await readyCard()
    for (const left of ['63C2', '63C1', '63C0', '6984']) assert.equal(card.command('002000980439393939'), left)
    assert.equal(send(card, 'unlock', ascii('anything of some length'.repeat(6))).sw, '6985')
    const point = await makeEnvelopeKey(card, 'reset-1')
    const sealed = await seal('pin', point, ascii('5678'), { orderId: 'reset-1' })
    assert.equal(send(card, 'unlock', sealed).sw, '9000')
    assert.equal(send(card, 'unlock', sealed).sw, '6985')
    assert.equal(card.command('00200098'), '63C3')
    assert.equal(card.command('002000980435363738'), '9000')
  })

  it('wipes everything, and proves it as often as asked', async () => {
    const card = await readyCard()
    for (let time = 0; time < 2; time++) {
      const { sw, data } = send(card, 'wipe', ascii('disposal-1'))
      assert.equal(sw, '9000')
      assert.equal((await attested(data, 'deletion', 'disposal-1')).length, 0)
      assert.deepEqual([...card.memory], [['state', Uint8Array.of(0)]])
    }
    assert.equal((await deliver(card)).sw, '9000')
  })

  it('refuses a configuration that this card cannot honour', () => {
    const card = newCard()
    assert.equal(send(card, 'configuration', configuration(1)).sw, '9000')
    assert.equal(send(card, 'configuration', configuration(0, 1)).sw, '6A80', 'PIN-less use, and nobody to trust')
    assert.equal(send(card, 'configuration', configuration(0, 0, 0)).sw, '6A81')
    assert.equal(send(card, 'configuration', ascii('?')).sw, '6A80')
  })

  it('takes an order id of 1 to 64 visible characters', () => {
    const card = newCard()
    for (const [id, sw] of [
      ['', '6A80'],
      ['x'.repeat(64), '9000'],
      ['x'.repeat(65), '6A80'],
      ['a b', '6A80'],
    ] as const)
      assert.equal(send(card, 'envelopeKey', ascii(id)).sw, sw, id)
  })
})
