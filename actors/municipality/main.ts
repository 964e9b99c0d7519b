/**
 * Starts the municipal counter: the only file of this house that reads configuration and opens sockets.
 *
 * It needs a directory of its own (the key that seals PINs, and the database unless `databaseUrl` names another), the JPKI system, an
 * identity from the service CA, and cards: as a phone is given the SIM in its slot, a counter is given the blanks that it writes.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { changeFourItems, describePerson, enrolPerson, reportEvent } from '@mobile-jpki/jpki-system/contract'
import { openKeyring, type ServiceIdentity, vaultIn } from '@mobile-jpki/keyring'
import { call, connectTo, type Listening, listen } from '@mobile-jpki/service'
import { openStore } from '@mobile-jpki/store'
import { noTrace, type Trace } from '@mobile-jpki/trace'
import { z } from 'zod'
import type { Cards, World } from './domain/world.ts'
import { municipality } from './index.ts'
import { residentsIn } from './store/residents.ts'
import { migrations, type Tables } from './store/tables.ts'

export const Configuration = z.strictObject({
  dataDirectory: z.string(),
  /** `postgres://…`; a SQLite file in the data directory if not said. */
  databaseUrl: z.string().optional(),
  host: z.string().default('127.0.0.1'),
  port: z.int().min(0).max(65535),
  jpkiSystem: z.url(),
})
export type Configuration = z.input<typeof Configuration>

export interface Surroundings {
  readonly identity: ServiceIdentity
  readonly cards: Cards
  readonly trace?: Trace
  readonly now?: () => Date
}

const sealingKey = 'pins'

export async function start(
  given: Configuration,
  { identity, cards, trace = noTrace, now = () => new Date() }: Surroundings,
): Promise<Listening> {
  const { dataDirectory, host, port, ...settings } = Configuration.parse(given)
  const { databaseUrl = `sqlite:${join(dataDirectory, 'municipality.db')}` } = settings
  const keyring = await openKeyring(join(dataDirectory, 'keys'))
  const store = await openStore<Tables>({ url: databaseUrl, name: 'municipality', migrations })
  const jpkiSystem = connectTo({ url: settings.jpkiSystem, actor: 'jpki-system', as: 'municipality', tls: identity })
  const close = async () => {
    await jpkiSystem.close()
    await store.close()
  }
  try {
    const world: World = {
      now,
      random: (length) => new Uint8Array(randomBytes(length)),
      residents: residentsIn(store.db),
      cards,
      jpkiSystem: {
        enrol: (request) => call(jpkiSystem, enrolPerson, request),
        changeItems: (request) => call(jpkiSystem, changeFourItems, request),
        report: (request) => call(jpkiSystem, reportEvent, request),
        describe: (request) => call(jpkiSystem, describePerson, request),
      },
      vault: vaultIn(keyring, sealingKey),
    }
    const { routes, resume } = municipality(world)
    await resume()
    const tls = { ...identity, requireClient: true }
    const listening = await listen({ actor: 'municipality', routes, host, port, tls, trace })
    return {
      url: listening.url,
      close: async () => {
        await listening.close()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}
