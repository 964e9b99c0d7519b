/** The other processes of the benchmark: each says one line of JSON when it is ready, and what it measured as another. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'

export interface Other {
  readonly process: ChildProcess
  /** The next line that it says. */
  said<T>(): Promise<T>
  stop(): Promise<void>
}

/** `name` is a file under this folder; `given` is what it reads. */
export function other(name: string, given: unknown): Other {
  const child = spawn(process.execPath, [join(import.meta.dirname, name)], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(given))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return {
    process: child,
    said: async <T>() => {
      const { value, done } = await lines.next()
      if (done) throw new Error(`${name} ended before it said anything`)
      return JSON.parse(value) as T
    },
    stop: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

export const given = async <T>(): Promise<T> => JSON.parse(await text(process.stdin)) as T
export const say = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`)

/** CPU milliseconds of a process until now, all threads: proc_pid_stat(5), utime and stime in hundredths of a second. */
export function cpuOf({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** Octets in memory now, and at most since the program was begun: proc_pid_status(5); getrusage(2) counts what was before it too. */
export function memoryOf({ pid }: { readonly pid?: number | undefined }): {
  readonly now: number
  readonly peak: number
} {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kibibytes = (field: string) => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0)
  return { now: kibibytes('VmRSS') * 1024, peak: kibibytes('VmHWM') * 1024 }
}
