/** The phone's flash memory: the app's storage and the agent's visits, sealed by the device's keyring; the installed app as files. */
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, normalize, sep } from 'node:path'
import type { Keyring } from '@mobile-jpki/keyring'
import { z } from 'zod'
import type { Visits } from '../domain/agent.ts'
import type { Flash } from '../index.ts'

const keyName = 'flash'

export function flashIn(directory: string, keyring: Keyring): Flash {
  const fileOf = (key: string) => join(directory, 'storage', `${key}.sealed`)
  const apps = join(directory, 'apps')
  /** Names the folder of the app that is installed: with this file one app takes the place of another. */
  const installed = join(directory, 'installed')
  const inTurn = turns()
  return {
    read: async (key) => {
      const sealed = await contentOf(fileOf(key))
      return sealed && new TextDecoder().decode(await keyring.open(keyName, sealed, key))
    },
    write: (key, value) =>
      inTurn(async () => {
        if (value === undefined) return rm(fileOf(key), { force: true })
        await writeWhole(fileOf(key), await keyring.seal(keyName, new TextEncoder().encode(value), key))
      }),
    saveApp: ({ files }) =>
      inTurn(async () => {
        const name = randomUUID()
        for (const [path, content] of files) {
          const file = inside(join(apps, name), path)
          if (file === undefined) throw new RangeError('a file of the app lies within the app')
          await writeWhole(file, content)
        }
        await writeWhole(installed, new TextEncoder().encode(name))
        for (const other of await readdir(apps)) if (other !== name) await rm(join(apps, other), { recursive: true })
      }),
    appFile: async (path) => {
      const name = await contentOf(installed)
      const file = name && inside(join(apps, new TextDecoder().decode(name)), path)
      return file === undefined ? undefined : contentOf(file)
    },
  }
}

/** undefined for a path that leads out of the directory. */
function inside(directory: string, path: string): string | undefined {
  const file = normalize(join(directory, path))
  return file.startsWith(directory + sep) && !file.includes('\0') ? file : undefined
}

const contentOf = async (file: string): Promise<Uint8Array | undefined> => {
  try {
    return new Uint8Array(await readFile(file))
  } catch (error) {
    if (['ENOENT', 'EISDIR', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

/** Either the old content or the new one, whatever happens in between. */
async function writeWhole(file: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const part = `${file}.part`
  await writeFile(part, content, { mode: 0o600, flush: true })
  await rename(part, file)
}

/** Writes happen one after the other. */
function turns() {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work)
    last = turn.catch(() => undefined)
    return turn
  }
}

const StoredVisits = z.array(z.object({ url: z.url(), sessionId: z.uuid(), tsm: z.enum(['sp-tsm', 'mno-tsm']) }))

/** No name that the app's storage can have: what the agent remembers is none of the app's. */
const visitsKey = 'agent.visits'

export const visitsIn = (flash: Flash): Visits => ({
  load: async () => StoredVisits.parse(JSON.parse((await flash.read(visitsKey)) ?? '[]')),
  save: (visits) => flash.write(visitsKey, visits.length === 0 ? undefined : JSON.stringify(visits)),
})
