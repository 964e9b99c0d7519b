/** Work kept going so many times at once, so that a machine is as busy as it gets, and counted while a clock runs. */
export interface Load {
  /** How many times the work has been done so far. */
  readonly done: number
  /** Resolves when it has been done `count` times more, or no work is left. */
  after(count: number): Promise<void>
  /** Resolves when somebody asked for work and there was none: from then on fewer go at once. */
  readonly exhausted: Promise<void>
  /** No more is begun; resolves when all that was begun is over. */
  stop(): Promise<void>
}

/** `next` gives one piece of work after the other; undefined says that none is left. */
export function keepGoing(parallel: number, next: () => (() => Promise<void>) | undefined): Load {
  let done = 0
  let stopped = false
  const exhausted = Promise.withResolvers<void>()
  const watchers = new Set<() => void>()

  const worker = async () => {
    while (!stopped) {
      const work = next()
      if (work === undefined) return exhausted.resolve()
      await work()
      done += 1
      for (const look of watchers) look()
    }
  }
  const workers = Promise.all(Array.from({ length: parallel }, worker))
  workers.catch(exhausted.reject)
  return {
    get done() {
      return done
    },
    exhausted: exhausted.promise,
    after: async (count) => {
      const goal = done + count
      const reached = Promise.withResolvers<void>()
      const look = () => {
        if (done >= goal) reached.resolve()
      }
      watchers.add(look)
      await Promise.race([reached.promise, exhausted.promise])
      watchers.delete(look)
    },
    stop: async () => {
      stopped = true
      await workers
    },
  }
}

export const pause = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000))
