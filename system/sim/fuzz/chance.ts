/** Chance that can be had again: the same numbers for the same seed, everywhere (mulberry32). */
export interface Chance {
  /** 0 and above, below 1. */
  real(): number
  /** 0 and above, below `limit`. */
  below(limit: number): number
  happens(probability: number): boolean
  octets(length: number): Uint8Array
  pick<T>(list: readonly [T, ...T[]] | readonly T[]): T
}

export function chanceOf(seed: number): Chance {
  let state = seed | 0
  const real = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(real() * limit)
  return {
    real,
    below,
    happens: (probability) => real() < probability,
    octets: (length) => Uint8Array.from({ length }, () => below(256)),
    pick: (list) => {
      const found = list[below(list.length)]
      if (found === undefined) throw new RangeError('nothing to pick from')
      return found
    },
  }
}
