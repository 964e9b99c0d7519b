/** The JPKI system as processes that can be killed: main.ts with a configuration file, one of them or several on one database. */
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
import { authority } from '../surroundings.ts'

const program = fileURLToPath(new URL('../../main.ts', import.meta.url))

export interface CaProcess {
  readonly name: string
  readonly publicUrl: string
  isUp(): boolean
  start(): Promise<void>
  /** `kill -9`, at any time: also before it is up. */
  kill(): Promise<void>
  peer(actor: ActorName): Promise<Peer>
  /** What it wrote to standard error since it was asked last. */
  said(): string
}

export interface Installation {
  readonly processes: readonly CaProcess[]
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
  const { key, certificate, serviceCa } = await service.identityOf('jpki-system')
  const tls = {
    key: await file('key.pem', key),
    certificate: await file('certificate.pem', certificate),
    serviceCa: await file('service-ca.pem', serviceCa),
  }
  const ports = await freePorts(2 * count)
  const publicBaseUrl = `http://127.0.0.1:${ports[0]}`
  const processes = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const [publication = 0, own = 0] = ports.slice(2 * index)
      const configuration = {
        dataDirectory,
        ...(postgres !== undefined && { databaseUrl }),
        ports: { service: own, publication },
        publicBaseUrl,
        casdAuthorities: [authority.point.toBase64()],
        keyPairs: { parallel: 1, waiting: 500, deadlineMilliseconds: 60_000 },
        keyStock: { target: 2 },
        tls,
      }
      const name = `process ${index + 1}`
      return caProcess(name, await file(`${index}.json`, JSON.stringify(configuration)), own, publication, (actor) =>
        service.identityOf(actor),
      )
    }),
  )
  return {
    processes,
    databaseUrl,
    dataDirectory,
    open: () => openRegister(databaseUrl),
    close: async () => {
      await Promise.all(processes.map((one) => one.kill()))
      await rm(directory, { recursive: true, force: true })
    },
  }
}

type Identities = (actor: ActorName) => ReturnType<Awaited<ReturnType<typeof openServiceCertificates>>['identityOf']>

function caProcess(
  name: string,
  configuration: string,
  own: number,
  publication: number,
  identityOf: Identities,
): CaProcess {
  let running: ChildProcess | undefined
  let isUp = false
  let errors = ''
  const peers = new Map<ActorName, Promise<Peer>>()
  return {
    name,
    publicUrl: `http://127.0.0.1:${publication}`,
    isUp: () => isUp,
    start: async () => {
      const child = spawn(process.execPath, [program, configuration], { stdio: ['ignore', 'pipe', 'pipe'] })
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
    peer: (actor) => {
      const made = async () => {
        const url = `https://127.0.0.1:${own}`
        return connectTo({ url, actor: 'jpki-system', as: actor, tls: await identityOf(actor) })
      }
      const peer = peers.get(actor) ?? made()
      peers.set(actor, peer)
      return peer
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
