/** ./jpki test: the checks and every test of every package, with the summary of Node's own test runner last. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { glob } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Refusal } from '@mobile-jpki/refusal'
import { startCluster } from '@mobile-jpki/store/cluster'
import { z } from 'zod'
import { installationOf, missingTools, pathOf } from '../../test/needs.ts'
import { command, flag, value } from '../command.ts'

const house = join(import.meta.dirname, '..', '..')
const rooms = '{test,standards,foundation,actors,apps,system}/**/*.test.{ts,tsx}'

export default command({
  summary: 'check types, style and unused code, then run every test',
  description:
    'Tests that need a program of the system that is not installed are skipped and say so.\nWith --all they fail instead, and one apt-get line says what to install.',
  options: {
    all: flag('let nothing be skipped: a missing program is a failure'),
    only: value(
      'PATTERN',
      'only the test files whose path holds PATTERN, or else the tests whose name does',
      z.string().optional(),
    ),
    concurrency: value(
      'N',
      'how many test files run at once; more than there are processors, for stories wait a lot',
      z.coerce
        .number()
        .int()
        .min(1)
        .max(64)
        .default(availableParallelism() + 1),
    ),
  },
  run: async ({ all, only, concurrency }) => {
    tellMissing(all)
    const files = await testFiles()
    const chosen = only === undefined ? files : files.filter((file) => file.includes(only))
    const byName = only !== undefined && chosen.length === 0
    if (byName && only === '') throw new Refusal('request.malformed', '--only needs a PATTERN.')
    const cluster =
      process.env['DATABASE_URL'] === undefined && pathOf('postgresql') !== undefined ? await startCluster() : undefined
    try {
      return await runTests(
        byName ? files : chosen,
        [`--test-concurrency=${concurrency}`, ...(byName ? [`--test-name-pattern=${only}`] : [])],
        {
          ...(all && { JPKI_TEST_ALL: '1' }),
          ...(cluster !== undefined && { DATABASE_URL: cluster.url }),
        },
      )
    } finally {
      await cluster?.stop()
    }
  },
})

function tellMissing(all: boolean): void {
  const missing = missingTools()
  if (missing.length === 0) return
  const then = all ? 'tests that need them will fail' : 'tests that need them are skipped'
  process.stdout.write(`Not installed: ${missing.join(', ')}; ${then}. To install:\n  ${installationOf(missing)}\n`)
}

async function testFiles(): Promise<readonly string[]> {
  const exclude = (name: string) => name.split('/').includes('node_modules')
  return (await Array.fromAsync(glob(rooms, { cwd: house, exclude }))).sort()
}

async function runTests(
  files: readonly string[],
  options: readonly string[],
  settings: NodeJS.ProcessEnv,
): Promise<number> {
  // What hangs is cut long after what is slow has ended; what a cut test left open does not hold up the others.
  const limits = ['--test-timeout=300000', '--test-force-exit']
  const runner = spawn(process.execPath, ['--test', '--test-reporter=spec', ...limits, ...options, ...files], {
    cwd: house,
    stdio: 'inherit',
    env: { ...process.env, ...settings },
  })
  /** Ctrl-C reaches the runner too; we stay until it has told what it knows, and PostgreSQL is stopped. */
  const stay = () => undefined
  process.on('SIGINT', stay)
  process.once('SIGTERM', () => runner.kill('SIGTERM'))
  const [status] = (await once(runner, 'exit')) as [number | null]
  return status ?? 1
}
