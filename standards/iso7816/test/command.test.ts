/** A declaration speaks, listens and prints. ISO/IEC 7816-4:2020 §5.2, GPCS v2.3.1 §11.4. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { byte, listOf, octets, oneOf, optional, required, secret, TlvError, template } from '@mobile-jpki/tlv'
import fc from 'fast-check'
import {
  ApduError,
  command,
  describeStatusWord,
  encodeCommandApdu,
  explain,
  explainResponse,
  FileControlParameters,
  fileDescriptors,
  findCommand,
  parseCommandApdu,
  StatusWordError,
  SW,
  statusWordName,
} from '../index.ts'

const bytes = (hex: string) => Uint8Array.fromHex(hex.replaceAll(' ', ''))

const GetStatus = command({
  name: 'GET STATUS',
  cla: 0x80,
  ins: 0xf2,
  p1: oneOf({ issuerSecurityDomain: 0x80, applications: 0x40 }),
  p2: oneOf({ first: 0x02, next: 0x03 }),
  data: template({ aid: required(0x4f, octets({ max: 16 })), tags: optional(0x5c, octets()) }),
  response: listOf(0xe3, template({ aid: required(0x4f, octets()) })),
})
const Verify = command({ name: 'VERIFY', cla: 0x00, ins: 0x20, p1: 0x00, p2: byte, data: secret(octets()) })
const GetChallenge = command({ name: 'GET CHALLENGE', cla: 0x00, ins: 0x84, p1: 0, p2: 0 })
const declarations = [GetStatus, Verify, GetChallenge]

describe('a declared command', () => {
  it('is spoken by the host', () => {
    const apdu = GetStatus.toApdu({ p1: 'applications', p2: 'first', data: { aid: bytes('') } })
    assert.equal(encodeCommandApdu(apdu).toHex().toUpperCase(), '80F24002024F0000')
    assert.equal(encodeCommandApdu(GetChallenge.toApdu({ le: 8 })).toHex(), '0084000008')
  })

  it('is heard by the card', () => {
    const params = GetStatus.fromApdu(parseCommandApdu(bytes('80F24002024F0000')))
    assert.deepEqual(params, { p1: 'applications', p2: 'first', data: { aid: bytes('') }, le: 256 })
  })

  it('is heard on any logical channel', () => assert.ok(GetStatus.matches(parseCommandApdu(bytes('83F24002024F0000')))))

  it('answers', () => {
    const answer = GetStatus.toResponse([{ aid: bytes('A000000151') }])
    assert.deepEqual(answer, { data: bytes('E3074F05A000000151'), sw: SW.ok })
    assert.deepEqual(GetStatus.fromResponse(answer), [{ aid: bytes('A000000151') }])
    assert.throws(() => GetStatus.fromResponse({ data: bytes(''), sw: 0x6a88 }), {
      name: 'StatusWordError',
      message: 'GET STATUS: 6A88 The referenced data was not found.',
    })
    assert.throws(() => GetStatus.fromResponse({ data: bytes('E4'), sw: SW.ok }), TlvError)
    assert.ok(new StatusWordError('X', 1) instanceof Error)
  })

  for (const [what, wire, sw] of [
    ['another class', '00F24002024F00', SW.classNotSupported],
    ['another instruction', '80F34002024F00', SW.instructionNotSupported],
    ['another P1', '80F24102024F00', SW.wrongP1P2],
    ['data that do not decode', '80F24002024F01', SW.wrongData],
  ] as const)
    it(`is refused with the right status word: ${what}`, () => {
      const apdu = parseCommandApdu(bytes(wire))
      assert.throws(
        () => GetStatus.fromApdu(apdu),
        (error) => error instanceof ApduError && error.sw === sw,
      )
      if (sw !== SW.wrongData) assert.throws(() => findCommand([GetStatus], apdu), { name: 'ApduError', sw })
    })

  it('has no data where it declares none', () =>
    assert.throws(() => GetChallenge.fromApdu(parseCommandApdu(bytes('0084000001AA'))), { sw: SW.wrongLength }))
})

describe('a trace', () => {
  for (const [wire, name, text] of [
    ['80F24002024F0000', 'GET STATUS', 'p1: applications, p2: first, data: { aid: ‹empty› }, le: 256'],
    ['84F24002024F0000', 'GET STATUS', 'under secure messaging, 2 octets'],
    ['00200080 0431323334', 'VERIFY', 'p2: 80, data: ‹secret›'],
    ['80F24002024F01', 'GET STATUS', '2 octets, not as declared'],
    ['80FC000000', 'INS FC', 'CLA 80, P1 P2 00 00, 0 octets'],
    ['80', 'not an APDU', 'a command APDU has at least 4 octets, not 1'],
  ] as const)
    it(`explains ${wire}`, () => {
      const { shown, ...explanation } = explain(declarations, bytes(wire))
      assert.deepEqual(explanation, { name, text })
      assert.ok(shown.length <= (text.includes('‹secret›') || text.includes('not as') ? 4 : wire.length))
    })

  for (const [wire, response, text] of [
    ['80F24002024F0000', 'E3074F05A0000001519000', '[{ aid: A000000151 }], 9000 Done.'],
    ['80F24002024F0000', '6A88', '6A88 The referenced data was not found.'],
    ['80F24002024F0000', 'FF9000', '1 octets, 9000 Done., not as declared'],
    ['0084000008', '01020304050607089000', '8 octets, 9000 Done.'],
  ] as const)
    it(`explains the answer ${response}`, () =>
      assert.equal(explainResponse(declarations, bytes(wire), bytes(response)).text, text))

  it('never prints a PIN, and never fails', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 20 }), (command, response) => {
        explain(declarations, command)
        explainResponse(declarations, command, response)
        const pin = Uint8Array.of(0x31, 0x32, 0x33, 0x34)
        const verify = encodeCommandApdu(Verify.toApdu({ p2: command.length, data: pin }))
        assert.doesNotMatch(explain(declarations, verify).text, /31323334|1234/)
      }),
    ))
})

describe('status words', () => {
  it('have a sentence each', () => {
    for (const sw of Object.values(SW)) assert.match(describeStatusWord(sw), /^[A-Z].*\.$/)
    assert.equal(describeStatusWord(0x63c2), 'Verification failed; 2 tries left.')
    assert.equal(describeStatusWord(0x6110), 'Done; 16 more octets are available.')
    assert.equal(describeStatusWord(0x6c00), 'Wrong Le; 256 octets are available.')
    assert.equal(describeStatusWord(0x6aff), 'Wrong parameters.')
    assert.equal(describeStatusWord(0x1234), 'Unknown status word 1234.')
    assert.equal(statusWordName(0x9485), 'invalidKeyCheckValue')
    assert.equal(statusWordName(0x1234), undefined)
  })
})

describe('file control parameters', () => {
  it('of MF are read as written, and print', () => {
    const mf = {
      fileDescriptor: fileDescriptors.df,
      fileIdentifier: 0x3f00,
      lifeCycleStatus: 5,
      shortFileIdentifier: 2,
    }
    const wire = FileControlParameters.encode(mf)
    assert.equal(wire.toHex().toUpperCase(), '620E82027821830' + '23F008A0105880110')
    assert.deepEqual(FileControlParameters.decode(wire), mf)
  })
})
