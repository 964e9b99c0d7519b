/** The phone's flash memory: the app's storage and the agent's visits, sealed by the device's keyring; the installed app as files. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, normalize, sep } from 'node:path'
import type { Keyring } from '@mobile-jpki/keyring'
import { z } from 'zod'
import type { Visits } from '../domain/agent.ts'
import type { Flash } from '../index.ts'

const keyName = 'flash'

export function flashIn(directory: string, keyring: Keyring): Flash {
  const fileOf = (key: string) => join(directory, 'storage', `${key}.sealed`)
  const appDirectory = join(directory, 'app')
  return {
    read: async (key) => {
      const sealed = await contentOf(fileOf(key))
      return sealed && new TextDecoder().decode(await keyring.open(keyName, sealed, key))
    },
    write: async (key, value) => {
      if (value === undefined) return rm(fileOf(key), { force: true })
      await writeWhole(fileOf(key), await keyring.seal(keyName, new TextEncoder().encode(value), key))
    },
    saveApp: async ({ files }) => {
      const fresh = `${appDirectory}.new`
      await rm(fresh, { recursive: true, force: true })
      for (const [path, content] of files) await writeWhole(inside(fresh, path), content)
      await rm(appDirectory, { recursive: true, force: true })
      await rename(fresh, appDirectory)
    },
    appFile: (path) => contentOf(inside(appDirectory, path)),
  }
}

function inside(directory: string, path: string): string {
  const file = normalize(join(directory, path))
  if (!file.startsWith(directory + sep)) throw new RangeError('a file of the app lies within the app')
  return file
}

const contentOf = async (file: string): Promise<Uint8Array | undefined> => {
  try {
    return new Uint8Array(await readFile(file))
  } catch (error) {
    if (['ENOENT', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

/** Either the old content or the new one, whatever happens in between. */
async function writeWhole(file: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await writeFile(`${file}.part`, content, { mode: 0o600, flush: true })
  await rename(`${file}.part`, file)
}

const StoredVisits = z.array(z.object({ url: z.url(), sessionId: z.uuid(), tsm: z.enum(['sp-tsm', 'mno-tsm']) }))

export const visitsIn = (flash: Flash): Visits => ({
  load: async () => StoredVisits.parse(JSON.parse((await flash.read('visits')) ?? '[]')),
  save: (visits) => flash.write('visits', visits.length === 0 ? undefined : JSON.stringify(visits)),
})
