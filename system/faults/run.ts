/** Every message and every command of an act, by each fault: as many acts, each of somebody new, in one town. */
import { type KillFault, killFaults } from './mortals.ts'
import type { PoweredNewcomer, Wanted } from './newcomers.ts'
import { type PowerFault, powerFaults } from './power.ts'
import { type Air, type ShortMessageFault, shortMessageFaults } from './short-messages.ts'
import { type Outcome, tryToEnd } from './trial.ts'
import { badWeather, type MessageFault, messageFaults, type Weather } from './weather.ts'

export const faults = [...messageFaults, ...powerFaults, ...shortMessageFaults, ...killFaults] as const
export type Fault = MessageFault | PowerFault | ShortMessageFault | KillFault

interface Plan extends Wanted {
  readonly fault: Fault
  readonly number: number
}

export interface Trial extends Outcome, Plan {
  /** The message or command; undefined when the act was over before it came. */
  readonly suffered: string | undefined
  /** Where it stands, should it hang. */
  readonly last: string | undefined
}

export interface FaultSettings {
  readonly wanted: readonly Wanted[]
  readonly faults: readonly Fault[]
  /** With 0.1, a tenth of all messages and commands × faults, drawn by the seed. */
  readonly share: number
  readonly seed: number
  readonly progress: (done: number, all: number, trial: Trial) => void
  /** Aborted: no further trial is begun. */
  readonly signal?: AbortSignal
}

/** A town with its weather. */
export interface Stage {
  newcomer(wanted: Wanted): Promise<PoweredNewcomer>
  readonly air: Air
  kill(fault: KillFault): Promise<void>
}

export interface FaultReport {
  /** Of acts without a fault: messages by HTTP, commands to the SIM, short messages. */
  readonly calm: Counts
  /** Trials that were drawn; fewer have been made when they were stopped. */
  readonly drawn: number
  readonly trials: readonly Trial[]
}

interface Counts {
  readonly messages: number
  readonly commands: number
  readonly shortMessages: number
}

export async function tryFaults(stage: Stage, settings: FaultSettings): Promise<FaultReport> {
  const { wanted: kinds, faults: chosen, share, seed, progress, signal } = settings
  const weather = badWeather()
  const trials: Trial[] = []
  const calm = { messages: 0, commands: 0, shortMessages: 0 }
  try {
    const plans: Plan[] = []
    for (const wanted of kinds) {
      const counts = await inCalm(stage, weather, wanted)
      for (const name of ['messages', 'commands', 'shortMessages'] as const) calm[name] += counts[name]
      for (const fault of chosen)
        for (let number = 0; number < placesFor(fault, counts); number++) plans.push({ ...wanted, fault, number })
    }
    const picked = drawn(plans, seed, share)
    for (const plan of picked) {
      if (signal?.aborted) break
      trials.push(await tryOne(stage, weather, plan))
      progress(trials.length, picked.length, trials.at(-1) as Trial)
    }
    return { calm, drawn: picked.length, trials }
  } finally {
    weather.clear()
  }
}

async function inCalm({ newcomer, air }: Stage, weather: Weather, wanted: Wanted): Promise<Counts> {
  const somebody = await newcomer(wanted)
  await somebody.prepare()
  weather.forecast()
  air.forecast()
  somebody.power.forecast(undefined)
  await somebody.act()
  const counts = {
    messages: weather.passed.length,
    commands: somebody.power.commands.length,
    shortMessages: air.passed.length,
  }
  await somebody.close()
  return counts
}

const isOf = <Name extends Fault>(names: readonly Name[], fault: Fault): fault is Name =>
  (names as readonly Fault[]).includes(fault)

const placesFor = (fault: Fault, { messages, commands, shortMessages }: Counts): number =>
  isOf(powerFaults, fault) ? commands : isOf(shortMessageFaults, fault) ? shortMessages : messages

async function tryOne({ newcomer, air, kill }: Stage, weather: Weather, plan: Plan): Promise<Trial> {
  const somebody = await newcomer(plan)
  const { power } = somebody
  const { fault, number } = plan
  await somebody.prepare()
  let isBack: Promise<void> = Promise.resolve()
  /** Not within the message or command: who carries it must be able to come to its end. */
  const struck = (act: () => Promise<void>) => () => {
    isBack = new Promise((resolve) => setImmediate(resolve)).then(act)
  }
  power.forecast(isOf(powerFaults, fault) ? { number, fault } : undefined, struck(somebody.switchOffAndOn))
  air.forecast(isOf(shortMessageFaults, fault) ? { number, fault } : undefined)
  weather.forecast(
    isOf(messageFaults, fault)
      ? { number, fault }
      : isOf(killFaults, fault)
        ? { number, strike: struck(() => kill(fault)) }
        : undefined,
  )
  let suffered: Trial['suffered']
  const clear = () => {
    const passed = isOf(powerFaults, fault)
      ? power.commands
      : isOf(shortMessageFaults, fault)
        ? air.passed
        : weather.passed.map(({ what }) => what)
    suffered ??= passed[number]
    weather.forecast()
    air.forecast()
    power.forecast(undefined)
  }
  const act = async () => {
    await isBack
    await somebody.act()
    clear()
  }
  try {
    const outcome = await tryToEnd({ ...somebody, act })
    const last = weather.passed.at(-1)?.what
    clear()
    return { ...plan, ...outcome, suffered, last }
  } finally {
    clear()
    await isBack
    await somebody.close()
  }
}

/** The same for the same seed, and in an order of its own, so that a run that is stopped has tried something of everything. */
const drawn = (plans: readonly Plan[], seed: number, share: number): readonly Plan[] =>
  plans
    .map((plan, index) => ({ plan, at: lot(index, seed) }))
    .filter(({ at }) => at < share)
    .toSorted((one, other) => one.at - other.at)
    .map(({ plan }) => plan)

/** From 0 to 1, by hashing, so that neighbours are drawn independently. */
function lot(index: number, seed: number): number {
  let hash = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  hash = Math.imul(hash ^ (hash >>> 13), 0x297a2d39)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
