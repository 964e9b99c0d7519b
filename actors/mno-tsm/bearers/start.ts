/** Opens what the bearers need of the machine: the connection to the message centre, the port that SIMs call. */
import { readSecretFile } from '@mobile-jpki/keyring'
import type { Trace } from '@mobile-jpki/trace'
import { z } from 'zod'
import type { World } from '../domain/world.ts'
import { airRecordsIn } from '../store/over-the-air.ts'
import { type Bearers, bearersOf } from './bearers.ts'
import { esme } from './esme.ts'
import { startAdministration } from './scp81/administration.ts'
import { type Patience, usualPatience } from './world.ts'

const Port = z.int().min(0).max(65535)

/** The carrier's message centre, SMPP 3.4; without it the phone's agent is the only way. */
export const ShortMessageSettings = z.strictObject({
  host: z.string().default('127.0.0.1'),
  port: Port,
  systemId: z.string().min(1).max(15),
  passwordFile: z.string(),
  /** The number that messages come from. */
  address: z.string().regex(/^\d{3,15}$/),
})

/** The port that SIMs call (SCP81); `reachedAt` where another address leads here. */
export const AdministrationSettings = z.strictObject({
  host: z.string().default('127.0.0.1'),
  port: Port,
  reachedAt: z.strictObject({ host: z.string(), port: Port }).optional(),
})

export interface BearerSettings {
  readonly shortMessages: z.output<typeof ShortMessageSettings>
  readonly administration?: z.output<typeof AdministrationSettings> | undefined
  readonly patience?: Patience | undefined
}

export interface BearersAround {
  readonly world: Pick<World, 'records' | 'carriers' | 'keys' | 'now' | 'newId' | 'onFault'>
  readonly store: Parameters<typeof airRecordsIn>[0]
  readonly trace: Trace
}

export async function startBearers(
  { shortMessages, administration, patience = usualPatience }: BearerSettings,
  { world, store, trace }: BearersAround,
): Promise<Bearers> {
  const { passwordFile, ...centre } = shortMessages
  const messages = esme({ ...centre, password: await readSecretFile(passwordFile) }, trace)
  const { onFault } = world
  const server =
    administration === undefined
      ? undefined
      : await startAdministration({
          host: administration.host,
          port: administration.port,
          ...(administration.reachedAt && { reachedAt: administration.reachedAt }),
          patience,
          trace,
          onFault,
        })
  const bearers = bearersOf({
    registry: world.records,
    carriers: world.carriers,
    keys: world.keys,
    records: airRecordsIn(store),
    shortMessages: messages,
    now: world.now,
    newId: world.newId,
    patience,
    onFault,
    ...(server && { administration: server }),
  })
  return {
    ...bearers,
    close: async () => {
      await bearers.close()
      await server?.close()
      await messages.close()
    },
  }
}
