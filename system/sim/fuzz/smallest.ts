/** Makes a failure small: the fewest actions, on a card as it was then, that fail in the same way. */
import type { Action } from './actions.ts'
import { Violation, type ViolationKind } from './judge.ts'
import type { Watch, World } from './world.ts'

export interface Passed {
  readonly sent: Uint8Array
  readonly received: Uint8Array
}

export interface Smallest {
  readonly actions: readonly Action[]
  readonly passed: readonly Passed[]
}

export async function violationIn(work: () => Promise<void>): Promise<Violation | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    if (error instanceof Violation) return error
    throw error
  }
}

type NewWorld = (watch: Watch) => World

/** The same kind of failure, by which of the actions, and what passed until then. */
async function attempt(
  newWorld: NewWorld,
  actions: readonly Action[],
  kind: ViolationKind,
): Promise<Smallest | undefined> {
  const passed: Passed[] = []
  const world = newWorld({ after: (sent, received) => passed.push({ sent, received }) })
  for (const [at, action] of actions.entries()) {
    const violation = await violationIn(() => world.perform(action))
    if (violation?.kind === kind) return { actions: actions.slice(0, at + 1), passed }
    if (violation !== undefined) return undefined
  }
  return undefined
}

const mostAttempts = 500

/** Only its end first, twice as much each time; then halves, quarters and so on are left out while it still fails. */
export async function smallest(newWorld: NewWorld, actions: readonly Action[], kind: ViolationKind): Promise<Smallest> {
  let best: Smallest = { actions, passed: [] }
  for (let length = 1; length < actions.length * 2; length *= 2) {
    const found = await attempt(newWorld, actions.slice(-length), kind)
    if (found === undefined) continue
    best = found
    break
  }
  let attempts = 0
  for (let size = Math.ceil(best.actions.length / 2); size > 0; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let at = 0; at < best.actions.length && attempts++ < mostAttempts; ) {
      const found = await attempt(newWorld, best.actions.toSpliced(at, size), kind)
      if (found === undefined) at += size
      else best = found
    }
  return best
}
