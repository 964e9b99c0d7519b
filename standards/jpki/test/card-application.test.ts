/** The commands of the JPKI card application against what public clients send. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ApduError, encodeCommandApdu, explain, parseCommandApdu } from '@mobile-jpki/iso7816'
import fc from 'fast-check'
import * as application from '../card/application.ts'
import { digestInfoOf, padForSignature } from '../card/digest-info.ts'
import vectors from './card-commands.json' with { type: 'json' }

const { jpkiCommands, pinOctets, pinRules, ReadBinary, ReadBinaryOfFile, Verify, ComputeDigitalSignature } = application

describe(`commands: ${vectors.source}`, () => {
  for (const { client, octets, name, text } of vectors.cases)
    it(`${client} ${octets.slice(0, 14)}…: ${name}`, () => {
      const command = Uint8Array.fromHex(octets)
      const explanation = explain(jpkiCommands, command)
      assert.equal(explanation.name, name)
      assert.equal(explanation.text, text)
      assert.equal(encodeCommandApdu(parseCommandApdu(command)).toHex().toUpperCase(), octets)
    })
})

describe('declarations', () => {
  it('write what clients send, from values', () => {
    const hexOf = (apdu: Parameters<typeof encodeCommandApdu>[0]) => encodeCommandApdu(apdu).toHex().toUpperCase()
    assert.equal(hexOf(application.queryTries()), '00200080')
    assert.equal(hexOf(application.queryTries(0x1b)), '0020009B')
    assert.equal(hexOf(application.readBinary(0x0123, 256)), '00B0012300')
    assert.equal(hexOf(ReadBinaryOfFile.toApdu({ p1: 0x0a, p2: 0, le: 65536 })), '00B08A00000000')
    const signed = ComputeDigitalSignature.toApdu({ p1: 'hashPss', p2: 0x17, data: new Uint8Array(32) })
    assert.equal(hexOf(signed), `802A049720${'00'.repeat(32)}00`)
  })

  it('tell a reading by offset from a reading by short file identifier', () => {
    for (let p1 = 0; p1 < 256; p1++) {
      const apdu = { cla: 0, ins: 0xb0, p1, p2: 0, data: new Uint8Array(), le: 4 }
      assert.equal(ReadBinary.matches(apdu), p1 < 0x80)
      assert.equal(ReadBinaryOfFile.matches(apdu), p1 >= 0x81 && p1 <= 0x9e)
    }
  })

  it('take 80 as the current file and 81 to 9E as a file, and nothing else', () => {
    for (let p2 = 0; p2 < 256; p2++) {
      const apdu = { cla: 0, ins: 0x20, p1: 0, p2, data: new Uint8Array() }
      if (p2 >= 0x80 && p2 <= 0x9e) assert.equal(Verify.fromApdu(apdu).p2, p2 === 0x80 ? 'current' : p2 - 0x80)
      else assert.throws(() => Verify.fromApdu(apdu), ApduError)
    }
  })

  it('name no PIN, whatever the octets', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z0-9]{6,16}$/), (pin) => {
        const data = new TextEncoder().encode(pin)
        const command = encodeCommandApdu(Verify.toApdu({ p2: 'current', data }))
        const { text, shown } = explain(jpkiCommands, command)
        return !text.includes(pin) && !(shown?.toHex() ?? '').includes(data.toHex())
      }),
      { numRuns: 100 },
    )
  })
})

describe('PINs', () => {
  it('are brought to upper case by the client, and refused where the form is wrong', () => {
    assert.deepEqual(pinOctets('sign', 'abc123'), new TextEncoder().encode('ABC123'))
    assert.deepEqual(pinOctets('auth', '0123'), new TextEncoder().encode('0123'))
    for (const wrong of ['', '123', '12345', '12a4', '１２３４']) assert.equal(pinOctets('auth', wrong), undefined)
    for (const wrong of ['ABC12', 'ABCDEFGH123456789', 'ABC-123', 'ABC 123'])
      assert.equal(pinOctets('sign', wrong), undefined)
  })

  it('of the sign key have a letter and a digit when they are issued', () => {
    assert.ok(pinRules.sign.issuable.test('ABC123'))
    assert.ok(!pinRules.sign.issuable.test('ABCDEF'))
    assert.ok(!pinRules.sign.issuable.test('123456'))
  })
})

describe('DigestInfo and padding, RFC 8017 §9.2', () => {
  it('are the 51 octets that clients send, padded to the modulus', () => {
    const info = digestInfoOf(Uint8Array.fromHex('9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'))
    assert.equal(info.length, 51)
    const block = padForSignature(info, 256)
    assert.equal(block?.toHex(), `0001${'ff'.repeat(202)}00${info.toHex()}`)
  })

  it('leave room for eight octets of FF or refuse', () => {
    assert.equal(padForSignature(new Uint8Array(245), 256)?.slice(0, 11).toHex(), `0001${'ff'.repeat(8)}00`)
    assert.equal(padForSignature(new Uint8Array(246), 256), undefined)
  })
})
