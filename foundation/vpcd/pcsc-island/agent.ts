/**
 * The first process of a PC/SC island: it runs inside the namespaces, starts pcscd there, leads a Unix socket of the
 * outside to the virtual reader, and runs the commands it is told to. It ends with its parent.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

export interface Job {
  readonly id: number
  readonly command: string
  readonly args: readonly string[]
  readonly input?: string
  readonly environment?: Readonly<Record<string, string>>
}
export type Order =
  | { readonly start: { readonly sockets: readonly string[]; readonly port: number; readonly service: string } }
  | { readonly job: Job }
  | 'stopReader'
  | 'startReader'
export interface Outcome {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}
export type Report =
  | { readonly ready: true }
  | { readonly done: number; readonly outcome: Outcome }
  | { readonly failed: string }
  | { readonly reader: 'started' | 'stopped' }

const report = (message: Report) => process.send?.(message)

function must(command: string, ...args: string[]) {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`)
}

let reader: ReturnType<typeof spawn> | undefined

function startReader() {
  reader = spawn('pcscd', ['--foreground'], { stdio: 'ignore' })
  reader.on('error', (error) => report({ failed: `pcscd: ${error.message}` }))
}

/**
 * A network of its own, so that no port of the machine is taken; a /run/pcscd of its own, so that no pcscd of the machine is met. It is a folder
 * of the outside, where programs that are told the socket's name (PCSCLITE_CSOCK_NAME) reach this pcscd.
 */
function settle(service: string) {
  must('ip', 'link', 'set', 'lo', 'up')
  // Without it each APDU waits some 49 ms: Nagle's algorithm of pcscd against the delayed acknowledgement of the card.
  spawnSync(
    'ip',
    'route change table local local 127.0.0.1 dev lo proto kernel scope host src 127.0.0.1 quickack 1'.split(' '),
  )
  must('mount', '-t', 'tmpfs', 'tmpfs', '/run')
  must('mkdir', '/run/pcscd')
  must('mount', '--bind', service, '/run/pcscd')
}

function run({ id, command, args, input, environment }: Job) {
  const child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: ['pipe', 'pipe', 'pipe'] })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk) => stdout.push(chunk))
  child.stderr.on('data', (chunk) => stderr.push(chunk))
  child.stdin.on('error', () => {})
  child.stdin.end(input ?? '')
  child.on('error', (error) => report({ done: id, outcome: { status: null, stdout: '', stderr: error.message } }))
  child.on('close', (status) => {
    const outcome = { status, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }
    report({ done: id, outcome })
  })
}

/** One Unix socket for each slot of the virtual reader; the slots listen on consecutive ports. */
function lead(socket: string, port: number): Promise<unknown> {
  const server = createServer((outside) => {
    const inside = connect({ host: '127.0.0.1', port, noDelay: true })
    outside.pipe(inside).pipe(outside)
    outside.on('error', () => inside.destroy()).on('close', () => inside.destroy())
    inside.on('error', () => outside.destroy()).on('close', () => outside.destroy())
  })
  server.listen(socket)
  return once(server, 'listening')
}

process.on('disconnect', () => process.exit())
process.on('message', (order: Order) => {
  try {
    if (order === 'startReader') {
      startReader()
      report({ reader: 'started' })
    } else if (order === 'stopReader') {
      reader?.once('exit', () => report({ reader: 'stopped' }))
      reader?.kill()
    } else if ('job' in order) run(order.job)
    else {
      const { sockets, port, service } = order.start
      settle(service)
      startReader()
      void Promise.all(sockets.map((socket, slot) => lead(socket, port + slot))).then(() => report({ ready: true }))
    }
  } catch (cause) {
    report({ failed: cause instanceof Error ? cause.message : String(cause) })
  }
})
