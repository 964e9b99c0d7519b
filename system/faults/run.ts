/** Every message and every command of a download, by each fault: as many downloads, each of somebody new, in one town. */
import type { PoweredNewcomer, Wanted } from './newcomers.ts'
import { type PowerFault, powerFaults } from './power.ts'
import { type Outcome, tryToDownload } from './trial.ts'
import { badWeather, type Message, type MessageFault, messageFaults, type Weather } from './weather.ts'

export const faults = [...messageFaults, ...powerFaults] as const
export type Fault = MessageFault | PowerFault

export interface Trial extends Outcome, Wanted {
  readonly fault: Fault
  readonly number: number
  /** What suffered; undefined when the download was over before it came. */
  readonly suffered: Message | { readonly what: string } | undefined
}

export interface FaultSettings {
  readonly wanted: readonly Wanted[]
  readonly faults: readonly Fault[]
  /** With 0.1, a tenth of all messages × faults, drawn by the seed. */
  readonly share: number
  readonly seed: number
  readonly progress: (done: number, all: number, trial: Trial) => void
  readonly stop: AbortSignal
}

export interface FaultReport {
  /** Of downloads in good weather. */
  readonly messages: number
  readonly commands: number
  readonly trials: readonly Trial[]
}

export async function tryFaults(
  newcomer: (wanted: Wanted) => Promise<PoweredNewcomer>,
  { wanted: kinds, faults: chosen, share, seed, progress, stop }: FaultSettings,
): Promise<FaultReport> {
  const weather = badWeather()
  const trials: Trial[] = []
  const sums = { messages: 0, commands: 0 }
  try {
    const plans: Plan[] = []
    for (const wanted of kinds) {
      const calm = await newcomer(wanted)
      weather.forecast()
      calm.power.forecast(undefined)
      await calm.download()
      const [messages, commands] = [weather.passed.length, calm.power.commands.length]
      await calm.close()
      sums.messages += messages
      sums.commands += commands
      for (const fault of chosen) {
        const count = isOfPower(fault) ? commands : messages
        for (let number = 0; number < count; number++) plans.push({ ...wanted, fault, number })
      }
    }
    const picked = plans.filter((_, index) => isPicked(index, seed, share))
    for (const plan of picked) {
      if (stop.aborted) break
      const trial = await tryOne(weather, await newcomer(plan), plan)
      trials.push(trial)
      progress(trials.length, picked.length, trial)
    }
    return { ...sums, trials }
  } finally {
    weather.clear()
  }
}

type Plan = Wanted & { readonly fault: Fault; readonly number: number }

const isOfPower = (fault: Fault): fault is PowerFault => (powerFaults as readonly Fault[]).includes(fault)

async function tryOne(weather: Weather, somebody: PoweredNewcomer, plan: Plan): Promise<Trial> {
  const { fault, number } = plan
  const { power } = somebody
  let isBack: Promise<void> = Promise.resolve()
  const goesOff = () => {
    // Not within the command: who carries it must be able to come to its end.
    isBack = new Promise((resolve) => setImmediate(resolve)).then(() => somebody.switchOffAndOn())
  }
  if (isOfPower(fault)) {
    weather.forecast()
    power.forecast({ number, fault }, goesOff)
  } else {
    power.forecast(undefined)
    weather.forecast({ number, fault })
  }
  let suffered: Trial['suffered']
  const clear = () => {
    const what = power.commands[number]
    suffered ??= isOfPower(fault) ? (what === undefined ? undefined : { what }) : weather.passed[number]
    weather.forecast()
    power.forecast(undefined)
  }
  const download = async () => {
    await isBack
    await somebody.download()
    clear()
  }
  try {
    return { ...plan, ...(await tryToDownload({ ...somebody, download })), suffered }
  } finally {
    clear()
    await isBack
    await somebody.close()
  }
}

/** The same for the same seed: a draw by hashing, so that neighbours are drawn independently. */
function isPicked(index: number, seed: number, share: number): boolean {
  let hash = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  hash = Math.imul(hash ^ (hash >>> 13), 0x297a2d39)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32 < share
}
