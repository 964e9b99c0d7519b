/** The wire of vpcd: a stream, however it is cut. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { frame, frameReader, WireError } from '../wire.ts'

const concat = (parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]))

describe('wire', () => {
  it('reads controls and commands', () => {
    const read = frameReader()
    const segment = Uint8Array.fromHex('000100' + '000101' + '000104' + '000102' + '000400200080')
    assert.deepEqual(
      read(segment).map((one) => (one.kind === 'control' ? one.control : one.apdu.toHex())),
      ['powerOff', 'powerOn', 'atr', 'reset', '00200080'],
    )
  })

  it('reads the same frames wherever the stream is cut', () => {
    const bodies = fc.array(fc.uint8Array({ minLength: 2, maxLength: 400 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(bodies, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (apdus, cuts) => {
        const stream = concat(apdus.map(frame))
        const read = frameReader()
        const found: Uint8Array[] = []
        for (let at = 0, cut = 0; at < stream.length; cut++) {
          const length = cuts[cut % cuts.length] ?? 1
          for (const one of read(stream.subarray(at, at + length))) if (one.kind === 'command') found.push(one.apdu)
          at += length
        }
        assert.deepEqual(found, apdus)
      }),
      { numRuns: 200 },
    )
  })

  it('refuses what vpcd does not send, and to send what it cannot take', () => {
    for (const wrong of ['0000', '000103', '0001ff'])
      assert.throws(() => frameReader()(Uint8Array.fromHex(wrong)), WireError)
    assert.throws(() => frame(new Uint8Array(65536)), WireError)
    assert.throws(() => frame(new Uint8Array()), WireError)
  })
})
