/** The applet in a SIM without CASD: it answers under the key that came with the request. docs/protocols/personalization.md. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, it } from 'node:test'
import {
  appletInstance,
  isVouchedByApplet,
  VouchedAnswer,
  type VouchedPurpose,
  VouchedRequest,
  vouchedToSign,
  vouchingKeyLength,
} from '@mobile-jpki/jpki'
import { insertCard } from './card.ts'
import { ascii, content, deliver, iccid, newCard, order, seal, send } from './tsm.ts'

const bare = () => insertCard({ instanceAid: appletInstance, iccid })
const vouchingKey = Uint8Array.from({ length: vouchingKeyLength }, (_, at) => at + 1)
const asked = (orderId = order, key = vouchingKey) =>
  VouchedRequest.encode({ orderId: ascii(orderId), vouchingKey: key })
const context = (orderId = order) => ({ instanceAid: appletInstance, iccid, orderId })

async function vouched(data: Uint8Array, purpose: VouchedPurpose, orderId = order): Promise<Uint8Array> {
  const answer = VouchedAnswer.decode(new Uint8Array(data))
  assert.ok(await isVouchedByApplet(answer, vouchingKey, purpose, context(orderId)))
  return answer.publicKey
}

describe('an applet in a SIM without CASD', () => {
  it('shows its envelope key under an HMAC that another implementation makes as well', async () => {
    const { sw, data } = send(bare(), 'envelopeKey', asked())
    assert.equal(sw, '9000')
    const { publicKey, mac } = VouchedAnswer.decode(new Uint8Array(data))
    const said = vouchedToSign('envelopeKey', publicKey, context())
    assert.equal(mac.toHex(), createHmac('sha256', vouchingKey).update(said).digest('hex'))
  })
  it('is delivered to, proves possession and its deletion', async () => {
    const card = bare()
    const point = await vouched(send(card, 'envelopeKey', asked()).data, 'envelopeKey')
    assert.equal(send(card, 'issuerEnvelope', await seal('issuer', point, content())).sw, '9000')
    assert.equal(send(card, 'pinEnvelope', await seal('pin', point, ascii('1234'))).sw, '9000')
    assert.equal(send(card, 'finish', ascii(order)).sw, '9000')
    assert.equal(card.command('002000980431323334'), '9000')
    const { sw, data } = send(card, 'wipe', asked('disposal-1'))
    assert.equal(sw, '9000')
    assert.equal((await vouched(data, 'deletion', 'disposal-1')).length, 0)
    assert.deepEqual([...card.memory], [['state', Uint8Array.of(0)]])
  })
  it('keeps the vouching key nowhere', () => {
    const card = bare()
    send(card, 'envelopeKey', asked())
    for (const [item, value] of card.memory)
      assert.ok(!value.toHex().includes(vouchingKey.toHex()), `${item} holds the vouching key`)
  })
  it('answers differently under another key, and for another order', () => {
    const card = bare()
    const macs = [asked(), asked('order-2'), asked(order, vouchingKey.toReversed())].map((request) =>
      VouchedAnswer.decode(new Uint8Array(send(card, 'envelopeKey', request).data)).mac.toHex(),
    )
    assert.equal(new Set(macs).size, 3)
  })
  it('takes no order id alone, no key of another length, nothing more', () => {
    const card = bare()
    const wrong = [ascii(order), asked().slice(0, -1), Uint8Array.of(...asked(), 0x82, 0x00), asked('a b')]
    for (const request of wrong) assert.equal(send(card, 'envelopeKey', request).sw, '6A80')
    assert.equal(card.memory.size, 0)
  })
  it('makes no key on card: nobody could believe it', () => {
    const card = bare()
    send(card, 'envelopeKey', asked())
    for (const request of [ascii(order), asked()]) assert.equal(send(card, 'onCardKey', request).sw, '6985')
    assert.equal(card.memory.has('privateKey'), false)
  })
})

describe('an applet in a SIM with CASD', () => {
  it('vouches under nobody’s key: the CASD speaks, or nobody does', async () => {
    const card = newCard()
    assert.equal(send(card, 'envelopeKey', asked()).sw, '6A80')
    assert.equal(send(card, 'wipe', asked()).sw, '6A80')
    assert.equal((await deliver(card)).sw, '9000')
  })
})
