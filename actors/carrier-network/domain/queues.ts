/** What waits for a number, in the order of acceptance. */
import type { Message } from './message.ts'

export interface Queue {
  messages(): readonly Message[]
  push(message: Message): void
  remove(id: string): void
  /** Nothing goes out before then. */
  hold(until: Date): void
  first(now: Date): Message | undefined
  /** Resolves when `first` may answer something else, at the latest with the signal. */
  change(now: Date, signal: AbortSignal): Promise<void>
}

export interface Queues {
  of(msisdn: string): Queue
  find(id: string): Message | undefined
  all(): readonly Queue[]
}

export function queues(): Queues {
  const byNumber = new Map<string, Queue>()
  const numberOf = new Map<string, string>()
  const of = (msisdn: string): Queue => {
    const known = byNumber.get(msisdn) ?? queue(msisdn, numberOf)
    byNumber.set(msisdn, known)
    return known
  }
  return {
    of,
    find: (id) => {
      const msisdn = numberOf.get(id)
      return msisdn === undefined
        ? undefined
        : of(msisdn)
            .messages()
            .find((message) => message.id === id)
    },
    all: () => [...byNumber.values()],
  }
}

function queue(msisdn: string, numberOf: Map<string, string>): Queue {
  let messages: readonly Message[] = []
  let held: Date | undefined
  let change = Promise.withResolvers<void>()
  const changed = () => {
    change.resolve()
    change = Promise.withResolvers()
  }
  return {
    messages: () => messages,
    push: (message) => {
      messages = [...messages, message]
      numberOf.set(message.id, msisdn)
      changed()
    },
    remove: (id) => {
      messages = messages.filter((message) => message.id !== id)
      numberOf.delete(id)
      changed()
    },
    hold: (until) => {
      held = until
    },
    first: (now) => (held !== undefined && held > now ? undefined : messages[0]),
    change: async (now, signal) => {
      const pause = held === undefined || held <= now ? undefined : held.getTime() - now.getTime()
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = pause === undefined ? undefined : setTimeout(resolve, pause)
      signal.addEventListener('abort', () => resolve(), { once: true })
      await Promise.race([change.promise, promise])
      clearTimeout(timer)
    },
  }
}
