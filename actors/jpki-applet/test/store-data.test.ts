/** Data groupings in blocks. GPCS v2.3.1 §11.11. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { concat } from '@mobile-jpki/tlv'
import fc from 'fast-check'
import {
  ascii,
  configuration,
  content,
  grouping,
  makeEnvelopeKey,
  newCard,
  order,
  p1,
  readyCard,
  seal,
  send,
} from './tsm.ts'

describe('STORE DATA to the applet', () => {
  it('takes a data grouping in blocks of any length', async () => {
    const card = newCard()
    const point = await makeEnvelopeKey(card)
    for (const blockLength of [1, 7, 64, 239, 255, 4096]) {
      const sealed = await seal('issuer', point, content())
      // More than 256 blocks of one octet: their number goes round.
      assert.equal(send(card, 'issuerEnvelope', sealed, blockLength).sw, '9000', `${blockLength}`)
    }
  })

  it('takes several data groupings in one block, one of which may answer', async () => {
    const card = newCard()
    const both = concat(grouping('configuration', configuration(1)), grouping('envelopeKey', ascii(order)))
    assert.equal(card.storeData(p1.last, 0, both).sw, 0x9000)
    const twice = concat(grouping('envelopeKey', ascii(order)), grouping('wipe', ascii(order)))
    assert.equal(card.storeData(p1.last, 0, twice).sw, 0x6a80)
  })

  it('undoes a block whose second data grouping is refused', () => {
    const card = newCard()
    const both = concat(grouping('configuration', configuration(1)), grouping('finish', ascii(order)))
    assert.equal(card.storeData(p1.last, 0, both).sw, 0x6985)
    assert.equal(card.memory.size, 0)
  })

  it('refuses blocks out of order, and takes block 0 as a new beginning', () => {
    const card = newCard()
    const octets = grouping('configuration', configuration(1))
    assert.equal(card.storeData(p1.more, 1, octets).sw, 0x6a86)
    assert.equal(card.storeData(p1.more, 0, octets.subarray(0, 2)).sw, 0x9000)
    assert.equal(card.storeData(p1.more, 2, octets.subarray(2)).sw, 0x6a86)
    assert.equal(card.storeData(p1.last, 1, octets.subarray(2)).sw, 0x6a86)
    assert.equal(card.storeData(p1.more, 0, octets.subarray(0, 2)).sw, 0x9000)
    assert.equal(card.storeData(p1.last, 0, octets).sw, 0x9000)
    assert.equal(card.storeData(p1.last, 1, octets).sw, 0x6a86)
  })

  it('refuses other structures, encryption under the security domain’s key, and what is cut short', () => {
    const card = newCard()
    const octets = grouping('configuration', configuration(1))
    for (const wrong of [0x80, 0x90, 0x98, 0xe8]) assert.equal(card.storeData(wrong, 0, octets).sw, 0x6a86)
    assert.equal(card.storeData(0xa9, 0, octets).sw, 0x9000)
    assert.equal(card.storeData(p1.last, 0, octets.subarray(0, -1)).sw, 0x6a80)
    assert.equal(card.storeData(p1.last, 0, Uint8Array.of(0x0e)).sw, 0x6a80)
  })

  it('refuses an unknown data grouping, and one that no memory could hold', () => {
    const card = newCard()
    assert.equal(send(card, 0x0e99, ascii('?')).sw, '6A88')
    assert.equal(send(card, 0x8113, ascii('?')).sw, '6A88')
    assert.equal(card.storeData(p1.more, 0, Uint8Array.fromHex('0e10ffffff')).sw, 0x6a84)
  })

  it('answers whatever comes, and a refusal changes nothing', async () => {
    const cards = [newCard(), await readyCard()]
    const octets = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .tuple(
          fc.constantFrom('configuration', 'envelopeKey', 'issuerEnvelope', 'pinEnvelope', 'finish', 'unlock'),
          fc.uint8Array({ maxLength: 150 }),
        )
        .map(([name, value]) => grouping(name as 'finish', value)),
    )
    fc.assert(
      fc.property(fc.constantFrom(...cards), fc.nat(255), fc.nat(3), octets, (card, first, second, data) => {
        const memory = JSON.stringify([...card.memory])
        const { sw } = card.storeData(first, second, data)
        assert.ok(sw === 0x9000 || (sw >= 0x6900 && sw < 0x6b00), sw.toString(16))
        if (sw !== 0x9000) assert.equal(JSON.stringify([...card.memory]), memory)
      }),
      { numRuns: 300 },
    )
  })
})
