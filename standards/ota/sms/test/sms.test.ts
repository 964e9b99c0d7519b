/** Short messages: addresses, TPDUs, user data in parts. 3GPP TS 23.040 §9. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TlvError } from '@mobile-jpki/tlv'
import fc from 'fast-check'
import {
  type Address,
  commandPacketElement,
  DeliverReport,
  dcsEightBitClass2,
  failureCauses,
  hasElement,
  type Joined,
  type JoinLimits,
  join,
  longestUserData,
  numberTypes,
  pidSimDataDownload,
  responsePacketElement,
  SmsDeliver,
  SmsSubmit,
  split,
  TimeStamp,
  timeStampOf,
  UserData,
} from '../../index.ts'

/** Records with the prototype that records have. */
const plain = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T>(model, { noNullPrototype: true })
const limits: JoinLimits = { messages: 4, parts: 16 }
const small = fc.uint8Array({ maxLength: 60 })
const userData: fc.Arbitrary<UserData> = plain({
  elements: fc.array(plain({ identifier: fc.integer({ min: 0, max: 255 }), value: fc.uint8Array({ maxLength: 8 }) }), {
    minLength: 1,
    maxLength: 4,
  }),
  data: small,
})
const address: fc.Arbitrary<Address> = plain({
  type: fc.constantFrom(...(Object.keys(numberTypes) as Address['type'][])),
  digits: fc.string({ unit: fc.constantFrom(...'0123456789*#'), maxLength: 20 }),
})
const two = fc.integer({ min: 0, max: 99 })
const timeStamp = plain({
  year: two,
  month: two,
  day: two,
  hour: two,
  minute: two,
  second: two,
  quarters: fc.integer({ min: -79, max: 79 }),
})
const octet = fc.integer({ min: 0, max: 255 })
const eightBit = fc.constantFrom(dcsEightBitClass2, 0x04, 0x16, 0x54, 0xf4)

const deliver = plain({
  moreMessages: fc.boolean(),
  originator: address,
  pid: octet,
  dcs: eightBit,
  timeStamp,
  userData,
})
const submit = fc.record(
  { reference: octet, destination: address, pid: octet, dcs: eightBit, validity: octet, userData },
  { requiredKeys: ['reference', 'destination', 'pid', 'dcs', 'userData'], noNullPrototype: true },
)
const report = fc.record(
  { failureCause: fc.integer({ min: 0x80, max: 0xff }), userData },
  { requiredKeys: [], noNullPrototype: true },
)

describe('a TPDU', () => {
  it('is read as it was written', () => {
    const again = <T>(
      codec: { encode(value: T): Uint8Array; decode(octets: Uint8Array): T },
      values: fc.Arbitrary<T>,
    ) => fc.assert(fc.property(values, (value) => assert.deepEqual(codec.decode(codec.encode(value)), value)))
    again(SmsDeliver, deliver)
    again(SmsSubmit, submit)
    again(DeliverReport, report)
    again(TimeStamp, timeStamp)
    again(UserData, userData)
  })

  it('that is none is refused, and nothing worse happens', () => {
    for (const codec of [SmsDeliver, SmsSubmit, DeliverReport, UserData])
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 50 }), (octets) => {
          try {
            const read: unknown = codec.decode(octets)
            assert.ok(read)
          } catch (error) {
            assert.ok(error instanceof TlvError, `${error}`)
          }
        }),
        { numRuns: 300 },
      )
  })

  it('cut short or with more behind it is refused', () => {
    const whole = SmsDeliver.encode({
      moreMessages: false,
      originator: { type: 'international', digits: '8190' },
      pid: pidSimDataDownload,
      dcs: dcsEightBitClass2,
      timeStamp: timeStampOf(new Date('2026-11-22T17:40:00Z')),
      userData: { elements: [commandPacketElement], data: Uint8Array.of(1, 2, 3) },
    })
    assert.equal(whole.toHex(), '44049118097ff66211227104000006' + '027000010203')
    for (let length = 0; length < whole.length; length++)
      assert.throws(() => SmsDeliver.decode(whole.subarray(0, length)), TlvError)
    assert.throws(() => SmsDeliver.decode(Uint8Array.of(...whole, 0)), TlvError)
  })

  it('of text, or without a header, is not for a card', () => {
    const octets = (text: string) => Uint8Array.fromHex(text)
    assert.throws(() => SmsDeliver.decode(octets('0404911809000062112271040000024142')), /without a header/)
    assert.throws(() => SmsDeliver.decode(octets('44049118097f006211227104000003027000')), /8-bit/)
    assert.throws(() => SmsDeliver.decode(octets('01')), /SMS-DELIVER/)
  })

  it('reports a failure with its cause', () => {
    const written = DeliverReport.encode({ failureCause: failureCauses.dataDownloadError })
    assert.equal(written.toHex(), '00d500')
    assert.deepEqual(DeliverReport.decode(written), { failureCause: 0xd5 })
    assert.deepEqual(DeliverReport.decode(Uint8Array.of(0, 0)), {})
  })

  it('with more than 140 octets of user data is not written', () => {
    const data = new Uint8Array(longestUserData - 2)
    assert.throws(
      () =>
        SmsSubmit.encode({
          reference: 0,
          destination: { type: 'unknown', digits: '1' },
          pid: 0,
          dcs: 4,
          userData: { elements: [commandPacketElement], data },
        }),
      TlvError,
    )
  })
})

describe('a packet in parts', () => {
  const received = (messages: readonly UserData[], from = 'A'): readonly (UserData | undefined)[] => {
    let pending: Joined['pending'] = []
    return messages.map((message) => {
      const joined = join(pending, from, message, limits)
      pending = joined.pending
      return joined.whole
    })
  }
  const shuffled = (length: number) =>
    fc.array(fc.double({ noNaN: true }), { minLength: length, maxLength: length }).map((weights) =>
      weights
        .map((weight, at) => ({ weight, at }))
        .sort((a, b) => a.weight - b.weight)
        .map(({ at }) => at),
    )

  it('fits each part into a message, announces itself in the first, and comes together in any order, whatever is doubled', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 1500 }),
        octet,
        shuffled(24).map((order) => order.map((at) => at % 12)),
        (packet, reference, order) => {
          const parts = split(responsePacketElement, packet, reference)
          for (const [at, part] of parts.entries()) {
            assert.ok(UserData.encode(part).length <= longestUserData)
            assert.equal(hasElement(part, responsePacketElement), at === 0)
          }
          // Every part comes at least once, most of them twice, in some order.
          const sent = order.flatMap((at) => parts[at] ?? [])
          const wholes = received(sent).filter((whole) => whole !== undefined)
          assert.ok(wholes.length >= 1)
          assert.deepEqual(wholes[0], { elements: [responsePacketElement], data: packet })
        },
      ),
      { numRuns: 150 },
    )
  })

  it('is one message when it fits into one', () => {
    assert.equal(split(commandPacketElement, new Uint8Array(137), 1).length, 1)
    assert.equal(split(commandPacketElement, new Uint8Array(138), 1).length, 2)
    assert.equal(split(commandPacketElement, new Uint8Array(132 + 134), 1).length, 2)
    assert.equal(split(commandPacketElement, new Uint8Array(132 + 134 + 1), 1).length, 3)
    assert.throws(() => split(commandPacketElement, new Uint8Array(255 * 134), 1), TlvError)
  })

  it('does not mix with those of another sender, reference or number', () => {
    const [first, second] = split(commandPacketElement, new Uint8Array(200).fill(1), 7)
    const [, other] = split(commandPacketElement, new Uint8Array(200).fill(2), 8)
    const [, longer] = split(commandPacketElement, new Uint8Array(300).fill(3), 7)
    assert.ok(first && second && other && longer)
    assert.deepEqual(received([first, other, longer]), [undefined, undefined, undefined])
    const mine = join([], 'A', first, limits)
    assert.equal(join(mine.pending, 'B', second, limits).whole, undefined)
    assert.equal(join(mine.pending, 'A', second, limits).whole?.data.length, 200)
  })

  it('begins anew when a part comes with another content: the reference was used again', () => {
    const old = split(commandPacketElement, new Uint8Array(200).fill(1), 7)
    const young = split(commandPacketElement, new Uint8Array(200).fill(2), 7)
    const [o1, y1, y2] = [old[0], young[0], young[1]]
    assert.ok(o1 && y1 && y2)
    assert.deepEqual(received([o1, y1, y2]).at(-1)?.data, new Uint8Array(200).fill(2))
  })

  it('makes room at the cost of the oldest, and none for one with too many parts', () => {
    let pending: Joined['pending'] = []
    const firsts = Array.from({ length: 6 }, (_, at) => split(commandPacketElement, new Uint8Array(200), at)[0])
    for (const first of firsts) {
      assert.ok(first)
      pending = join(pending, 'A', first, limits).pending
    }
    assert.deepEqual(
      pending.map(({ reference }) => reference),
      [2, 3, 4, 5],
    )
    const [huge] = split(commandPacketElement, new Uint8Array(134 * 17), 9)
    assert.ok(huge)
    assert.equal(join(pending, 'A', huge, limits).pending, pending)
  })
})
