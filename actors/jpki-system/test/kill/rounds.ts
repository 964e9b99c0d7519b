/** Round after round: everything is asked for at once, processes are killed, started again, and looked into. */
import { setTimeout } from 'node:timers/promises'
import type { Store } from '@mobile-jpki/store'
import type { Tables } from '../../store/index.ts'
import { type Chance, chanceOf } from './chance.ts'
import type { Installation, Process } from './installation.ts'
import { chainFlaws, journalFlaws } from './journal-checks.ts'
import { type Ledger, newLedger } from './ledger.ts'
import { type Load, load } from './load.ts'
import { registerFlaws } from './register-checks.ts'
import { toldFlaws } from './told-checks.ts'

export interface Trial {
  readonly rounds: number
  readonly seed: number
  readonly clients?: number
  /** Told what was tried. */
  readonly tell: (line: string) => void
}

export interface Outcome {
  readonly ledger: Ledger
  readonly kills: number
  /** Empty when all held. */
  readonly flaws: readonly string[]
}

export async function killed(
  { authorities, node, dataDirectory, open }: Installation,
  { rounds, seed, clients = 10, tell }: Trial,
): Promise<Outcome> {
  const chance = chanceOf(seed)
  const ledger = newLedger()
  const work = load(authorities, chance, ledger)
  const processes: readonly Process[] = [...authorities, node]
  let kills = 0
  await start(processes)
  const store = await open()
  try {
    for (let round = 1; round <= rounds; round++) {
      kills += await underLoad(processes, work, ledger, chance, clients)
      kills += await restarted(processes, chance)
      await work.settle()
      await quiet(store)
      const flaws = [...ledger.broken, ...(await lookedInto(store, ledger, processes))]
      flaws.push(...(await chainFlaws(store.db, dataDirectory)))
      tell(
        `round ${round} of ${rounds}, seed ${seed}: ${toldIn(ledger)} acts told, ${ledger.certificates.size} certificates, ${kills} kills` +
          (flaws.length > 0 ? `, ${flaws.length} flaws` : ''),
      )
      for (const flaw of flaws) tell(flaw)
      if (flaws.length > 0) return { ledger, kills, flaws: [...flaws, ...processes.map((one) => one.said())] }
    }
    return { ledger, kills, flaws: [] }
  } catch (error) {
    tell(`after ${kills} kills: ${error}`)
    throw error
  } finally {
    await store.close()
  }
}

const toldIn = ({ told }: Ledger): number => Object.values(told).reduce((sum, count) => sum + count, 0)

/** Acts until somebody is killed, unless so many milliseconds were over before. */
const fewestActs = 10
const mostActs = 80
const longestRound = 15_000

/** Some of the processes, or all, at a moment that nobody chose. The others go on for a while. */
async function underLoad(
  processes: readonly Process[],
  work: Load,
  ledger: Ledger,
  chance: Chance,
  clients: number,
): Promise<number> {
  const ending = new AbortController()
  const running = work.run(clients, ending.signal)
  const before = toldIn(ledger)
  const acts = fewestActs + chance.below(mostActs - fewestActs)
  for (let waited = 0; waited < longestRound && toldIn(ledger) < before + acts; waited += 10) await setTimeout(10)
  await setTimeout(chance.below(50))
  const victims = processes.filter((_, index) => index === 0 || chance.below(2) === 0)
  await Promise.all(victims.map((one) => one.kill()))
  if (victims.length < processes.length) await setTimeout(chance.below(500))
  ending.abort()
  await running
  return victims.length
}

/** Now and then the one that starts is killed too, before it is up or just after. */
async function restarted(processes: readonly Process[], chance: Chance): Promise<number> {
  let kills = 0
  for (const one of processes)
    if (!one.isUp() && chance.below(3) === 0) {
      const starting = one.start()
      await setTimeout(chance.below(2500))
      await one.kill()
      await starting
      kills++
    }
  await start(processes)
  return kills
}

async function start(processes: readonly Process[]): Promise<void> {
  await Promise.all(
    processes.map(async (one) => {
      if (one.isUp()) return
      await one.start()
      if (!one.isUp()) throw new Error(`${one.name} does not start: ${one.said()}`)
    }),
  )
}

/** Until no list has anything to say any more. */
async function quiet({ db }: Store<Tables>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const left = await db
      .selectFrom('certificate_status')
      .select('unlisted')
      .where('unlisted', 'is not', null)
      .limit(1)
      .execute()
    if (left.length === 0) return
    await setTimeout(100)
  }
  throw new Error('lists are due that nobody makes')
}

async function lookedInto({ db }: Store<Tables>, ledger: Ledger, processes: readonly Process[]) {
  const flaws = [...(await registerFlaws(db)), ...(await journalFlaws(db))]
  for (const one of processes) flaws.push(...(await toldFlaws(db, ledger, one)))
  return flaws
}
