/** SMPP PDUs, and the stream that they come in. SMPP v3.4. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { concat } from '@mobile-jpki/tlv'
import fc from 'fast-check'
import {
  decodePdu,
  describePdu,
  encodePdu,
  type Pdu,
  SmppError,
  type SmppStatus,
  smppStatuses,
  takeFrames,
} from '../index.ts'

const text = (max: number) =>
  fc.string({ unit: fc.integer({ min: 1, max: 0x7f }).map((code) => String.fromCharCode(code)), maxLength: max - 1 })
const octet = fc.nat(255)
const address = fc.tuple(octet, octet, text(21)).map(([ton, npi, digits]) => ({ ton, npi, digits }))
const esmClass = fc
  .tuple(
    fc.nat(3),
    fc.constantFrom('message', 'deliveryReceipt', 'deliveryAcknowledgement', 'userAcknowledgement'),
    fc.boolean(),
  )
  .map(([mode, type, header]) => ({ mode, type, header }))
const message = fc
  .tuple(text(6), address, address, esmClass, octet, text(17), text(17), octet, fc.uint8Array({ maxLength: 254 }))
  .map(([serviceType, source, destination, esm, one, scheduleDeliveryTime, validityPeriod, other, shortMessage]) => ({
    serviceType,
    source,
    destination,
    esmClass: esm,
    protocolId: one,
    priority: other,
    scheduleDeliveryTime,
    validityPeriod,
    registeredDelivery: other,
    replaceIfPresent: one,
    dataCoding: other,
    defaultMessageId: one,
    shortMessage,
  }))
const bind = fc
  .tuple(text(16), text(9), text(13), octet, octet, octet, text(41))
  .map(([systemId, password, systemType, interfaceVersion, addressTon, addressNpi, addressRange]) => ({
    systemId,
    password,
    systemType,
    interfaceVersion,
    addressTon,
    addressNpi,
    addressRange,
  }))

const sequence = fc.integer({ min: 1, max: 0x7fffffff })
const status = fc.constantFrom(...(Object.keys(smppStatuses) as SmppStatus[]))
const request = fc.oneof(
  message.map((body) => ({ name: 'submitSm', ...body })),
  message.map((body) => ({ name: 'deliverSm', ...body })),
  bind.map((body) => ({ name: 'bindTransceiver', ...body })),
  fc.constantFrom('unbind', 'enquireLink').map((name) => ({ name })),
)
const response = fc.oneof(
  text(65).map((messageId) => ({ name: 'submitSmResp', messageId })),
  text(65).map((messageId) => ({ name: 'deliverSmResp', messageId })),
  text(16).map((systemId) => ({ name: 'bindTransceiverResp', systemId })),
  fc.constantFrom('unbindResp', 'enquireLinkResp', 'genericNack').map((name) => ({ name })),
)
const withoutBody = (pdu: object) =>
  Object.fromEntries(
    Object.entries(pdu).map(([key, value]) => [key, key === 'messageId' || key === 'systemId' ? '' : value]),
  )
const pdu: fc.Arbitrary<Pdu> = fc.oneof(
  fc.tuple(request, sequence).map(([body, number]) => ({ ...body, status: 'ok', sequence: number }) as Pdu),
  fc
    .tuple(response, status, sequence)
    .map(
      ([body, said, number]) =>
        ({ ...(said === 'ok' ? body : withoutBody(body)), status: said, sequence: number }) as Pdu,
    ),
)

describe('a PDU', () => {
  it('is read as it was written, optional parameters behind it passed over', () => {
    fc.assert(
      fc.property(pdu, fc.uint8Array({ maxLength: 20 }), (one, value) => {
        const written = encodePdu(one)
        assert.deepEqual(decodePdu(written), one)
        const longer = concat(written, Uint8Array.of(0x14, 0x00, 0x00, value.length), value)
        new DataView(longer.buffer).setUint32(0, longer.length)
        if (one.status === 'ok') assert.deepEqual(decodePdu(longer), one)
      }),
      { numRuns: 200 },
    )
  })

  it('that is none is refused with a status for the generic_nack', () => {
    const refused = (octets: Uint8Array) => {
      try {
        decodePdu(octets)
        return undefined
      } catch (error) {
        assert.ok(error instanceof SmppError, `${error}`)
        return { status: error.status, sequence: error.sequence }
      }
    }
    const octets = (hex: string) => Uint8Array.fromHex(hex)
    assert.deepEqual(refused(octets('00000010000000150000000000000009')), undefined)
    assert.deepEqual(refused(octets('00000010000000990000000000000009')), { status: 'invalidCommandId', sequence: 9 })
    assert.deepEqual(refused(octets('00000011000000150000000000000009')), {
      status: 'invalidCommandLength',
      sequence: 9,
    })
    assert.deepEqual(refused(octets('00000010000000090000000000000009')), {
      status: 'invalidMessageLength',
      sequence: 9,
    })
    fc.assert(
      fc.property(pdu, fc.nat(), octet, (one, place, value) => {
        const written = encodePdu(one)
        written[place % written.length] = value
        refused(written)
        refused(written.subarray(0, place % written.length))
      }),
      { numRuns: 300 },
    )
  })

  it('is refused for strings that do not end, are too long, or are no ASCII', () => {
    const bound: Pdu = {
      name: 'bindTransceiver',
      status: 'ok',
      sequence: 1,
      systemId: 'a',
      password: 'secret',
      systemType: '',
      interfaceVersion: 0x34,
      addressTon: 0,
      addressNpi: 0,
      addressRange: '',
    }
    assert.throws(() => encodePdu({ ...bound, systemId: 'a'.repeat(16) }))
    assert.throws(() => encodePdu({ ...bound, systemId: 'a\0b' }))
    assert.throws(() => encodePdu({ ...bound, systemId: '携帯' }))
    assert.throws(() => encodePdu({ ...bound, interfaceVersion: 256 }))
    assert.match(describePdu(bound), /password: ‹secret›/)
    assert.doesNotMatch(describePdu(bound), /password: secret/)
  })
})

describe('a stream of PDUs', () => {
  it('is cut into them, however it is torn', () => {
    fc.assert(
      fc.property(
        fc.array(pdu, { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
        (pdus, sizes) => {
          const stream = concat(...pdus.map(encodePdu))
          let rest: Uint8Array = new Uint8Array()
          const found: Pdu[] = []
          for (let at = 0, turn = 0; at < stream.length; turn++) {
            const end = at + (sizes[turn % sizes.length] ?? 1)
            const taken = takeFrames(rest, stream.subarray(at, end))
            found.push(...taken.frames.map(decodePdu))
            rest = taken.rest
            at = end
          }
          assert.deepEqual(found, pdus)
          assert.equal(rest.length, 0)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('is over with a length that no PDU has', () => {
    for (const hex of ['0000000f', '00001001', 'ffffffff'])
      assert.throws(() => takeFrames(new Uint8Array(), Uint8Array.fromHex(hex)), SmppError)
    assert.deepEqual(takeFrames(new Uint8Array(), Uint8Array.fromHex('00001000')).frames, [])
  })
})
