/**
 * Downloads under way and over. Those that begin together end together, and a clock that counts whole ones would count a crowd
 * or none; so a download that the clock cuts, at its beginning or at its end, counts by the share of its time on the clock.
 */
export interface Flight {
  readonly start: number
  readonly end: number
  readonly failure?: string | undefined
}

export interface Window {
  readonly from: number
  readonly to: number
}

/** From 0 to 1. */
export function shareIn({ from, to }: Window, { start, end }: Flight): number {
  const within = Math.min(end, to) - Math.max(start, from)
  if (within < 0) return 0
  return end === start ? 1 : within / (end - start)
}

export interface Flights {
  fly(work: () => Promise<void>): Promise<void>
  /** Waits for what is under way now, then tells of all that was over since `from`. */
  landedSince(from: number): Promise<readonly Flight[]>
}

export function flights(now: () => number, reasonOf: (error: unknown) => string): Flights {
  const underWay = new Set<Promise<void>>()
  let landed: Flight[] = []
  return {
    fly: (work) => {
      const start = now()
      const flight = work()
        .then(() => undefined, reasonOf)
        .then((failure) => void landed.push({ start, end: now(), failure }))
        .finally(() => underWay.delete(flight))
      underWay.add(flight)
      return flight
    },
    landedSince: async (from) => {
      await Promise.all(underWay)
      landed = landed.filter(({ end }) => end >= from)
      return landed
    },
  }
}
