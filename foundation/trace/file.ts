/** A trace kept in a directory as lines of JSON: appended in order, bounded by rotation. */
import { mkdirSync, statSync } from 'node:fs'
import { type FileHandle, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fromLine, type Trace, type TraceEntry, toLine } from './entry.ts'

export interface FileTrace extends Trace {
  /** Waits until everything recorded so far is written, and lets go of the file until more is recorded. */
  flush(): Promise<void>
}

export interface Bounds {
  readonly octetsPerFile?: number
  readonly files?: number
}

const nameOf = (age: number): string => (age === 0 ? 'trace.jsonl' : `trace.${age}.jsonl`)

export function traceToFile(directory: string, { octetsPerFile = 16 << 20, files = 4 }: Bounds = {}): FileTrace {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const newest = join(directory, nameOf(0))
  let size = statSync(newest, { throwIfNoEntry: false })?.size ?? 0
  let waiting: string[] = []
  let writing = Promise.resolve()
  let file: FileHandle | undefined

  const close = async () => {
    await file?.close()
    file = undefined
  }

  const rotate = async () => {
    await close()
    await rm(join(directory, nameOf(files - 1)), { force: true })
    for (let age = files - 2; age >= 0; age--)
      await rename(join(directory, nameOf(age)), join(directory, nameOf(age + 1))).catch(ignoreAbsent)
    size = 0
  }

  const write = async () => {
    const text = waiting.join('')
    waiting = []
    if (size > 0 && size + Buffer.byteLength(text) > octetsPerFile) await rotate()
    file ??= await open(newest, 'a', 0o600)
    await file.appendFile(text)
    size += Buffer.byteLength(text)
  }

  return {
    record: (entry) => {
      waiting.push(toLine(entry))
      if (waiting.length === 1) writing = writing.then(write).catch(reportOnce)
    },
    flush: () => {
      writing = writing.then(close)
      return writing
    },
  }
}

const ignoreAbsent = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'ENOENT') throw error
}

let reported = false
/** A full disk must not stop a download; one line says that the trace has a gap. */
const reportOnce = (error: NodeJS.ErrnoException): void => {
  if (!reported) process.emitWarning(`the trace cannot be written: ${error.code ?? 'unknown reason'}`)
  reported = true
}

/** Everything that the directory still holds, oldest first. A line cut by a power loss is passed over. */
export async function readTrace(directory: string): Promise<readonly TraceEntry[]> {
  const ages = (await readdir(directory))
    .map((name) => /^trace(?:\.(\d+))?\.jsonl$/.exec(name))
    .flatMap((match) => (match === null ? [] : [Number(match[1] ?? 0)]))
    .sort((one, other) => other - one)
  const texts = await Promise.all(ages.map((age) => readFile(join(directory, nameOf(age)), 'utf8')))
  return texts.flatMap((text) => text.split('\n').slice(0, -1).flatMap(readLine))
}

function readLine(line: string): readonly TraceEntry[] {
  try {
    return [fromLine(line)]
  } catch {
    return []
  }
}
