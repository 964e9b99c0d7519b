/** Over which register and keys a ceremony is: those of a town's folder, or of a JPKI system's configuration. */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { CeremonyConfiguration, type OpenedForCeremony, openForCeremony } from '@mobile-jpki/jpki-system/ceremony'
import { Refusal } from '@mobile-jpki/refusal'
import { z } from 'zod'
import { value } from '../../command.ts'
import { defaultData, layoutOf } from '../../town/layout.ts'

const path = z.string().transform((text) => resolve(text))

export const placeOptions = {
  configuration: value('FILE', 'the configuration of the JPKI system (JSON, as its main.ts reads it)', path.optional()),
  data: value(
    'DIR',
    `the town's folder in place of a configuration; ${defaultData} if neither is said`,
    path.optional(),
  ),
  database: value('URL', "postgres://…, where the town's tables are there", z.string().optional()),
} as const

export interface Place {
  readonly configuration: string | undefined
  readonly data: string | undefined
  readonly database: string | undefined
}

export async function at<T>(place: Place, work: (world: OpenedForCeremony) => Promise<T>): Promise<T> {
  const world = await openForCeremony(await settingsOf(place))
  try {
    return await work(world)
  } finally {
    await world.close()
  }
}

async function settingsOf({ configuration, data, database }: Place) {
  if (configuration === undefined) {
    const dataDirectory = layoutOf(data ?? defaultData).of('jpki-system')
    return { dataDirectory, ...(database !== undefined && { databaseUrl: database }) }
  }
  const { success, data: settings, error } = CeremonyConfiguration.safeParse(await jsonIn(configuration))
  if (success) return { ...settings, dataDirectory: resolve(dirname(configuration), settings.dataDirectory) }
  const [issue] = error.issues
  throw new Refusal('request.malformed', `${configuration}: ${issue?.path.join('.')}: ${issue?.message}.`)
}

async function jsonIn(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ENOENT' ? new Refusal('reference.not-found', `There is no file ${file}.`, { cause }) : cause
  })
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Refusal('request.malformed', `${file} is not JSON.`, { cause })
  }
}

export const say = (json: boolean, forMachines: object, forPeople: readonly string[]): number => {
  process.stdout.write(json ? `${JSON.stringify(forMachines)}\n` : `${forPeople.join('\n')}\n`)
  return 0
}
