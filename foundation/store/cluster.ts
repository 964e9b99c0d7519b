/** A PostgreSQL of our own in a temporary directory, reached by a Unix socket: made for tests, gone after them. */
import { execFile } from 'node:child_process'
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { pathOf } from '../../test/needs.ts'

const run = promisify(execFile)

export interface Cluster {
  readonly url: string
  stop(): Promise<void>
}

/** PostgreSQL refuses to run as root; the Debian package brings a user for it. */
const asRoot = process.getuid?.() === 0
const runs = (program: string, args: readonly string[]) =>
  asRoot ? run('runuser', ['-u', 'postgres', '--', program, ...args]) : run(program, args)

export async function startCluster(): Promise<Cluster> {
  const initdb = pathOf('postgresql')
  if (initdb === undefined) throw new Error('PostgreSQL is not installed')
  const programs = dirname(initdb)
  const directory = await mkdtemp(join(tmpdir(), 'jpki-pg-'))
  if (asRoot) {
    const { stdout } = await run('id', ['-u', 'postgres'])
    await chown(directory, Number(stdout), -1)
  } else await chmod(directory, 0o700)
  const data = join(directory, 'data')
  await runs(initdb, ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'])
  const settings = `-c listen_addresses= -c unix_socket_directories=${directory} -c fsync=off -c max_connections=200`
  await runs(join(programs, 'pg_ctl'), ['-D', data, '-l', join(directory, 'log'), '-w', '-o', settings, 'start'])
  return {
    url: `postgres://postgres@/postgres?host=${encodeURIComponent(directory)}`,
    stop: async () => {
      await runs(join(programs, 'pg_ctl'), ['-D', data, '-m', 'immediate', '-w', 'stop'])
      await rm(directory, { recursive: true, force: true })
    },
  }
}
