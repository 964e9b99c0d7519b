/** Runs from a seed: card after card, action after action, until so many commands were sent or something does not hold. */
import type { Action } from './actions.ts'
import type { Base } from './base.ts'
import { chanceOf } from './chance.ts'
import { generatorOf } from './generate.ts'
import type { ViolationKind } from './judge.ts'
import { type Passed, smallest, violationIn } from './smallest.ts'
import { type Counted, type OpenCard, type Watch, type World, worldOf } from './world.ts'

/** One card lives so many commands. */
const life = 20_000

export interface Failure {
  readonly kind: ViolationKind
  readonly words: string
  /** Which card of the run, counted from 0, and which command of it. */
  readonly card: number
  readonly command: number
  /** As few actions as still do it, and what passes then. */
  readonly actions: readonly Action[]
  readonly passed: readonly Passed[]
}

export interface Totals {
  commands: number
  cards: number
  opened: number
  changes: number
  slowest: number
  readonly statusWords: Map<number, number>
}

export interface Settings {
  readonly seed: number
  readonly count: number
  readonly base: Base
  /** Before each command. */
  readonly before?: (sent: Uint8Array) => void
  readonly onProgress?: (totals: Totals) => void
  readonly openCard?: OpenCard
}

export interface Report {
  readonly totals: Totals
  readonly failure?: Failure
}

/** The chance of a card and its host; that of the generator is another. */
const seedOf = (seed: number, card: number) => Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(card, 0xc2b2ae35)

export async function fuzz({ seed, count, base, before, onProgress, openCard }: Settings): Promise<Report> {
  const totals: Totals = { commands: 0, cards: 0, opened: 0, changes: 0, slowest: 0, statusWords: new Map() }
  while (totals.commands < count) {
    const card = totals.cards++
    const newWorld = (watch: Watch): World =>
      worldOf(base, seedOf(seed, card), { ...watch, ...(before && { before }) }, openCard)
    const world = newWorld({})
    const generator = generatorOf(chanceOf(seed + card), base)
    const done: Action[] = []
    const limit = Math.min(life, count - totals.commands)
    const violation = await violationIn(async () => {
      while (world.counted.commands < limit && !world.isUseless) {
        const action = generator.next(world)
        done.push(action)
        await world.perform(action)
        if (done.length % 200 === 0) onProgress?.(sum(totals, world.counted))
      }
    })
    add(totals, world.counted)
    if (violation === undefined) continue
    const { kind, message: words } = violation
    const found = { kind, words, card, command: world.counted.commands }
    return { totals, failure: { ...found, ...(await smallest(newWorld, done, kind)) } }
  }
  onProgress?.(totals)
  return { totals }
}

function add(totals: Totals, { commands, opened, changes, slowest, statusWords }: Counted): void {
  totals.commands += commands
  totals.opened += opened
  totals.changes += changes
  totals.slowest = Math.max(totals.slowest, slowest)
  for (const [sw, times] of statusWords) totals.statusWords.set(sw, (totals.statusWords.get(sw) ?? 0) + times)
}

function sum(totals: Totals, counted: Counted): Totals {
  const both = { ...totals, statusWords: new Map(totals.statusWords) }
  add(both, counted)
  return both
}
