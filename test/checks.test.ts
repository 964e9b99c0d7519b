/** Types, style and unused code, as tests: what they find stands in the same summary. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'node:test'

const house = join(import.meta.dirname, '..')
const checks = { types: ['tsc'], style: ['biome', 'check', '.'], 'unused code': ['knip'] } as const

describe('the checks', () => {
  for (const [name, [program, ...args]] of Object.entries(checks))
    it(`find nothing: ${name}`, () => {
      const { status, stdout, stderr } = spawnSync(join(house, 'node_modules', '.bin', program), args, {
        cwd: house,
        encoding: 'utf8',
        env: { ...process.env, FORCE_COLOR: '0' },
      })
      assert.equal(status, 0, `${stdout}${stderr}`)
    })
})
