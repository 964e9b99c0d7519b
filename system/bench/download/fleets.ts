/** As many processes of phones as the machine has processors, spoken to as one: what carries the load must not be what limits it. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Refusal } from '@mobile-jpki/refusal'
import { call, type Peer } from '@mobile-jpki/service/call'
import type { CpuTime } from '../figures.ts'
import { beginDownloads, endDownloads, type Parts, prepareFleet, runClock } from './contract.ts'
import type { FleetSettings } from './fleet.ts'

export interface Clocked {
  readonly seconds: number
  readonly cpu: CpuTime
  readonly parts: Parts
}

export interface Counted {
  readonly downloads: number
  readonly milliseconds: readonly number[]
  readonly failures: readonly string[]
}

export interface Fleets {
  prepare(count: number, progress: (what: string) => void): Promise<void>
  /** Answers how many downloads were through in a second. */
  begin(perSecond: number): Promise<number>
  clock(seconds: number, sampled: boolean): Promise<Clocked>
  end(): Promise<Counted>
  close(): Promise<void>
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

export async function startFleets(settings: Omit<FleetSettings, 'first'>, parallel: number): Promise<Fleets> {
  const count = Math.min(availableParallelism(), parallel)
  const phones = Array.from({ length: count }, (_, at) => Math.floor((parallel + at) / count))
  const processes = await Promise.all(phones.map((_, at) => startFleet({ ...settings, first: at * 100_000 + 1 })))
  const all = <T>(ask: (peer: Peer, at: number) => Promise<T>) =>
    Promise.all(processes.map(({ peer }, at) => ask(peer, at)))
  return {
    // In small groups: a request has an end.
    prepare: async (count, progress) => {
      const each = Math.ceil(count / processes.length)
      for (let ready = 0; ready < each; ) {
        ready = Math.min(each, ready + 8)
        progress(`${ready * processes.length} of ${each * processes.length} persons with card, SIM and phone`)
        await all((peer) => call(peer, prepareFleet, { count: ready }))
      }
    },
    begin: async (perSecond) => {
      const begun = await all((peer, at) =>
        call(peer, beginDownloads, { parallel: phones[at] ?? 1, perSecond: perSecond / processes.length }),
      )
      return sumOf(begun.map((one) => one.perSecond))
    },
    clock: async (seconds, sampled) => {
      const clocks = await all((peer) => call(peer, runClock, { seconds, sampled }))
      const parts: Record<string, number> = {}
      for (const [name, value] of clocks.flatMap((one) => Object.entries(one.parts)))
        parts[name] = (parts[name] ?? 0) + value
      return {
        seconds: sumOf(clocks.map((one) => one.seconds)) / clocks.length,
        cpu: {
          thread: sumOf(clocks.map(({ cpu }) => cpu.thread)),
          others: sumOf(clocks.map(({ cpu }) => cpu.others)),
        },
        parts,
      }
    },
    end: async () => {
      const ends = await all((peer) => call(peer, endDownloads, {}))
      return {
        downloads: sumOf(ends.map(({ downloads }) => downloads)),
        milliseconds: ends.flatMap(({ milliseconds }) => milliseconds),
        failures: ends.flatMap(({ failures }) => failures),
      }
    },
    close: async () => {
      await Promise.all(processes.map(({ close }) => close()))
    },
  }
}

const longestAnswer = 60 * 60 * 1000

async function startFleet(settings: FleetSettings): Promise<{ readonly peer: Peer; close(): Promise<void> }> {
  const child = fork(join(import.meta.dirname, 'fleet-process.ts'))
  const gone = once(child, 'exit')
  child.send(settings)
  const answer = await Promise.race([once(child, 'message'), gone.then(() => undefined)])
  const url: unknown = answer?.[0]
  if (typeof url !== 'string') throw new Refusal('peer.failed', 'The phones could not be started.', { whose: 'system' })
  return {
    peer: { url, actor: 'system', as: 'system', timeoutMilliseconds: longestAnswer },
    close: async () => {
      if (child.connected) child.disconnect()
      await gone
    },
  }
}
