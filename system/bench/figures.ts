/** What is made of many measurements: a machine is shared, so the one in the middle counts, beside the lowest and the highest. */
import { availableParallelism, cpus } from 'node:os'

export interface Spread {
  readonly median: number
  readonly lowest: number
  readonly highest: number
}

/** The smallest value that at least this share of the values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length / 2
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2 : quantile(values, 0.5)
}

export const spreadOf = (values: readonly number[]): Spread => ({
  median: median(values),
  lowest: Math.min(...values),
  highest: Math.max(...values),
})

/** CPU milliseconds of a process: of the thread that runs its JavaScript, and of all the others (thread pool, garbage collection, compiler). */
export interface CpuTime {
  readonly thread: number
  readonly others: number
}

const milliseconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000

/** Since `before`, or since the start of the process. */
export function cpuTime(before: CpuTime = { thread: 0, others: 0 }): CpuTime {
  const thread = milliseconds(process.threadCpuUsage())
  const others = milliseconds(process.cpuUsage()) - thread
  return { thread: thread - before.thread, others: others - before.others }
}

export const machine = () => ({
  processors: availableParallelism(),
  model: cpus()[0]?.model ?? 'unknown',
  node: process.versions.node,
  openssl: process.versions.openssl,
  at: new Date().toISOString(),
})
export type Machine = ReturnType<typeof machine>
