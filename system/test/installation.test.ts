/** The shell script ./jpki on machines that have nothing, little, or enough. Its node and npm are stand-ins of the machine. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'

const script = join(import.meta.dirname, '..', '..', 'jpki')

/** An npm that installs a node which tells how it was called. */
const workingNpm = `#!/bin/sh
echo "$PWD $*" >>"$PWD/npm-calls"
echo 'npm http fetch GET 200 https://registry.npmjs.org/x'
mkdir -p node_modules/.bin
printf '#!/bin/sh\\necho "ran $*"\\nexit 7\\n' >node_modules/.bin/node
chmod +x node_modules/.bin/node`

describe('./jpki on a machine', { concurrency: true }, () => {
  let root = ''
  let count = 0
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'jpki-script-'))
  })
  after(() => rm(root, { recursive: true }))

  /** A checkout, and a machine whose path holds the ordinary tools and what is given. */
  const machine = async (programs: Readonly<Record<string, string>>) => {
    const place = join(root, `a machine ${++count}`)
    const [home, bin] = [join(place, 'checkout'), join(place, 'bin')]
    await mkdir(home, { recursive: true })
    await mkdir(bin)
    await cp(script, join(home, 'jpki'))
    await writeFile(join(home, 'package-lock.json'), '{}')
    for (const tool of [
      'sh',
      'dirname',
      'readlink',
      'cmp',
      'find',
      'mkdir',
      'cat',
      'rm',
      'mv',
      'cp',
      'grep',
      'sleep',
      'tail',
      'sed',
      'chmod',
    ])
      await symlink(await real(tool), join(bin, tool))
    for (const [name, body] of Object.entries(programs)) {
      await writeFile(join(bin, name), body)
      await chmod(join(bin, name), 0o755)
    }
    return { home, run: (args: readonly string[] = ['demo'], from = join(home, 'jpki')) => start(from, args, bin) }
  }
  const real = async (tool: string) => (await text(spawn('sh', ['-c', `command -v ${tool}`]).stdout)).trim()
  const start = async (from: string, args: readonly string[], path: string) => {
    const child = spawn(from, args, { cwd: tmpdir(), env: { PATH: path } })
    const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
    return { stdout, stderr, status }
  }
  const node = (version: string) => `#!/bin/sh\necho v${version}`

  it('without Node says so', async () => {
    const { run } = await machine({})
    const { stderr, status } = await run()
    assert.deepEqual([stderr.split(':')[0], status], ['error tool.missing', 1])
    assert.match(stderr, /Node\.js is not installed\. — Install Node\.js 20/)
  })

  it('with a Node that is too old, or without npm, says so', async () => {
    const old = await (await machine({ node: node('18.20.4'), npm: workingNpm })).run()
    assert.match(old.stderr, /^error tool\.missing: Node\.js v18\.20\.4 is too old/)
    const bare = await (await machine({ node: node('20.1.0') })).run(['up', '--json'])
    assert.match(JSON.parse(bare.stderr).title, /npm is not installed/)
  })

  it('with enough installs once, tells about it, and runs the program with its arguments and exit status', async () => {
    const { home, run } = await machine({ node: node('20.1.0'), npm: workingNpm })
    await symlink(join(home, 'jpki'), join(home, 'link'))
    const first = await run(['demo', 'a  b'], join(home, 'link'))
    assert.deepEqual([first.stdout, first.status], [`ran ${join(home, 'system/cli.ts')} demo a  b\n`, 7])
    assert.match(first.stderr, /First start: installing[\s\S]*Installed in \d+ s\./)
    const again = await run()
    assert.deepEqual([again.stderr, again.status], ['', 7])
    assert.match(await readFile(join(home, 'npm-calls'), 'utf8'), /^[^\n]+ ci [^\n]+\n$/)
  })

  it('installs again when package-lock.json has changed', async () => {
    const { home, run } = await machine({ node: node('22.0.0'), npm: workingNpm })
    await run()
    await writeFile(join(home, 'package-lock.json'), '{"changed":true}')
    await run()
    assert.equal((await readFile(join(home, 'npm-calls'), 'utf8')).split('\n').length, 3)
  })

  it('installs once when it is started twice at the same time, and takes over from one that was killed', async () => {
    const { home, run } = await machine({ node: node('22.0.0'), npm: workingNpm })
    await mkdir(join(home, '.jpki-install'))
    await writeFile(join(home, '.jpki-install', 'pid'), '99999999')
    const both = await Promise.all([run(), run()])
    assert.deepEqual(
      both.map(({ status }) => status),
      [7, 7],
    )
    assert.equal((await readFile(join(home, 'npm-calls'), 'utf8')).split('\n').length, 2)
  })

  it('without a network says so, and shows what npm said', async () => {
    const npm = '#!/bin/sh\necho "npm error code EAI_AGAIN" >&2\nexit 1'
    const { stderr, status } = await (await machine({ node: node('20.1.0'), npm })).run()
    assert.equal(status, 1)
    assert.match(
      stderr,
      /npm error code EAI_AGAIN\nerror peer\.unreachable: The npm registry cannot be reached\. — Check the network/,
    )
  })
})
