/** Fuzzes in a thread of its own, and cuts it off when the card does not come back from a command. */
import { Worker } from 'node:worker_threads'
import { violations } from './judge.ts'
import type { Report, Totals } from './run.ts'

export interface Task {
  readonly seed: number
  readonly count: number
  readonly simType: string
  /** Two numbers of four octets, commands begun and length of the present one; then its octets. */
  readonly shared: SharedArrayBuffer
}

export type Word = { readonly progress: Totals } | { readonly report: Report }

const sharedSize = 8 + 4096

/** Seconds without a new command. Making a card's keys takes a few of them. */
const patience = 60

export interface Watched {
  readonly seed: number
  readonly count: number
  readonly simType: string
  readonly onProgress: (totals: Totals) => void
  /** Ends the run; the report is that of the last progress. */
  readonly stop: AbortSignal
}

const nothing: Totals = { commands: 0, cards: 0, opened: 0, changes: 0, slowest: 0, statusWords: new Map() }

export async function fuzzWatched({ seed, count, simType, onProgress, stop }: Watched): Promise<Report> {
  const shared = new SharedArrayBuffer(sharedSize)
  const numbers = new Int32Array(shared, 0, 2)
  const task: Task = { seed, count, simType, shared }
  const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: task })
  let totals = nothing
  let begun = 0
  let quiet = 0
  const { promise, resolve, reject } = Promise.withResolvers<Report>()
  worker.on('message', (word: Word) => {
    if ('report' in word) return resolve(word.report)
    totals = word.progress
    onProgress(totals)
  })
  worker.once('error', reject)
  worker.once('exit', () => reject(new Error('the thread ended before its work')))
  const clock = setInterval(() => {
    const now = Atomics.load(numbers, 0)
    quiet = now === begun ? quiet + 1 : 0
    begun = now
    if (quiet >= patience) resolve({ totals, failure: hang(begun, new Uint8Array(shared, 8, numbers[1] ?? 0)) })
  }, 1000)
  const stopped = () => resolve({ totals })
  stop.addEventListener('abort', stopped, { once: true })
  try {
    return await promise
  } finally {
    clearInterval(clock)
    stop.removeEventListener('abort', stopped)
    await worker.terminate()
  }
}

const hang = (command: number, sent: Uint8Array): NonNullable<Report['failure']> => ({
  kind: 'hang',
  words: violations.hang,
  card: 0,
  command,
  actions: [],
  passed: [{ sent: sent.slice(), received: new Uint8Array() }],
})
