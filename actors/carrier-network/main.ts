/**
 * Starts a carrier's network: the only file of this house that reads configuration and opens sockets.
 *
 * It needs a directory for its lines, and a password file for each system that submits messages by SMPP. Two ports: HTTPS for phones and
 * for the carrier, who shows its certificate; SMPP in the clear, for the carrier's own premises. Alone: `node
 * actors/carrier-network/main.ts CONFIGURATION.json`, whose `tls` names three PEM files.
 */
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { readSecretFile, type ServiceIdentity } from '@mobile-jpki/keyring'
import { Refusal } from '@mobile-jpki/refusal'
import { type Listening, listen, startAlone, tellFault } from '@mobile-jpki/service'
import { openStore } from '@mobile-jpki/store'
import { noTrace, type Trace } from '@mobile-jpki/trace'
import { z } from 'zod'
import { carrierNetwork, type Disturbance } from './index.ts'

export type { Disturbance } from './index.ts'

import { serveSystem } from './smpp/session.ts'
import { type Account, systems as systemsOf } from './smpp/systems.ts'
import { linesIn, migrations, type Tables } from './store/lines.ts'

const Port = z.int().min(0).max(65535)

export const Configuration = z.strictObject({
  dataDirectory: z.string(),
  /** `postgres://…`; a SQLite file in the data directory if not said. */
  databaseUrl: z.string().optional(),
  /** In PostgreSQL the name of the schema, for networks that share a database. */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,40}$/)
    .default('carrier-network'),
  host: z.string().default('127.0.0.1'),
  port: Port,
  smppPort: Port,
  /** Address of the service centre, as phones show it. */
  serviceCentre: z
    .string()
    .regex(/^\d{3,15}$/)
    .default('819000000000'),
  systems: z
    .array(
      z.strictObject({
        /** SMPP v3.4 §5.2.1, §5.2.2. */
        systemId: z.string().min(1).max(15),
        /** 1 to 8 characters stand in it. */
        passwordFile: z.string(),
        /** The number that its messages come from. */
        address: z.string().regex(/^\d{3,15}$/),
      }),
    )
    .min(1),
})
export type Configuration = z.input<typeof Configuration>

export interface Surroundings {
  readonly identity: ServiceIdentity
  readonly trace?: Trace
  readonly now?: () => Date
  /** What happens to messages on the way; nothing if not said. */
  readonly disturbance?: Disturbance
}

export interface Network extends Listening {
  /** Where systems of the carrier's bind. */
  readonly smpp: { readonly host: string; readonly port: number }
}

/** How often messages past their validity are looked for. */
const sweepMilliseconds = 1_000

export async function start(
  given: Configuration,
  { identity, trace = noTrace, now = () => new Date(), disturbance }: Surroundings,
): Promise<Network> {
  const settings = Configuration.parse(given)
  const { dataDirectory, databaseUrl = `sqlite:${join(dataDirectory, 'carrier-network.db')}`, name, host } = settings
  const accounts = await Promise.all(
    settings.systems.map(
      async ({ passwordFile, ...account }): Promise<Account> => ({
        ...account,
        password: await readSecretFile(passwordFile),
      }),
    ),
  )
  const store = await openStore<Tables>({ url: databaseUrl, name, migrations })
  const systems = systemsOf(accounts, isSame)
  const { centre, routes, wrote } = carrierNetwork({
    lines: linesIn(store.db, (work) => store.transaction(work)),
    systems,
    serviceCentre: settings.serviceCentre,
    now,
    newId: randomUUID,
    ...(disturbance !== undefined && { disturbance }),
  })
  const sockets = new Set<Socket>()
  const smpp = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    serveSystem(socket, { centre, systems, now, newId: randomUUID, trace, wrote, onFault })
  })
  const sweep = setInterval(() => centre.expire(), sweepMilliseconds).unref()
  let listening: Listening | undefined
  const close = async () => {
    clearInterval(sweep)
    await listening?.close()
    await systems.close()
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => smpp.close(resolve))
    await store.close()
  }
  try {
    listening = await listen({ actor: 'carrier-network', routes, host, port: settings.port, tls: identity, trace })
    const port = await listenOn(smpp, host, settings.smppPort)
    return { url: listening.url, smpp: { host, port }, close }
  } catch (error) {
    await close()
    throw error
  }
}

const digest = (text: string) => createHash('sha256').update(text).digest()
const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other))

function listenOn(server: Server, host: string, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  server.once('error', (error: NodeJS.ErrnoException) =>
    reject(
      error.code === 'EADDRINUSE'
        ? new Refusal('port.in-use', `Port ${port} of ${host}, wanted for SMPP, is taken.`, { cause: error })
        : error,
    ),
  )
  server.listen(port, host, () => {
    const address = server.address()
    resolve(address !== null && typeof address === 'object' ? address.port : port)
  })
  return promise
}

const onFault = tellFault('carrier-network')

if (import.meta.main)
  await startAlone(
    'carrier-network.json',
    (settings, identity) => start(Configuration.parse(settings), { identity }),
    ({ url, smpp }) => `carrier network ${url}, SMPP ${smpp.host}:${smpp.port}`,
  )
