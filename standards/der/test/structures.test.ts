/** Structures, tagging and kept octets. ITU-T X.690 §8.9–8.14, §11.5–11.6. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as der from '../index.ts'

const bytes = (hex: string) => Uint8Array.fromHex(hex)

describe('SEQUENCE', () => {
  const Person = der.sequence({
    name: der.utf8String,
    age: der.optional(der.smallInteger),
    tall: der.withDefault(der.boolean, false),
  })

  it('writes members in the order of the declaration, and none that is absent or default', () => {
    assert.equal(Person.encode({ name: 'a', tall: false }).toHex(), '30030c0161')
    assert.equal(Person.encode({ name: 'a', age: 7, tall: true }).toHex(), '30090c01610201070101ff')
  })
  it('reads an absent member as absent and a default as its value', () => {
    assert.deepEqual(Person.decode(bytes('30030c0161')), { name: 'a', tall: false })
  })
  it('names the member that is wrong, through all levels', () => {
    const House = der.sequence({ owner: Person, guests: der.sequenceOf(Person) })
    assert.throws(
      () => House.decode(bytes('300a30030c0161300330010c')),
      (error) => error instanceof der.DerError && error.path === 'guests.0.name',
    )
  })
  it('does not write what is not there', () => {
    assert.throws(() => Person.encode({ tall: true } as never), /name: is missing/)
  })
})

describe('SET OF', () => {
  it('is written in ascending order of the encodings', () => {
    const Numbers = der.setOf(der.integer)
    assert.equal(Numbers.encode([256n, 2n, 1n]).toHex(), '310a02010102010202020100')
  })
  it('keeps within its size', () => {
    assert.throws(() => der.setOf(der.integer, { min: 1 }).decode(bytes('3100')), /0 members/)
    assert.throws(() => der.sequenceOf(der.integer, { max: 1 }).encode([1n, 2n]), /2 members/)
  })
})

describe('tagging (X.690 §8.14, the example of X.680 Type1 to Type5)', () => {
  const jones = 'Jones'
  const Type1 = der.visibleString
  it('Type2 ::= [3] IMPLICIT Type1', () => assert.equal(der.implicit(3, Type1).encode(jones).toHex(), '83054a6f6e6573'))
  it('Type3 ::= [2] EXPLICIT Type2', () =>
    assert.equal(der.explicit(2, der.implicit(3, Type1)).encode(jones).toHex(), 'a20783054a6f6e6573'))
  it('Type5 ::= [2] IMPLICIT Type2', () =>
    assert.equal(der.implicit(2, der.implicit(3, Type1)).encode(jones).toHex(), '82054a6f6e6573'))
  it('keeps the constructed bit of a SEQUENCE', () =>
    assert.equal(
      der
        .implicit(0, der.sequence({ a: der.nullValue }))
        .encode({ a: null })
        .toHex(),
      'a0020500',
    ))
  it('refuses to tag a CHOICE or ANY implicitly', () => {
    assert.throws(() => der.implicit(0, der.any), der.DerError)
    assert.throws(() => der.implicit(0, der.time), der.DerError)
  })
})

describe('values within strings, and kept octets', () => {
  it('reads DER within an OCTET STRING to its end', () => {
    const codec = der.encapsulated(der.octetString, der.integer)
    assert.equal(codec.encode(5n).toHex(), '0403020105')
    assert.throws(() => codec.decode(bytes('040402010500')), /follow/)
  })
  it('gives back the very octets that were read', () => {
    const codec = der.sequence({ body: der.raw(der.sequence({ n: der.integer })), end: der.nullValue })
    const octets = bytes('3007300302010a0500')
    const { body } = codec.decode(octets)
    assert.equal(body.octets.toHex(), '300302010a')
    assert.equal(codec.encode({ body, end: null }).toHex(), octets.toHex())
  })
  it('writes kept octets under another tag', () => {
    const Numbers = der.raw(der.setOf(der.integer))
    const kept = der.rawOf(der.setOf(der.integer), [1n])
    assert.equal(der.implicit(0, Numbers).encode(kept).toHex(), 'a003020101')
  })
  it('never walks deeper than a bound', () => {
    let octets = bytes('0500')
    for (let i = 0; i < 40; i++) octets = Uint8Array.of(0x30, octets.length, ...octets)
    assert.throws(() => der.any.decode(octets), /too deeply/)
  })
  it('writes contents of every size of length', () => {
    for (const size of [0, 1, 127, 128, 255, 256, 65535, 65536, 70000]) {
      const value = new Uint8Array(size).fill(7)
      assert.deepEqual(der.octetString.decode(der.octetString.encode(value)), value)
    }
  })
})
