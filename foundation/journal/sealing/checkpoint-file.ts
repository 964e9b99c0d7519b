/** Checkpoints in a file beside the database, one on a line: whoever cuts off the end of the chain must get at this file, and its copies, too. */
import { createReadStream } from 'node:fs'
import { mkdir, open, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { publicKeyObject } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import { type Checkpoint, checkpointIn, lineOf } from './checkpoint.ts'

export const checkpointsOf = (directory: string): string => join(directory, 'checkpoints')
export const keyOf = (directory: string): string => join(directory, 'key.pem')

/** The public key stands beside what it verifies, and stays the first one. */
export async function keepKey(directory: string, publicKey: Uint8Array): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const pem = pemOf(publicKey)
  const kept = await readFile(keyOf(directory), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  if (kept === undefined) return writeFile(keyOf(directory), pem, { mode: 0o600 })
  if (kept !== pem)
    throw new Refusal('journal.broken', `The key of the journal is not that of its checkpoints, ${keyOf(directory)}.`)
}

const pemOf = (publicKey: Uint8Array): string =>
  publicKeyObject(publicKey).export({ type: 'spki', format: 'pem' }) as string

/** No line is longer. */
const longestLine = 1024

export interface CheckpointFile {
  /** The last one that it holds. */
  last(): Promise<Checkpoint | undefined>
  append(checkpoints: readonly Checkpoint[]): Promise<void>
}

export const checkpointFile = (file: string, journal: string): CheckpointFile => ({
  last: async () => {
    const lines = await wholeLines(file, 2 * longestLine)
    return lines.flatMap((line) => checkpointIn(line, journal) ?? []).at(-1)
  },
  append: async (checkpoints) => {
    if (checkpoints.length === 0) return
    const handle = await open(file, 'a+', 0o600)
    try {
      const lines = checkpoints.map((checkpoint) => `${lineOf(journal, checkpoint)}\n`).join('')
      // A process that was killed while it wrote left half a line, which stays half a line.
      await handle.appendFile((await endsInLine(handle)) ? lines : `\n${lines}`)
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
})

type Handle = Awaited<ReturnType<typeof open>>

async function endsInLine(handle: Handle): Promise<boolean> {
  const { size } = await handle.stat()
  if (size === 0) return true
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] === 0x0a
}

/** The whole lines within the last octets of the file; none when there is no file. */
async function wholeLines(file: string, octets: number): Promise<readonly string[]> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  if (handle === undefined) return []
  try {
    const { size } = await handle.stat()
    const from = Math.max(0, size - octets)
    const { buffer } = await handle.read(Buffer.alloc(size - from), 0, size - from, from)
    const lines = buffer.toString('utf8').split('\n').slice(0, -1)
    return from === 0 ? lines : lines.slice(1)
  } finally {
    await handle.close()
  }
}

export interface CheckpointLine {
  readonly line: number
  /** undefined where the line is none. */
  readonly checkpoint: Checkpoint | undefined
}

/** All of them, for whoever verifies; none where there is no file. What has no line feed yet is still being written. */
export async function* checkpointLines(file: string, journal: string): AsyncGenerator<CheckpointLine> {
  const isThere = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  if (isThere === undefined) return
  let line = 0
  let rest = ''
  for await (const chunk of createReadStream(file, { encoding: 'utf8' })) {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    for (const text of lines) {
      line += 1
      if (text !== '') yield { line, checkpoint: checkpointIn(text, journal) }
    }
  }
}
