/** The four cases of a command-response pair, short and extended. ISO/IEC 7816-3:2006 §12.1.3. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  ApduError,
  type CommandApdu,
  encodeCommandApdu,
  encodeResponseApdu,
  isSecured,
  logicalChannel,
  onChannel,
  parseCommandApdu,
  parseResponseApdu,
} from '../index.ts'

const bytes = (hex: string) => Uint8Array.fromHex(hex.replaceAll(' ', ''))
const zeros = (count: number) => '00'.repeat(count)

describe('a command APDU', () => {
  for (const [name, wire, lc, le] of [
    ['case 1', '00200080', 0, undefined],
    ['case 2 short', '00B0000004', 0, 4],
    ['case 2 short, Le 00', '00B0000000', 0, 256],
    ['case 3 short', '00A4020C020018', 2, undefined],
    ['case 4 short', '80500000081122334455667788 00', 8, 256],
    ['case 2 extended', '00B08A00 000100', 0, 256],
    ['case 2 extended, Le 0000', '00B08A00 000000', 0, 65536],
    ['case 3 extended', `80A20000 000100${zeros(256)}`, 256, undefined],
    ['case 4 extended', `80A20000 000100${zeros(256)}0000`, 256, 65536],
  ] as const)
    it(`is read: ${name}`, () => {
      const apdu = parseCommandApdu(bytes(wire))
      assert.equal(apdu.data.length, lc)
      assert.equal(apdu.le, le)
      assert.deepEqual(parseCommandApdu(encodeCommandApdu(apdu)), apdu)
    })

  for (const wire of ['', '00A404', '00A404000201', '00A4040001AABBCC', '00A4040000AA', '00A40400000002AA'])
    it(`is refused: ${wire || 'nothing'}`, () => assert.throws(() => parseCommandApdu(bytes(wire)), ApduError))

  it('is read as it was written', () => {
    const octet = fc.nat(0xff)
    const anApdu: fc.Arbitrary<CommandApdu> = fc.record(
      {
        cla: octet,
        ins: octet,
        p1: octet,
        p2: octet,
        data: fc.uint8Array({ maxLength: 600 }),
        le: fc.integer({ min: 1, max: 65536 }),
      },
      { requiredKeys: ['cla', 'ins', 'p1', 'p2', 'data'], noNullPrototype: true },
    )
    fc.assert(fc.property(anApdu, (apdu) => assert.deepEqual(parseCommandApdu(encodeCommandApdu(apdu)), apdu)))
  })

  it('is an APDU or an ApduError, whatever the octets', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (random) => {
        try {
          parseCommandApdu(random)
        } catch (error) {
          assert.ok(error instanceof ApduError)
        }
      }),
      { numRuns: 300 },
    ))

  it('is not written when too long', () => {
    const apdu = { cla: 0, ins: 0, p1: 0, p2: 0, data: new Uint8Array(65536) }
    assert.throws(() => encodeCommandApdu(apdu), ApduError)
    assert.throws(() => encodeCommandApdu({ ...apdu, data: new Uint8Array(), le: 0 }), ApduError)
  })
})

describe('a response APDU', () => {
  it('is read as it was written', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(0xffff), (data, sw) =>
        assert.deepEqual(parseResponseApdu(encodeResponseApdu({ data, sw })), { data, sw }),
      ),
    ))
  it('has a status word', () => assert.throws(() => parseResponseApdu(bytes('90')), ApduError))
})

describe('a class octet', () => {
  it('names every logical channel, with secure messaging and without', () => {
    for (const cla of [0x00, 0x80, 0x04, 0x84, 0x0c])
      for (let channel = 0; channel < 20; channel++) {
        const moved = onChannel({ cla, ins: 0, p1: 0, p2: 0, data: bytes('') }, channel).cla
        assert.equal(logicalChannel(moved), channel)
        assert.equal(isSecured(moved), isSecured(cla))
        assert.equal(moved & 0x80, cla & 0x80)
      }
  })
  it('names no channel 20', () =>
    assert.throws(() => onChannel({ cla: 0, ins: 0, p1: 0, p2: 0, data: bytes('') }, 20), ApduError))
})
