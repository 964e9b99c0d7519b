/** BER-TLV codecs: what is written is read back, and nothing else is read. ISO/IEC 7816-4:2020 §6.3. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  ascii,
  bcd,
  byte,
  concat,
  flags,
  listOf,
  mapped,
  octets,
  oneOf,
  optional,
  readTlvs,
  repeated,
  required,
  secret,
  show,
  TlvError,
  type TypeOf,
  template,
  tlv,
  unsigned,
  utf8,
  writeTlv,
} from '../index.ts'

const bytes = (hex: string) => Uint8Array.fromHex(hex.replaceAll(' ', ''))
const hex = (octets: Uint8Array) => octets.toHex().toUpperCase()

const Entry = template({
  aid: required(0x4f, octets({ min: 5, max: 16 })),
  lifeCycle: required(0x9f70, oneOf({ SELECTABLE: 0x07, LOCKED: 0x83 })),
  size: optional(0xc6, unsigned({ min: 2, max: 4 })),
  modules: repeated(0x84, octets({ min: 1, max: 4 })),
})
type Entry = TypeOf<typeof Entry>

const anEntry: fc.Arbitrary<Entry> = fc.record(
  {
    aid: fc.uint8Array({ minLength: 5, maxLength: 16 }),
    lifeCycle: fc.constantFrom('SELECTABLE' as const, 'LOCKED' as const),
    size: fc.nat(0xffffffff),
    modules: fc.array(fc.uint8Array({ minLength: 1, maxLength: 4 }), { maxLength: 4 }),
  },
  { requiredKeys: ['aid', 'lifeCycle', 'modules'], noNullPrototype: true },
)

describe('a template', () => {
  it('writes its fields in the order of the declaration', () => {
    const entry: Entry = { modules: [bytes('01'), bytes('02')], lifeCycle: 'SELECTABLE', aid: bytes('A000000151') }
    assert.equal(hex(Entry.encode(entry)), '4F05A0000001519F700107840101840102')
  })

  it('reads what it wrote', () =>
    fc.assert(fc.property(anEntry, (entry) => assert.deepEqual(Entry.decode(Entry.encode(entry)), entry))))

  it('reads its fields in any order, unless told to keep the declared one', () => {
    const shuffled = bytes('8401019F7001074F05A000000151')
    assert.deepEqual(Entry.decode(shuffled), {
      aid: bytes('A000000151'),
      lifeCycle: 'SELECTABLE',
      modules: [bytes('01')],
    })
    const Strict = template({ a: required(0x80, byte), b: required(0x81, byte) }, { order: 'declared' })
    assert.deepEqual(Strict.decode(bytes('800101 810102')), { a: 1, b: 2 })
    assert.throws(() => Strict.decode(bytes('810102 800101')), new TlvError('a is out of order'))
  })

  for (const [what, wire, message] of [
    ['a missing field', '9F700107', 'aid is missing'],
    ['a field that stands twice', '4F05A000000151 4F05A000000151 9F700107', 'aid stands twice'],
    ['an unknown tag', '4F05A000000151 9F700107 9F7F00', '9F7F is not expected here'],
    ['a value out of bounds', '4F04A0000001 9F700107', 'aid: number of octets: 4 instead of 5 to 16'],
    ['a name that is not in the list', '4F05A000000151 9F700108', 'lifeCycle: 08 is none of SELECTABLE, LOCKED'],
    ['a value cut short', '4F05A00000', '4F: 5 octets announced, value cut short'],
    ['a tag alone', '4F', 'data object cut short'],
    ['an indefinite length', '4F80', 'length form 80 is not supported'],
    ['a length of four octets', '4F8400000001', 'length form 84 is not supported'],
    ['a tag of four octets', '1F81818101', 'tag longer than three octets'],
    ['padding', '0000', '00 is not a tag'],
  ] as const)
    it(`refuses ${what}`, () => assert.throws(() => Entry.decode(bytes(wire)), new TlvError(message)))

  it('refuses to write what it would not read', () => {
    assert.throws(() => Entry.encode({ aid: bytes('00'), lifeCycle: 'LOCKED', modules: [] }), TlvError)
    assert.throws(
      () => Entry.encode({ aid: bytes('A000000151'), lifeCycle: 'LOCKED', modules: [], size: 2 ** 33 }),
      TlvError,
    )
  })

  it('passes over unknown tags only where it is told to', () => {
    const Open = template({ a: required(0x80, byte) }, { unknown: 'ignored' })
    assert.deepEqual(Open.decode(bytes('9F7F00 800101')), { a: 1 })
  })

  it('answers any octets with a value or a TlvError', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (random) => {
        try {
          Entry.decode(random)
        } catch (error) {
          assert.ok(error instanceof TlvError)
        }
      }),
      { numRuns: 300 },
    ))

  it('answers a written value with one octet changed with a value or a TlvError', () =>
    fc.assert(
      fc.property(anEntry, fc.nat(), fc.integer({ min: 1, max: 255 }), (entry, at, change) => {
        const wire = Entry.encode(entry)
        const place = at % wire.length
        wire[place] = (wire[place] ?? 0) ^ change
        try {
          Entry.decode(wire)
        } catch (error) {
          assert.ok(error instanceof TlvError)
        }
      }),
      { numRuns: 300 },
    ))
})

describe('lengths', () => {
  for (const [length, header] of [
    [0, '00'],
    [0x7f, '7F'],
    [0x80, '8180'],
    [0xff, '81FF'],
    [0x100, '820100'],
    [0xffff, '82FFFF'],
    [0x10000, '83010000'],
  ] as const)
    it(`writes ${length} octets under ${header}, and reads them`, () => {
      const wire = writeTlv(0xc4, new Uint8Array(length))
      assert.equal(hex(wire.subarray(1, 1 + header.length / 2)), header)
      assert.deepEqual(
        [...readTlvs(wire)].map(({ tag, value }) => [tag, value.length]),
        [[0xc4, length]],
      )
    })

  it('reads a longer form than needed, as BER allows', () =>
    assert.deepEqual([...readTlvs(bytes('C4820001AA'))], [{ tag: 0xc4, value: bytes('AA') }]))
})

describe('tags', () => {
  for (const tag of [0x4f, 0x5f50, 0x7f49, 0x9f70, 0xbf3e, 0xdf8101, 0xff21])
    it(`writes and reads ${tag.toString(16)}`, () =>
      assert.deepEqual([...readTlvs(writeTlv(tag, bytes('01')))], [{ tag, value: bytes('01') }]))

  for (const tag of [0, 0x1f, 0x4f00, 0x9f80, 0x1f818181, 0.5])
    it(`refuses to write ${tag.toString(16)}`, () => assert.throws(() => writeTlv(tag, bytes('')), TlvError))

  it('refuses a declaration with one tag twice', () =>
    assert.throws(() => template({ a: required(0x80, byte), b: optional(0x80, byte) }), TypeError))
})

describe('values', () => {
  const roundTrip = <T>(
    name: string,
    codec: { encode(value: T): Uint8Array; decode(octets: Uint8Array): T },
    values: fc.Arbitrary<T>,
  ) =>
    it(`${name}: reads what it wrote`, () =>
      fc.assert(fc.property(values, (value) => assert.deepEqual(codec.decode(codec.encode(value)), value))))

  roundTrip('unsigned(3)', unsigned(3), fc.nat(0xffffff))
  roundTrip(
    'unsigned of 1 to 6',
    unsigned({ min: 1, max: 6 }),
    fc.maxSafeNat().map((n) => n % 2 ** 48),
  )
  roundTrip('ascii', ascii(), fc.string({ unit: 'grapheme-ascii' }))
  roundTrip('utf8', utf8(), fc.string({ unit: 'grapheme' }))
  roundTrip('bcd', bcd(), fc.stringMatching(/^[0-9]{0,20}$/))
  roundTrip('flags', flags({ a: 0x80, b: 0x01 }), fc.subarray(['a', 'b'] as const))
  roundTrip('tlv', tlv(0x7f49, octets()), fc.uint8Array())
  roundTrip('listOf', listOf(0xe3, unsigned(2)), fc.array(fc.nat(0xffff)))
  roundTrip(
    'mapped',
    mapped(
      byte,
      (n) => n + 1,
      (n: number) => n - 1,
    ),
    fc.integer({ min: 1, max: 256 }),
  )

  it('refuses what is out of its bounds', () => {
    assert.throws(() => unsigned(1).encode(256), TlvError)
    assert.throws(() => unsigned(1).encode(-1), TlvError)
    assert.throws(() => unsigned(2).decode(bytes('01')), TlvError)
    assert.throws(() => ascii().decode(bytes('80')), TlvError)
    assert.throws(() => utf8().decode(bytes('FF')), TlvError)
    assert.throws(() => utf8().encode('\ud800'), TlvError)
    assert.throws(() => bcd().decode(bytes('1F23')), TlvError)
    assert.throws(() => bcd().encode('12a'), TlvError)
    assert.throws(() => flags({ a: 0x80 }).decode(bytes('40')), TlvError)
    assert.throws(() => flags({ a: 0x80 } as Record<string, number>).encode(['toString']), TlvError)
    assert.throws(() => oneOf({ a: 1 } as Record<string, number>).encode('toString'), TlvError)
    assert.throws(() => tlv(0x80, byte).decode(bytes('800101 800101')), TlvError)
    assert.throws(() => tlv(0x80, byte).decode(bytes('810101')), TlvError)
    assert.throws(() => listOf(0x80, byte).decode(bytes('810101')), TlvError)
  })

  it('hands out octets that are the reader’s own', () => {
    const wire = bytes('0102')
    const read = octets().decode(wire)
    wire.fill(0)
    assert.deepEqual(read, bytes('0102'))
    assert.deepEqual(concat(bytes('01'), bytes(''), bytes('02')), bytes('0102'))
  })
})

describe('showing', () => {
  it('never prints a secret, however deep it stands', () => {
    const Pin = template({ reference: required(0x80, byte), value: required(0x81, secret(ascii())) })
    const Order = template({ pins: repeated(0xa0, Pin), name: optional(0xa1, utf8()) })
    const text = show(listOf(0xe0, Order), [{ pins: [{ reference: 24, value: '1234' }], name: '花子' }])
    assert.equal(text, '[{ pins: { reference: 18, value: ‹secret› }, name: "花子" }]')
  })
})
