/**
 * A PC/SC island: pcscd with its virtual reader in namespaces of their own, for tests with unmodified PC/SC programs.
 * It needs no system daemon, disturbs none, and takes no port of the machine.
 *
 *   await using island = await openIsland()
 *   attach(card, { path: island.reader })
 *   await island.run('pkcs15-tool', ['--dump'])
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defaultPort } from '../wire.ts'
import type { Job, Order, Outcome, Report } from './agent.ts'

export { type ObjectUse, type OpenSc, OpenScError, objectIds, openScOn } from './opensc.ts'
export type { Outcome }

export interface Island extends AsyncDisposable {
  /** The Unix socket to attach a card to: the reader's first slot. */
  readonly reader: string
  /** The reader's second slot. */
  readonly secondReader: string
  /** What a PC/SC program of the outside has in its environment so that it meets this pcscd and no other. */
  readonly environment: { readonly PCSCLITE_CSOCK_NAME: string }
  /** A folder both sides see; it goes with the island. */
  readonly folder: string
  /** Resolves when a program of the island finds a card in the reader. */
  cardPresent(): Promise<void>
  run(command: string, args: readonly string[], more?: Pick<Job, 'input' | 'environment'>): Promise<Outcome>
  stopReader(): Promise<void>
  startReader(): Promise<void>
  close(): Promise<void>
}

const { PATH = '', JPKI_TEST_ALL } = process.env
const path = `${PATH}:/usr/sbin:/sbin`

const unshareArguments = [
  ...(process.getuid?.() === 0 ? [] : ['--map-root-user']),
  ...['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'],
]

/** What an island is made of, by the names of test/needs.ts. */
export const islandTools = ['ip', 'opensc-tool', 'pcscd', 'vpcd'] as const

/** For the `skip` option of a test, after `needs(...islandTools)`: may this user make namespaces? */
export function refusesIslands(): string | false {
  const { status } = spawnSync('unshare', [...unshareArguments, 'true'])
  if (status === 0 || JPKI_TEST_ALL === '1') return false
  return 'This user may not make namespaces (unshare), which keep the test apart from the machine.'
}

export async function openIsland(): Promise<Island> {
  const folder = await mkdtemp(join(tmpdir(), 'pcsc-island-'))
  const [reader, secondReader] = [join(folder, 'reader'), join(folder, 'reader-2')]
  const service = join(folder, 'pcscd')
  await mkdir(service)
  const agent = fileURLToPath(new URL('agent.ts', import.meta.url))
  const child = spawn('unshare', [...unshareArguments, process.execPath, agent], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, PATH: path },
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const waiting = new Map<number, (outcome: Outcome) => void>()
  let onReader = () => {}
  let last = 0

  const tell = (order: Order) => child.send(order)
  const close = async () => {
    if (child.connected) child.disconnect()
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  const ready = new Promise<void>((resolve, reject) => {
    child.on('message', (message: Report) => {
      if ('done' in message) waiting.get(message.done)?.(message.outcome)
      else if ('reader' in message) onReader()
      else if ('failed' in message) reject(new Error(message.failed))
      else resolve()
    })
    child.once('exit', () => {
      reject(new Error('the island ended'))
      for (const answer of waiting.values()) answer({ status: null, stdout: '', stderr: 'the island ended' })
    })
    child.once('error', reject)
  })
  tell({ start: { sockets: [reader, secondReader], port: defaultPort, service } })
  try {
    await ready
  } catch (cause) {
    await close()
    throw cause
  }

  const orderReader = (order: 'startReader' | 'stopReader') =>
    new Promise<void>((resolve) => {
      onReader = resolve
      tell(order)
    })
  const run: Island['run'] = (command, args, more = {}) =>
    new Promise((resolve) => {
      const id = ++last
      waiting.set(id, (outcome) => {
        waiting.delete(id)
        resolve(outcome)
      })
      tell({ job: { id, command, args, ...more } })
    })
  const cardPresent = async () => {
    // Asked again and again: `--wait` would wait for good when the card comes in while pcscd starts.
    for (let tries = 200; tries > 0; tries--) {
      const { status } = await run('opensc-tool', ['--atr'])
      if (status === 0) return
      await run('sleep', ['0.1'])
    }
    throw new Error('no card came into the reader')
  }
  return {
    reader,
    secondReader,
    environment: { PCSCLITE_CSOCK_NAME: join(service, 'pcscd.comm') },
    folder,
    cardPresent,
    run,
    stopReader: () => orderReader('stopReader'),
    startReader: () => orderReader('startReader'),
    close,
    [Symbol.asyncDispose]: close,
  }
}
