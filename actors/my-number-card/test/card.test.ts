/** The card against every state, every command, and the transcripts of public clients. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { answerToReset } from '../index.ts'
import { hex, issuedCard } from './issued-card.ts'
import table from './status-words.json' with { type: 'json' }
import transcripts from './transcripts.json' with { type: 'json' }

describe(`every state × every command: ${table.source}`, () => {
  for (const [at, [state, steps]] of Object.entries(table.states).entries())
    it(state, async () => {
      for (const { name, send: command, answers } of table.commands) {
        const { card, send } = issuedCard()
        await card.reset()
        for (const step of steps) assert.equal((await send(step)).slice(-4), '9000')
        assert.equal((await send(command)).slice(-4), answers.split(' ')[at], name)
      }
    })
})

describe(`transcripts: ${transcripts.source}`, () => {
  for (const { name, steps } of transcripts.cases)
    it(name, async () => {
      const { card, send } = issuedCard()
      assert.equal(hex(await card.reset()), hex(answerToReset))
      for (const step of steps) {
        const [command = '', wanted = ''] = step.split(' ')
        const answer = await send(command)
        if (wanted.startsWith('.')) {
          assert.ok(answer.length > 4 && answer.endsWith(wanted.slice(1)), `${command}: ${answer.slice(-4)}`)
        } else assert.equal(answer, wanted, command)
      }
    })
})

describe('any APDU', () => {
  const headers = fc.tuple(
    fc.constantFrom(0x00, 0x80, 0x01, 0x08, 0x40, 0xff),
    fc.constantFrom(0xa4, 0x20, 0x24, 0xb0, 0x2a, 0x84, 0x70, 0x54, 0xca),
    fc.constantFrom(0x00, 0x01, 0x02, 0x04, 0x05, 0x7f, 0x8a, 0x98),
    fc.constantFrom(0x00, 0x0c, 0x80, 0x81, 0x8a, 0x97, 0x98, 0x9a, 0x9b),
  )
  const likely = fc
    .tuple(headers, fc.uint8Array({ maxLength: 40 }))
    .map(([header, body]) => Uint8Array.of(...header, ...body))
  const any = fc.oneof({ arbitrary: likely, weight: 4 }, { arbitrary: fc.uint8Array({ maxLength: 300 }), weight: 1 })

  it('is answered with a status word, and never signs or reads what needs a PIN', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(any, { maxLength: 30 }), async (commands) => {
        const { card, send } = issuedCard()
        await card.reset()
        await send('00A4040C0AD392F000260100000001')
        for (const command of commands) {
          const answer = await card.transmit(command)
          assert.ok(answer.length >= 2)
          const sw = hex(answer.slice(-2))
          assert.match(sw, /^(9000|63C[0-5]|6[0-9A-F]{3})$/)
          assert.notEqual(sw, '6F00')
        }
        await send('00A4040C0AD392F000260100000001')
        assert.equal(await send('00B0810004'), '6982')
        assert.equal(await send('802A0097010100'), '6982')
      }),
      { numRuns: 100 },
    )
  })
})

describe('logical channels, power and the answer to reset', () => {
  it('reset ends what a PIN allowed', async () => {
    const { card, send } = issuedCard()
    await send('00A4040C0AD392F000260100000001')
    assert.equal(await send('002000980431323334'), '9000')
    await card.reset()
    assert.equal(await send('802A0097010100'), '6D00')
    await send('00A4040C0AD392F000260100000001')
    assert.equal(await send('802A0097010100'), '6982')
  })

  it('the card manager shows its file control information where asked for', async () => {
    const { send } = issuedCard()
    assert.equal(await send('00A4040000'), '6F108408A000000151000000A5049F6501FF9000')
    assert.equal(await send('00A4040C00'), '9000')
  })
})
