/** The latest entries in memory, for whoever watches: a screen, a story, the demo. */
import type { Trace, TraceEntry } from './entry.ts'

export interface Ring extends Trace {
  /** What is still remembered, oldest first. */
  entries(): readonly TraceEntry[]
  /** Calls the listener for every entry from now on; the answer ends it. */
  subscribe(listener: (entry: TraceEntry) => void): () => void
  /** What is remembered, then everything that comes, until the signal. */
  follow(signal: AbortSignal): AsyncIterable<TraceEntry>
}

export function ring(capacity = 4096): Ring {
  const kept: TraceEntry[] = []
  const listeners = new Set<(entry: TraceEntry) => void>()

  const subscribe = (listener: (entry: TraceEntry) => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  async function* follow(signal: AbortSignal): AsyncGenerator<TraceEntry> {
    const waiting = [...kept]
    let wake = () => {}
    const unsubscribe = subscribe((entry) => {
      waiting.push(entry)
      if (waiting.length > capacity) waiting.shift()
      wake()
    })
    signal.addEventListener('abort', () => wake(), { once: true })
    try {
      while (!signal.aborted) {
        const entry = waiting.shift()
        if (entry !== undefined) yield entry
        else
          await new Promise<void>((resolve) => {
            wake = resolve
          })
      }
    } finally {
      unsubscribe()
    }
  }

  return {
    record: (entry) => {
      kept.push(entry)
      if (kept.length > capacity) kept.shift()
      for (const listener of listeners) listener(entry)
    },
    entries: () => [...kept],
    subscribe,
    follow,
  }
}
