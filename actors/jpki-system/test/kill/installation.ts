/** The JPKI system as processes that can be killed: CAs on one database, one or several, and a validity node beside them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import type { ActorName } from '@mobile-jpki/refusal'
import { connectTo, type Peer } from '@mobile-jpki/service'
import type { Store } from '@mobile-jpki/store'
import { openRegister, type Tables } from '../../store/index.ts'
import { genuineApplet } from '../sim.ts'
import { authority } from '../surroundings.ts'

const programOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** It publishes: OCSP answers and lists. */
export interface Process {
  readonly name: string
  readonly publicUrl: string
  isUp(): boolean
  start(): Promise<void>
  /** `kill -9`, at any time: also before it is up. */
  kill(): Promise<void>
  /** What it wrote to standard error since it was asked last. */
  said(): string
}

export interface CaProcess extends Process {
  peer(actor: ActorName): Promise<Peer>
}

export interface Installation {
  readonly authorities: readonly CaProcess[]
  readonly node: Process
  readonly databaseUrl: string
  readonly dataDirectory: string
  /** The register as anybody with the database reads it. */
  open(): Promise<Store<Tables>>
  close(): Promise<void>
}

export async function installation(count: number, postgres?: string): Promise<Installation> {
  const directory = await mkdtemp(join(tmpdir(), 'jpki-kill-'))
  const dataDirectory = join(directory, 'data')
  const databaseUrl = postgres ?? `sqlite:${join(dataDirectory, 'jpki-system.db')}`
  const service = await openServiceCertificates(join(directory, 'service'), () => new Date())
  const file = async (name: string, text: string) => {
    await writeFile(join(directory, name), text, { mode: 0o600 })
    return join(directory, name)
  }
  const filesOf = async (actor: ActorName) => {
    const { key, certificate, serviceCa } = await service.identityOf(actor)
    return {
      key: await file(`${actor}-key.pem`, key),
      certificate: await file(`${actor}-certificate.pem`, certificate),
      serviceCa: await file('service-ca.pem', serviceCa),
    }
  }
  const ports = await freePorts(2 * count + 1)
  const nodePort = ports.at(-1) ?? 0
  const publicBaseUrl = `http://127.0.0.1:${nodePort}`
  const tls = await filesOf('jpki-system')
  const authorities = await Promise.all(
    Array.from({ length: count }, async (_, index): Promise<CaProcess> => {
      const [publication = 0, own = 0] = ports.slice(2 * index)
      const configuration = {
        dataDirectory,
        ...(postgres !== undefined && { databaseUrl }),
        ports: { service: own, publication },
        publicBaseUrl,
        casdAuthorities: [authority.point.toBase64()],
        applets: [genuineApplet.toBase64()],
        keyPairs: { parallel: 1, waiting: 500, deadlineMilliseconds: 60_000 },
        keyStock: { target: 2 },
        tls,
      }
      const program = [programOf('../../main.ts'), await file(`ca-${index}.json`, JSON.stringify(configuration))]
      const url = `https://127.0.0.1:${own}`
      const peers = new Map<ActorName, Promise<Peer>>()
      const connected = async (as: ActorName): Promise<Peer> =>
        connectTo({ url, actor: 'jpki-system', as, tls: await service.identityOf(as) })
      return {
        ...processOf(`CA ${index + 1}`, program, publication),
        peer: (actor) => {
          const peer = peers.get(actor) ?? connected(actor)
          peers.set(actor, peer)
          return peer
        },
      }
    }),
  )
  const configuration = {
    databaseUrl,
    authorityUrl: `https://127.0.0.1:${ports[1]}`,
    port: nodePort,
    publicBaseUrl,
    ocsp: {},
    tls: await filesOf('validity-node'),
  }
  const program = [programOf('../../validity/main.ts'), await file('node.json', JSON.stringify(configuration))]
  const node = processOf('validity node', program, nodePort)
  return {
    authorities,
    node,
    databaseUrl,
    dataDirectory,
    open: () => openRegister(databaseUrl),
    close: async () => {
      await Promise.all([...authorities, node].map((one) => one.kill()))
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function processOf(name: string, program: readonly string[], port: number): Process {
  let running: ChildProcess | undefined
  let isUp = false
  let errors = ''
  const killIt = () => void running?.kill('SIGKILL')
  process.once('exit', killIt)
  return {
    name,
    publicUrl: `http://127.0.0.1:${port}`,
    isUp: () => isUp,
    start: async () => {
      const child = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'pipe'] })
      running = child
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        errors = (errors + text).slice(-20_000)
      })
      child.once('exit', () => {
        if (running !== child) return
        isUp = false
        running = undefined
      })
      isUp = await Promise.race([once(child.stdout, 'data').then(() => true), once(child, 'exit').then(() => false)])
    },
    kill: async () => {
      const child = running
      running = undefined
      isUp = false
      if (child === undefined || child.exitCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
    said: () => {
      const said = errors
      errors = ''
      return said
    },
  }
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address()
      server.close()
      await once(server, 'close')
      if (address === null || typeof address === 'string') throw new Error('no port')
      return address.port
    }),
  )
}
