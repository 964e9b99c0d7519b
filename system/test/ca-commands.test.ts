/** The help of ./jpki ca, and lines that stay in line. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { helpOf } from '../command.ts'
import { commands } from '../commands.ts'
import { columns, widthOf } from '../width.ts'

describe('./jpki ca', () => {
  it('explains each of its commands', async () => {
    const all = Object.entries(commands).filter(([name]) => name.startsWith('ca '))
    for (const [name, load] of all) {
      const help = helpOf(name, (await load()).default)
      assert.match(help, new RegExp(`^\\./jpki ${name} \\[options\\]`))
      assert.match(help, /--data DIR {2,}/)
    }
    assert.ok(all.length >= 7)
  })
})

describe('columns', () => {
  it('stay in line where letters are wide, narrow, or combined', () => {
    const rows = columns([
      ['署名用', 'x'],
      ['sign', 'x'],
      ['が\u3099', 'x'],
      ['ｶﾅ', 'x'],
      ['𠮷野', 'x'],
    ])
    assert.deepEqual(new Set(rows.map((row) => widthOf(row))), new Set([9]))
  })
})
