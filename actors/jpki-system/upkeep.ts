/** Work that a process does beside its requests, again and again: never twice at the same time, and after a fault at its next turn. */
export interface Upkeep {
  /** No turn begins any more; the one that runs is told, and waited for. */
  close(): Promise<void>
}

export function repeatedly(
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<unknown>,
  onFault: (error: unknown) => void,
): Upkeep {
  const stop = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const turn = async (): Promise<void> => {
    try {
      await work(stop.signal)
    } catch (error) {
      if (!stop.signal.aborted) onFault(error)
    }
    if (stop.signal.aborted) return
    timer = setTimeout(() => {
      running = turn()
    }, milliseconds)
    timer.unref()
  }
  let running = turn()
  return {
    close: () => {
      stop.abort()
      clearTimeout(timer)
      return running
    },
  }
}
