/** Downloads of the whole town beside the key pairs that the same machine makes, in turn, so that both meet the same weather. */
import type { Town } from '../../town/town.ts'
import { type CpuTime, cpuTime, type Machine, machine, median, quantile, type Spread, spreadOf } from '../figures.ts'
import { sample } from '../parts.ts'
import type { Parts } from './contract.ts'
import { type Counted, type Fleets, startFleets } from './fleets.ts'
import { generateKeys, type KeyGeneration } from './key-generation.ts'

export interface DownloadSettings {
  readonly seconds: number
  readonly rounds: number
  readonly parallel: number
  readonly progress: (what: string) => void
}

interface Round extends Counted {
  readonly seconds: number
  readonly servers: CpuTime
  readonly phones: CpuTime
}

export interface DownloadFigures {
  readonly machine: Machine
  readonly parallel: number
  readonly rounds: number
  readonly downloads: number
  readonly failures: Readonly<Record<string, number>>
  readonly downloadsPerSecond: Spread
  readonly keysPerSecond: Spread
  readonly ratio: Spread
  /** From the beginning of a download to its end, with all others going on. */
  readonly secondsOfOne: { readonly median: number; readonly p95: number }
  /** CPU milliseconds for one download. */
  readonly cpu: {
    readonly servers: CpuTime
    readonly phones: CpuTime
    readonly keyGeneration: number
    /** Of all of it, what the one key pair takes: what the ratio would be if nothing had to wait. */
    readonly keyShare: Spread
    /** Of all processors, while the clock ran. */
    readonly busy: number
  }
  /** Of `cpu.servers.thread` and `cpu.phones.thread`, by the part that was at work; sampled apart from the rounds. */
  readonly parts: { readonly servers: Parts; readonly phones: Parts }
}

export async function measureDownloads(
  town: Town & { readonly data: string },
  settings: DownloadSettings,
): Promise<DownloadFigures> {
  const { data, places, phoneSettings } = town
  const fleets = await startFleets({ data, places, phone: phoneSettings }, settings.parallel)
  try {
    return await measure(fleets, settings)
  } finally {
    await fleets.close()
  }
}

async function measure(fleets: Fleets, { seconds, rounds, parallel, progress }: DownloadSettings) {
  progress('the first phones, to see how fast this machine is')
  await fleets.prepare(3 * parallel, progress)
  let expected = await fleets.begin(parallel)
  await fleets.end()

  const round = async (what: string, sampled: boolean): Promise<Round & { parts: DownloadFigures['parts'] }> => {
    // Enough for the clock, for those before it and for those that are under way when it stops.
    await fleets.prepare(Math.ceil(expected * seconds * 1.5) + 5 * parallel, progress)
    progress(what)
    await fleets.begin(expected)
    const sampling = sampled ? await sample() : undefined
    const before = cpuTime()
    const clock = await fleets.clock(seconds, sampled)
    const servers = cpuTime(before)
    const parts = { servers: (await sampling?.end()) ?? {}, phones: clock.parts }
    const counted = await fleets.end()
    expected = Math.max(expected, counted.downloads / clock.seconds)
    return { ...counted, seconds: clock.seconds, servers, phones: clock.cpu, parts }
  }

  const keys: KeyGeneration[] = []
  const done: Round[] = []
  for (let number = 1; number <= rounds; number++) {
    progress(`round ${number} of ${rounds}: key pairs`)
    keys.push(await generateKeys(parallel, seconds))
    done.push(await round(`round ${number} of ${rounds}: downloads`, false))
  }
  const sampled = await round('once more, to see who is at work', true)
  return figuresOf(parallel, keys, done, sampled)
}

const cpuOf = ({ servers, phones }: Round): number => servers.thread + servers.others + phones.thread + phones.others

function figuresOf(
  parallel: number,
  keys: readonly KeyGeneration[],
  rounds: readonly Round[],
  sampled: Round & { parts: DownloadFigures['parts'] },
): DownloadFigures {
  const here = machine()
  const rates = rounds.map(({ downloads, seconds }) => downloads / seconds)
  const each = (cpu: (round: Round) => number): number => median(rounds.map((round) => cpu(round) / round.downloads))
  const failures: Record<string, number> = {}
  for (const failure of rounds.flatMap((round) => round.failures)) failures[failure] = (failures[failure] ?? 0) + 1
  const milliseconds = rounds.flatMap((round) => round.milliseconds)
  const eachPart = (parts: Parts): Parts =>
    Object.fromEntries(
      Object.entries(parts)
        .map(([name, value]) => [name, value / sampled.downloads] as const)
        .toSorted(([, one], [, other]) => other - one),
    )
  return {
    machine: here,
    parallel,
    rounds: rounds.length,
    downloads: milliseconds.length,
    failures,
    downloadsPerSecond: spreadOf(rates),
    keysPerSecond: spreadOf(keys.map(({ perSecond }) => perSecond)),
    ratio: spreadOf(rates.map((rate, at) => rate / (keys[at]?.perSecond ?? 1))),
    secondsOfOne: { median: median(milliseconds) / 1000, p95: quantile(milliseconds, 0.95) / 1000 },
    cpu: {
      servers: { thread: each(({ servers }) => servers.thread), others: each(({ servers }) => servers.others) },
      phones: { thread: each(({ phones }) => phones.thread), others: each(({ phones }) => phones.others) },
      keyGeneration: median(keys.map((one) => one.milliseconds)),
      keyShare: spreadOf(rounds.map((round, at) => ((keys[at]?.milliseconds ?? 0) * round.downloads) / cpuOf(round))),
      busy: median(rounds.map((round) => cpuOf(round) / (round.seconds * 1000 * here.processors))),
    },
    parts: { servers: eachPart(sampled.parts.servers), phones: eachPart(sampled.parts.phones) },
  }
}
