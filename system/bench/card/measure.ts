/** Commands per second of one SIM, each case beside its limit, in turn; and how many SIMs a gibibyte holds. */
import { isSuccess, parseResponseApdu } from '@mobile-jpki/iso7816'
import { memoryNvm } from '@mobile-jpki/nvm'
import { Refusal } from '@mobile-jpki/refusal'
import { openSim } from '@mobile-jpki/sim'
import { openSimIn } from '../../town/cards/sims.ts'
import { type Machine, machine, type Spread, spreadOf } from '../figures.ts'
import { type Case, casesFor } from './cases.ts'
import type { Limit } from './limits.ts'
import { type MemoryFigures, measureMemory } from './memory.ts'
import { downloadedSim } from './sim.ts'

export interface CaseFigures {
  readonly name: string
  readonly commandsPerSecond: Spread
  readonly limit: { readonly name: string; readonly perSecond: Spread }
  readonly ratio: Spread
}

export interface CardFigures {
  readonly machine: Machine
  readonly cases: readonly CaseFigures[]
  readonly memory: MemoryFigures
}

export interface CardSettings {
  /** For each case, and for its limit. */
  readonly seconds: number
  readonly progress: (what: string) => void
}

const rounds = 5
const batch = 64

/** In that folder, which is empty. */
export async function measureCard(data: string, { seconds, progress }: CardSettings): Promise<CardFigures> {
  const sim = await downloadedSim(data, progress)
  const file = await openSimIn(sim.directory)
  const inMemory = () => openSim({ nvm: memoryNvm({ image: new Map(sim.image) }) })
  const figures: CaseFigures[] = []
  for (const one of await casesFor(sim, { inMemory, inFile: file.card })) {
    progress(one.name)
    figures.push(await measureCase(one, seconds / rounds))
    one.limit.close?.()
  }
  file.close()
  progress('many cards, to see what each takes')
  return { machine: machine(), cases: figures, memory: await measureMemory(sim) }
}

async function measureCase(one: Case, seconds: number): Promise<CaseFigures> {
  const [commands, limits]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    commands.push(await commandsPerSecond(one, seconds))
    limits.push(limitPerSecond(one.limit, seconds))
  }
  return {
    name: one.name,
    commandsPerSecond: spreadOf(commands),
    limit: { name: one.limit.name, perSecond: spreadOf(limits) },
    ratio: spreadOf(commands.map((rate, round) => rate / (limits[round] ?? 1))),
  }
}

/** The clock stands still while the commands are made and the last answer is looked at. */
async function commandsPerSecond({ name, card, commands }: Case, seconds: number): Promise<number> {
  let [count, milliseconds] = [0, 0]
  while (milliseconds < seconds * 1000) {
    const ready = commands(batch)
    let answer = new Uint8Array()
    const start = performance.now()
    for (const command of ready) answer = new Uint8Array(await card.transmit(command))
    milliseconds += performance.now() - start
    count += ready.length
    const { sw } = parseResponseApdu(answer)
    if (!isSuccess(sw)) throw new Refusal('card.refused', `${name}: ${sw.toString(16)}.`, { whose: 'sim' })
  }
  return (count * 1000) / milliseconds
}

function limitPerSecond({ run }: Limit, seconds: number): number {
  const start = performance.now()
  let count = 0
  while (performance.now() - start < seconds * 1000) {
    for (let at = 0; at < batch; at++) run()
    count += batch
  }
  return (count * 1000) / (performance.now() - start)
}
