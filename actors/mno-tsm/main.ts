/**
 * Starts MNO-TSM: the only file of this house that reads configuration and opens sockets.
 *
 * It needs a directory of its own (the carrier's keys, and the database unless `databaseUrl` names another), the load file of the
 * JPKI applet as SP handed it over, and, as every actor, an identity from the service CA. One port serves SP-TSM, which shows its
 * certificate, and the agents of phones, which have none. Alone: `node actors/mno-tsm/main.ts CONFIGURATION.json`, whose `tls`
 * names three PEM files.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { oneTimePair } from '@mobile-jpki/jpki'
import { openKeyring, type ServiceIdentity, vaultIn } from '@mobile-jpki/keyring'
import type { ActorName } from '@mobile-jpki/refusal'
import { connectTo, type Listening, listen, startAlone, tellFault } from '@mobile-jpki/service'
import { openStore } from '@mobile-jpki/store'
import { noTrace, type Trace } from '@mobile-jpki/trace'
import { z } from 'zod'
import { openOutbox, tellDue } from './back-office/outbox.ts'
import { tellersOf } from './back-office/tellers.ts'
import { AdministrationSettings, ShortMessageSettings, startBearers } from './bearers/start.ts'
import type { Patience } from './bearers/world.ts'

export type { Patience } from './bearers/world.ts'

import { Carrier, CarrierId, KnownCarrier } from './contract.ts'
import { carriersOf } from './domain/carriers.ts'
import { readLoadFile } from './domain/load-file.ts'
import { mnoTsm, type World } from './index.ts'
import { carrierKeysIn } from './keys/carrier-keys.ts'
import { recordsIn } from './store/records.ts'
import { migrations, type Tables } from './store/schema.ts'

export const Configuration = z.strictObject({
  dataDirectory: z.string(),
  /** `postgres://…`; a SQLite file in the data directory if not said. */
  databaseUrl: z.string().optional(),
  /** In PostgreSQL: TSMs of one database have one schema each, processes of one TSM the same. */
  schema: z
    .string()
    .regex(/^[a-z][a-z-]{0,40}$/)
    .default('mno-tsm'),
  host: z.string().default('127.0.0.1'),
  port: z.int().min(0).max(65535),
  /** Where phones find the agent's port; the listener's own URL if not said. */
  agentUrl: z.url().optional(),
  /** The applet's load file data block: the file that holds it, or its octets. */
  loadFile: z.union([z.string(), z.custom<Uint8Array>((value) => value instanceof Uint8Array)]),
  /** Those that it serves; the host of an MVNO must be among them. */
  carriers: z.record(CarrierId, Carrier),
  /** Others, so that a caller who asks at the wrong place hears the right one. */
  otherCarriers: z.record(CarrierId, KnownCarrier).default({}),
  /** Who is told what happens to lines and SIMs; nobody if not said. */
  spTsm: z.url().optional(),
  /** The network that brings short messages, which must know the lines. */
  network: z.url().optional(),
  /** How SIMs are reached over the air; by the phone's agent alone if not said. */
  shortMessages: ShortMessageSettings.optional(),
  administration: AdministrationSettings.optional(),
})
export type Configuration = z.input<typeof Configuration>

export interface Surroundings {
  readonly identity: ServiceIdentity
  readonly trace?: Trace
  readonly now?: () => Date
  /** How long the network is waited for, over the air. */
  readonly patience?: Patience
}

const me: ActorName = 'mno-tsm'
const onFault = tellFault(me)

export async function start(
  given: Configuration,
  { identity, trace = noTrace, now = () => new Date(), patience }: Surroundings,
): Promise<Listening> {
  const settings = Configuration.parse(given)
  const { shortMessages, administration } = settings
  const { dataDirectory, databaseUrl = `sqlite:${join(dataDirectory, 'mno-tsm.db')}`, host, port, loadFile } = settings
  const dataBlock = typeof loadFile === 'string' ? new Uint8Array(await readFile(loadFile)) : loadFile
  const carriers = carriersOf(settings.carriers, settings.otherCarriers)
  const keyring = await openKeyring(join(dataDirectory, 'keys'))
  const store = await openStore<Tables>({ url: databaseUrl, name: settings.schema, migrations })
  const connect = (actor: ActorName, url: string | undefined) =>
    url === undefined ? undefined : connectTo({ url, actor, as: me, tls: identity, trace })
  const peers = { spTsm: connect('sp-tsm', settings.spTsm), network: connect('carrier-network', settings.network) }
  const tellers = tellersOf(peers)
  const records = recordsIn(store.db)
  let agentUrl = settings.agentUrl ?? ''
  const world: World = {
    records,
    transaction: (work) => store.transaction((held) => work(recordsIn(held))),
    carriers,
    keys: carrierKeysIn(keyring, carriers, records.signingKeys),
    answers: vaultIn(keyring, 'function-calls'),
    loadFile: readLoadFile(dataBlock),
    now,
    randomOctets: (length) => new Uint8Array(randomBytes(length)),
    newId: randomUUID,
    oneTimePair,
    agentUrl: () => agentUrl,
    tells: (name) => tellers[name] !== undefined,
    onNews: () => outbox.wake(),
    onFault,
  }
  const outbox = openOutbox(() => tellDue(world, tellers), onFault)
  const closeAll = async () => {
    await outbox.close()
    await Promise.all([peers.spTsm?.close(), peers.network?.close()])
    await store.close()
  }
  try {
    const bearers =
      shortMessages && (await startBearers({ shortMessages, administration, patience }, { world, store, trace }))
    const { routes, close } = mnoTsm({ ...world, ...(bearers && { bearers }) })
    const listening = await listen({ actor: me, routes, host, port, tls: identity, trace })
    agentUrl ||= listening.url
    outbox.wake()
    return {
      url: listening.url,
      close: async () => {
        await close()
        await listening.close()
        await closeAll()
      },
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}

if (import.meta.main)
  await startAlone(
    'mno-tsm.json',
    (settings, identity) => start(Configuration.parse(settings), { identity }),
    ({ url }) => `MNO-TSM ${url}`,
  )
