/** DER by vectors: what is accepted means this and is written so, what is refused is refused for that reason. ITU-T X.690. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type DerCodec, DerError } from '../index.ts'
import { types } from './types.ts'
import vectors from './vectors.json' with { type: 'json' }

const typeCalled = (name: string): DerCodec<unknown> => {
  const type = types[name]
  assert.ok(type, `no type ${name}`)
  return type
}
const plain = (value: unknown) =>
  typeof value === 'bigint' ? String(value) : value instanceof Date ? value.toISOString() : value

describe('DER that is accepted', () => {
  for (const { name, type, der, value } of vectors.accepted)
    it(name, () => {
      const codec = typeCalled(type)
      const decoded = codec.decode(Uint8Array.fromHex(der))
      assert.deepEqual(plain(decoded), value)
      assert.equal(codec.encode(decoded).toHex(), der)
    })
})

describe('DER that is refused', () => {
  for (const { name, type, der, reason } of vectors.refused)
    it(name, () =>
      assert.throws(
        () => typeCalled(type).decode(Uint8Array.fromHex(der)),
        (error) => error instanceof DerError && error.message.includes(reason),
      ),
    )
})
