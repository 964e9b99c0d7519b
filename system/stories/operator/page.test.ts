/** docs/ca.md, run from top to bottom. */
import assert from 'node:assert/strict'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { needs } from '../../../test/needs.ts'
import { run } from '../stage/process.ts'
import { openTown, type StoryTown, temporaryFolder } from '../stage/town.ts'

const house = join(import.meta.dirname, '..', '..', '..')

describe('docs/ca.md', { skip: needs('openssl'), timeout: 900_000 }, () => {
  let folder: string
  let town: StoryTown
  before(async () => {
    folder = await temporaryFolder()
    town = await openTown()
    const cli = join(house, 'system', 'cli.ts')
    await writeFile(
      join(folder, 'jpki'),
      `#!/bin/sh\nexec "${process.execPath}" "${cli}" "$@" --data "${town.data}"\n`,
      { mode: 0o700 },
    )
  })
  after(async () => {
    await town[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  it('says what happens: every command does what stands there', async () => {
    const page = await readFile(join(house, 'docs', 'ca.md'), 'utf8')
    const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block)
    assert.ok(blocks.length >= 6)
    const script = [`cd "${folder}"`, 'set -eu', ...blocks].join('\n')
    const shell = run('/bin/sh', ['-c', script])
    const { status } = await shell.ended
    assert.equal(status, 0, shell.said.err)
    for (const expected of ['issued/sign.pem: OK', 'issued/auth.pem: OK', 'next.pem: OK', 'is revoked since'])
      assert.ok(shell.said.out.includes(expected), expected)
  })
})
