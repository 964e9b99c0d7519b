/** A folder for as long as the work takes. It is gone afterwards, after Ctrl-C too; `stop` gives the work the first Ctrl-C to end by itself. */
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'

export async function inThrownAwayFolder<T>(
  work: (directory: string) => Promise<T>,
  stop?: AbortController,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'mobile-jpki-bench-'))
  const interrupted = (signal: 'SIGINT' | 'SIGTERM') => {
    if (stop?.signal.aborted === false) return stop.abort()
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
    process.exit(128 + constants.signals[signal])
  }
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted)
  try {
    return await work(directory)
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted)
    await rm(directory, { recursive: true, force: true })
  }
}
