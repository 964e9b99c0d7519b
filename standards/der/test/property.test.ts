/** DER as properties: what is written is read back, what is read is written back, and no octets do harm. ITU-T X.690 §10. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import * as der from '../index.ts'
import { types } from './types.ts'

const small = fc.uint8Array({ maxLength: 40 })
const arc = fc.bigInt({ min: 0n, max: 1n << 130n })
const seconds = (min: string, max: string) =>
  fc
    .date({ min: new Date(min), max: new Date(max), noInvalidDate: true })
    .map((date) => new Date(Math.floor(date.getTime() / 1000) * 1000))

describe('decode(encode(x)) = x', () => {
  const same = <T>(name: string, codec: der.DerCodec<T>, values: fc.Arbitrary<T>) =>
    it(name, () =>
      fc.assert(fc.property(values, (value) => assert.deepEqual(codec.decode(codec.encode(value)), value))),
    )

  same('INTEGER', der.integer, fc.bigInt({ min: -(1n << 200n), max: 1n << 200n }))
  same('small INTEGER', der.smallInteger, fc.integer())
  same('OCTET STRING', der.octetString, fc.uint8Array({ maxLength: 400 }))
  same('BIT STRING', der.bitString, small)
  same('UTF8String', der.utf8String, fc.string({ unit: 'grapheme' }))
  same(
    'OBJECT IDENTIFIER',
    der.objectIdentifier,
    fc
      .tuple(fc.constantFrom('0.9', '1.39', '2.999', '2.0'), fc.array(arc, { maxLength: 6 }))
      .map(([a, b]) => [a, ...b].join('.')),
  )
  same('Time', der.time, seconds('1950-01-01T00:00:00Z', '9999-12-31T23:59:59Z'))
  same('GeneralizedTime', der.generalizedTime, seconds('0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z'))
  same(
    'SEQUENCE with optional and default members',
    der.sequence({
      id: der.objectIdentifier,
      flag: der.withDefault(der.boolean, false),
      body: der.optional(der.explicit(0, der.choice({ n: der.integer, t: der.utf8String }))),
      rest: der.sequenceOf(der.octetString),
    }),
    fc.record(
      {
        id: fc.constant('1.2.3'),
        flag: fc.boolean(),
        body: fc.oneof(
          fc.record({ kind: fc.constant('n' as const), value: fc.bigInt() }, { noNullPrototype: true }),
          fc.record(
            { kind: fc.constant('t' as const), value: fc.string({ unit: 'grapheme' }) },
            { noNullPrototype: true },
          ),
        ),
        rest: fc.array(small, { maxLength: 5 }),
      },
      { requiredKeys: ['id', 'flag', 'rest'], noNullPrototype: true },
    ),
  )
})

describe('octets from anywhere', () => {
  for (const [name, codec] of Object.entries(types))
    it(`${name}: are refused with a DerError, or are what would be written`, () =>
      fc.assert(
        fc.property(
          fc.oneof(
            fc.uint8Array({ maxLength: 30 }),
            fc
              .tuple(fc.constantFrom(...codec.tags, 0x30), fc.uint8Array({ maxLength: 20 }))
              .map(([tag, body]) => Uint8Array.of(tag, body.length, ...body)),
          ),
          (octets) => {
            let value: unknown
            try {
              value = codec.decode(octets)
            } catch (error) {
              assert.ok(error instanceof der.DerError, String(error))
              return
            }
            assert.equal(codec.encode(value).toHex(), octets.toHex())
          },
        ),
        { numRuns: 200 },
      ))
})
