/** One value in a file: either the old content or the new one, whatever happens in between. */
import { readFile, rename, writeFile } from 'node:fs/promises'
import type { z } from 'zod'

export interface Kept<T> {
  read(): Promise<T | undefined>
  write(value: T): Promise<void>
}

export const keptIn = <T>(file: string, schema: z.ZodType<T>): Kept<T> => ({
  read: async () => {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    return text === undefined ? undefined : schema.parse(JSON.parse(text))
  },
  write: async (value) => {
    await writeFile(`${file}.part`, `${JSON.stringify(value)}\n`, { mode: 0o600, flush: true })
    await rename(`${file}.part`, file)
  },
})
