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
import { openKeyring, type ServiceIdentity } from '@mobile-jpki/keyring'
import { type Listening, listen, startAlone, tellFault } from '@mobile-jpki/service'
import { openStore } from '@mobile-jpki/store'
import { noTrace, type Trace } from '@mobile-jpki/trace'
import { z } from 'zod'
import { carrierKeysIn } from './domain/carrier-keys.ts'
import { readLoadFile } from './domain/load-file.ts'
import { mnoTsm, type World } from './index.ts'
import { recordsIn } from './store/records.ts'
import { migrations, type Tables } from './store/schema.ts'

export const Configuration = z.strictObject({
  dataDirectory: z.string(),
  /** `postgres://…`; a SQLite file in the data directory if not said. */
  databaseUrl: z.string().optional(),
  host: z.string().default('127.0.0.1'),
  port: z.int().min(0).max(65535),
  /** Where phones find the agent's port; the listener's own URL if not said. */
  agentUrl: z.url().optional(),
  /** The applet's load file data block: the file that holds it, or its octets. */
  loadFile: z.union([z.string(), z.custom<Uint8Array>((value) => value instanceof Uint8Array)]),
  /** The phones that the carrier has tested. */
  devices: z.array(z.strictObject({ model: z.string(), os: z.string(), minimumVersion: z.number() })).min(1),
})
export type Configuration = z.input<typeof Configuration>

export interface Surroundings {
  readonly identity: ServiceIdentity
  readonly trace?: Trace
  readonly now?: () => Date
}

export async function start(
  given: Configuration,
  { identity, trace = noTrace, now = () => new Date() }: Surroundings,
): Promise<Listening> {
  const settings = Configuration.parse(given)
  const { dataDirectory, databaseUrl = `sqlite:${join(dataDirectory, 'mno-tsm.db')}`, host, port, loadFile } = settings
  const dataBlock = typeof loadFile === 'string' ? new Uint8Array(await readFile(loadFile)) : loadFile
  const keys = carrierKeysIn(await openKeyring(join(dataDirectory, 'keys')))
  const store = await openStore<Tables>({ url: databaseUrl, name: 'mno-tsm', migrations })
  let agentUrl = settings.agentUrl ?? ''
  try {
    const world: World = {
      records: recordsIn(store.db),
      transaction: (work) => store.transaction((held) => work(recordsIn(held))),
      keys,
      loadFile: readLoadFile(dataBlock),
      devices: settings.devices,
      now,
      randomOctets: (length) => new Uint8Array(randomBytes(length)),
      newId: randomUUID,
      oneTimePair,
      agentUrl: () => agentUrl,
      onFault,
    }
    const { routes, close } = mnoTsm(world)
    const listening = await listen({ actor: 'mno-tsm', routes, host, port, tls: identity, trace })
    agentUrl ||= listening.url
    return {
      url: listening.url,
      close: async () => {
        await close()
        await listening.close()
        await store.close()
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

const onFault = tellFault('mno-tsm')

if (import.meta.main)
  await startAlone(
    'mno-tsm.json',
    (settings, identity) => start(Configuration.parse(settings), { identity }),
    ({ url }) => `MNO-TSM ${url}`,
  )
