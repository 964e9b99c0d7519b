/**
 * The server that SIMs call: TLS with pre-shared keys, the administration protocol over HTTP. It knows a SIM only while somebody wants
 * something of it. GlobalPlatform Amendment B v1.2 §3.3, §3.4, §3.7.
 */
import { randomBytes } from 'node:crypto'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import { issuerSecurityDomain } from '@mobile-jpki/jpki'
import { SessionTrigger, terminalsOwnBearer } from '@mobile-jpki/ota'
import { Refusal } from '@mobile-jpki/refusal'
import type { AgentStep } from '@mobile-jpki/seram'
import type { Trace } from '@mobile-jpki/trace'
import type { AirLink } from '../air-link.ts'
import type { Packets } from '../scp80/packets.ts'
import { commandHeader, tarOf } from '../scp80/security.ts'
import type { AirSim, Patience } from '../world.ts'
import { serveSim } from './calls.ts'
import { scp81Element } from './element.ts'
import { type Scripts, scriptsOver } from './scripts.ts'

export interface Administration {
  /** Where it listens. */
  readonly port: number
  /** From now on the SIM is known, and woken when there is something for it. */
  open(sim: AirSim, packets: Packets, signal: AbortSignal): AirLink
  close(): Promise<void>
}

export interface AdministrationOptions {
  readonly host: string
  readonly port: number
  /** Where SIMs find it, if another address leads here. */
  readonly reachedAt?: { readonly host: string; readonly port: number }
  readonly patience: Patience
  readonly trace: Trace
  readonly onFault: (error: unknown) => void
}

/** A SIM that is meant to call. */
export interface Expected {
  readonly sim: AirSim
  readonly key: Uint8Array
  readonly scripts: Scripts
  readonly sockets: Set<TLSSocket>
  step: AgentStep
}

/** Amendment B §3.3.2: the suite with ciphering, for TLS 1.2. */
const suites = 'PSK-AES128-CBC-SHA256'
/** X-Admin-From of a SIM, and the retry policy that it is told. */
const agent = '//se-id/iccid'
const retry = { attempts: 5, waitSeconds: 1 }
/** What the terminal keeps for RECEIVE DATA. */
const bufferSize = 1024

export async function startAdministration(options: AdministrationOptions): Promise<Administration> {
  const { host, port, patience, trace, onFault } = options
  const expected = new Map<string, Expected>()
  const called = new WeakMap<TLSSocket, Expected>()
  const server = createServer({
    ciphers: suites,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    pskCallback: (socket, identity) => {
      const one = expected.get(identity)
      if (one !== undefined) called.set(socket, one)
      return one?.key ?? null
    },
  })
  server.on('secureConnection', (socket) => {
    const one = called.get(socket)
    if (one === undefined) socket.destroy()
    else serveSim(socket, one, { trace, onFault })
  })
  // A handshake that fails is the caller's matter.
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  const own = await listening(server, host, port)
  const at = options.reachedAt ?? { host, port: own }

  const open = (sim: AirSim, packets: Packets, signal: AbortSignal): AirLink => {
    const { preShared } = sim
    if (preShared === undefined) throw new Refusal('not-supported', 'This SIM is no HTTP client.', { whose: 'mno-tsm' })
    if (expected.has(preShared.identity))
      throw new Refusal('conditions.not-satisfied', 'Another conversation with this SIM is under way.', {
        whose: 'mno-tsm',
      })
    const scripts = scriptsOver(`/admin/${randomBytes(16).toString('hex')}`, patience.idleMilliseconds)
    const one: Expected = { sim, key: preShared.key, scripts, sockets: new Set(), step: '⑮' }
    expected.set(preShared.identity, one)
    const trigger = triggerFor(preShared, at, scripts.firstUri)
    const header = commandHeader(sim.keys, tarOf(issuerSecurityDomain))
    const caller = {
      scripts,
      isThere: () => one.sockets.size > 0,
      wake: async (step: AgentStep) => void (await packets.exchange(header, trigger, step)),
      during: (step: AgentStep) => {
        one.step = step
      },
    }
    return {
      element: scp81Element(sim, caller, patience, signal),
      close: async () => {
        scripts.end()
        await hungUp(one.sockets)
        expected.delete(preShared.identity)
      },
    }
  }

  return {
    port: own,
    open,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

const triggerFor = (
  { identity, keyVersion, keyIdentifier }: NonNullable<AirSim['preShared']>,
  { host, port }: { readonly host: string; readonly port: number },
  uri: string,
): Uint8Array =>
  SessionTrigger.encode({
    session: {
      connection: {
        bearer: terminalsOwnBearer,
        bufferSize,
        transport: { protocol: 'tcpClient', port },
        destination: host,
      },
      security: { pskIdentity: new TextEncoder().encode(identity), keyVersion, keyIdentifier },
      retry,
      http: { host: `${host}:${port}`, agent, uri },
    },
  })

/** How long a SIM may take to hear that there is no more. */
const farewellMilliseconds = 1_000

/** The SIM hears 204 to its request and hangs up by itself. */
async function hungUp(sockets: ReadonlySet<TLSSocket>): Promise<void> {
  const all = [...sockets].map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())))
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, farewellMilliseconds)
  await Promise.race([Promise.all(all), promise])
  clearTimeout(timer)
  for (const socket of sockets) socket.destroy()
}

function listening(server: Server, host: string, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  server.once('error', (error: NodeJS.ErrnoException) =>
    reject(
      error.code === 'EADDRINUSE'
        ? new Refusal('port.in-use', `Port ${port} of ${host}, wanted for SIMs that call, is taken.`, { cause: error })
        : error,
    ),
  )
  server.listen(port, host, () => {
    const address = server.address()
    resolve(address !== null && typeof address === 'object' ? address.port : port)
  })
  return promise
}
