/** Remote commands, compact and expanded. ETSI TS 102 226 §5. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TlvError } from '@mobile-jpki/tlv'
import fc from 'fast-check'
import {
  answerTo,
  badFormats,
  CommandScript,
  CompactAnswer,
  CompactCommands,
  chainingFailures,
  chainings,
  isExpanded,
  ResponseScript,
  responseApdus,
  type ScriptCommand,
  type ScriptResponse,
  scriptOf,
} from '../index.ts'
import templates from './templates.json' with { type: 'json' }

const bytes = (hex: string) => Uint8Array.fromHex(hex)
const hex = (octets: Uint8Array) => octets.toHex().toUpperCase()
const refused = (decode: (octets: Uint8Array) => unknown, octets: Uint8Array) => {
  try {
    decode(octets)
    return false
  } catch (error) {
    if (error instanceof TlvError) return true
    throw error
  }
}

describe('compact commands', () => {
  const header = fc.tuple(fc.constantFrom(0x00, 0x80, 0xa0), fc.integer({ min: 2, max: 254 }), fc.nat(255), fc.nat(255))
  const withData = fc
    .tuple(header, fc.uint8Array({ minLength: 2, maxLength: 40 }))
    .map(([head, data]) => Uint8Array.of(...head, data.length, ...data))
  const last = fc.oneof(
    withData,
    withData.map((apdu) => Uint8Array.of(...apdu, 0)),
    header.map((head) => Uint8Array.of(...head, 0)),
  )

  it('are taken apart as they were put together', () => {
    fc.assert(
      fc.property(fc.array(withData, { maxLength: 6 }), last, (commands, end) => {
        const all = [...commands, end]
        assert.deepEqual(CompactCommands.decode(CompactCommands.encode(all)), all)
      }),
    )
  })

  it('that announce more than there is are refused', () => {
    assert.equal(refused(CompactCommands.decode, bytes('00A40004023F')), true)
    assert.equal(refused(CompactCommands.decode, bytes('00A4000402')), false)
    assert.equal(refused(CompactCommands.decode, bytes('00A40004')), true)
    assert.throws(() => CompactCommands.encode([bytes('00A40004023F0000'), bytes('00A40004023F00')]), TlvError)
  })

  it('are answered by number, status word and data of the last', () => {
    assert.deepEqual(CompactAnswer.decode(bytes('0261124F00')), { executed: 2, sw: 0x6112, data: bytes('4F00') })
    assert.equal(hex(CompactAnswer.encode({ executed: 1, sw: 0x9000, data: bytes('') })), '019000')
    assert.equal(refused(CompactAnswer.decode, bytes('0190')), true)
  })
})

describe(`command scripts: ${templates.source}`, () => {
  for (const { what, capdu, bytes: text } of templates.cases)
    if (capdu !== undefined)
      it(what, () => {
        const script = CommandScript.decode(bytes(text))
        assert.deepEqual(script.commands, [{ kind: 'command', apdu: bytes(capdu) }])
        assert.equal(hex(CommandScript.encode(script)), text)
        assert.equal(isExpanded(bytes(text)), true)
      })
})

const length = fc.constantFrom('definite', 'indefinite')
const octets = fc.uint8Array({ minLength: 4, maxLength: 300 })
const scriptCommand: fc.Arbitrary<ScriptCommand> = fc.oneof(
  octets.map((apdu): ScriptCommand => ({ kind: 'command', apdu })),
  fc.uint8Array({ maxLength: 5 }).map((value): ScriptCommand => ({ kind: 'immediateAction', value })),
  fc.uint8Array({ maxLength: 5 }).map((value): ScriptCommand => ({ kind: 'errorAction', value })),
)
const scriptResponse: fc.Arbitrary<ScriptResponse> = fc.oneof(
  octets.map((apdu): ScriptResponse => ({ kind: 'response', apdu })),
  fc.uint8Array({ maxLength: 5 }).map((value): ScriptResponse => ({ kind: 'immediateAction', value })),
  fc.constantFrom(...Object.keys(chainingFailures)).map((value) => ({ kind: 'chaining', value }) as ScriptResponse),
  fc.constantFrom(...Object.keys(badFormats)).map((value) => ({ kind: 'badFormat', value }) as ScriptResponse),
)

describe('a script', () => {
  it('is read as it was written, chained or not, whatever its length', () => {
    fc.assert(
      fc.property(
        length,
        fc.array(scriptCommand),
        fc.constantFrom(undefined, ...Object.keys(chainings)),
        (one, rest, chained) => {
          const first = chained === undefined ? [] : [{ kind: 'chaining', value: chained } as ScriptCommand]
          const script = { length: one, commands: [...first, ...rest] }
          assert.deepEqual(CommandScript.decode(CommandScript.encode(script)), script)
        },
      ),
    )
  })

  it('of responses as well, counted or not', () => {
    fc.assert(
      fc.property(
        length,
        fc.array(scriptResponse),
        fc.option(fc.nat(0xffff), { nil: undefined }),
        (one, responses, executed) => {
          const script = { length: one, ...(executed !== undefined && { executed }), responses }
          assert.deepEqual(ResponseScript.decode(ResponseScript.encode(script)), script)
        },
      ),
    )
  })

  it('is answered in its own manner', () => {
    const responses: ScriptResponse[] = [{ kind: 'response', apdu: bytes('6A88') }]
    const apdus = [bytes('80CA0085')]
    assert.equal(hex(ResponseScript.encode(answerTo(scriptOf(apdus), 1, responses))), 'AF8023026A880000')
    assert.equal(hex(ResponseScript.encode(answerTo(scriptOf(apdus, 'definite'), 1, responses))), 'AB0780010123026A88')
    assert.deepEqual(responseApdus({ responses }), [bytes('6A88')])
  })

  it('that ends nowhere, has more behind it, or elements that are none, is refused', () => {
    for (const text of [
      '',
      'AA',
      'AE80',
      'AE8000',
      'AA0122',
      'AA07220580E2900000FF',
      'AE80220580E2900000',
      'AA03770100',
      'AA03220100',
      'AA03830104',
      'AC00',
      'AA0822040000000083' + '0101',
    ])
      assert.equal(refused(CommandScript.decode, bytes(text)), true, text)
    for (const text of ['', 'AB', 'AF80', 'AB03230190', 'AB03770100', 'AB03900104'])
      assert.equal(refused(ResponseScript.decode, bytes(text)), true, text)
    fc.assert(
      fc.property(fc.constantFrom(0xaa, 0xae, 0xab, 0xaf), fc.uint8Array({ maxLength: 30 }), (tag, rest) => {
        for (const codec of [CommandScript, ResponseScript])
          refused((all) => codec.decode(all), Uint8Array.of(tag, ...rest))
      }),
    )
  })
})
