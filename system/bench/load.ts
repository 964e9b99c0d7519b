/** Work kept going so many times at once, so that a machine is as busy as it gets. */
export interface Load {
  /** How many times the work has been done so far. */
  readonly done: number
  /** Resolves when each of those who work at once has done it once. */
  readonly steady: Promise<void>
  /** Resolves when somebody asked for work and there was none: from then on fewer go at once. */
  readonly exhausted: Promise<void>
  /** No more is begun; resolves when all that was begun is over. */
  stop(): Promise<void>
}

/** `next` gives one piece of work after the other; undefined says that none is left. The first ones begin `apart` seconds apart. */
export function keepGoing(parallel: number, next: () => (() => Promise<void>) | undefined, apart = 0): Load {
  let done = 0
  let stopped = false
  let beginners = parallel
  const steady = Promise.withResolvers<void>()
  const exhausted = Promise.withResolvers<void>()

  const worker = async (number: number) => {
    if (apart > 0) await pause(number * apart)
    for (let times = 1; !stopped; times++) {
      const work = next()
      if (work === undefined) return exhausted.resolve()
      await work()
      done += 1
      if (times === 1) beginners -= 1
      if (beginners === 0) steady.resolve()
    }
  }
  const workers = Promise.all(Array.from({ length: parallel }, (_, number) => worker(number)))
  workers.catch(exhausted.reject)
  return {
    get done() {
      return done
    },
    steady: Promise.race([steady.promise, exhausted.promise]),
    exhausted: exhausted.promise,
    stop: async () => {
      stopped = true
      await workers
    },
  }
}

export const pause = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000))
