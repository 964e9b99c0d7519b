/** The receiving side of the content encryption: what opens, and what changes nothing. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { concat } from '@mobile-jpki/tlv'
import fc from 'fast-check'
import type { TestCard } from './card.ts'
import { ascii, content, iccid, makeEnvelopeKey, newCard, order, seal, send } from './tsm.ts'

const snapshot = (card: TestCard) => [...card.memory].map(([key, value]) => `${key} ${value.toHex()}`)

describe('an envelope', () => {
  let card: TestCard
  let point: Uint8Array
  before(async () => {
    card = newCard()
    point = await makeEnvelopeKey(card)
  })

  const refused = (envelope: Uint8Array, sw: string): void => {
    const memory = snapshot(card)
    assert.equal(send(card, 'issuerEnvelope', envelope).sw, sw)
    assert.deepEqual(snapshot(card), memory)
  }

  it('opens for the order, the SIM and the application that it was sealed for', async () => {
    const elsewhere = Uint8Array.fromHex(iccid.toHex().replace('89', '88'))
    refused(await seal('issuer', point, content(), { orderId: 'order-2' }), '6982')
    refused(await seal('issuer', point, content(), { iccid: elsewhere }), '6982')
    refused(await seal('issuer', point, content(), { instanceAid: Uint8Array.fromHex('D392F000260100000002') }), '6982')
  })

  it('opens for its own purpose', async () => {
    refused(await seal('pin', point, ascii('1234')), '6982')
    const renamed = await seal('pin', point, content())
    renamed[0] = 0x10
    refused(renamed, '6982')
  })

  it('does not open with a changed octet, wherever it is', async () => {
    const sealed = await seal('issuer', point, content())
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = sealed.slice()
        changed[at] = (changed[at] ?? 0) ^ change
        refused(changed, '6982')
      }),
      { numRuns: 100 },
    )
  })

  it('does not open when it is cut, or when its sender is no point', async () => {
    const sealed = await seal('issuer', point, content())
    for (const length of [0, 65, 66, 98, 113]) refused(sealed.slice(0, length), '6A80')
    refused(sealed.slice(0, -16), '6982')
    refused(sealed.slice(0, -1), '6A80')
    refused(concat(sealed.subarray(0, 1), new Uint8Array(65), sealed.subarray(66)), '6982')
  })

  it('is useless once another envelope key was made', async () => {
    const old = await seal('issuer', point, content())
    const oldPin = await seal('pin', point, ascii('1234'))
    point = await makeEnvelopeKey(card)
    refused(old, '6982')
    assert.equal(send(card, 'pinEnvelope', oldPin).sw, '6982')
    assert.equal(send(card, 'issuerEnvelope', await seal('issuer', point, content())).sw, '9000')
    assert.equal(send(card, 'pinEnvelope', await seal('pin', point, ascii('1234'))).sw, '9000')
    assert.equal(send(card, 'finish', ascii(order)).sw, '9000')
    assert.equal(send(card, 'issuerEnvelope', old).sw, '6985')
  })
})
