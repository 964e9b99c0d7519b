/** Numbers that look random and are the same for the same seed: mulberry32, in the public domain. */

export interface Chance {
  /** From 0 up to, and not including, `below`. */
  below(below: number): number
  /** One of them; undefined when there is none. */
  of<T>(items: readonly T[]): T | undefined
}

export function chanceOf(seed: number): Chance {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (bound: number): number => Math.floor(next() * bound)
  return { below, of: (items) => items[below(items.length)] }
}
