/** ⑦: a pool of threads that make key pairs, with a bounded queue, a deadline, and work of less urgency for when nobody waits. */
import { Refusal } from '@mobile-jpki/refusal'
import type { KeyPair } from './key-pair.ts'
import { type Maker, thread } from './thread.ts'

export interface KeyPairs {
  /** For an order that waits for it. Whoever receives a pair overwrites its private key after use. */
  generate(): Promise<KeyPair>
}

export interface KeyPairPool extends KeyPairs {
  /** For the stock: begins when no order waits, and leaves a thread to the orders where there are several. */
  generateInIdleTime(): Promise<KeyPair>
  /** Finishes what was begun, refuses what waits, and ends the threads. */
  close(): Promise<void>
}

export interface Bounds {
  /** Threads, each of which makes one pair at a time. */
  readonly parallel: number
  /** Orders that may wait for their turn. */
  readonly waiting: number
  /** RSA key generation has a long tail: after so long the order is told to come again. No thread may take longer for one pair. */
  readonly deadlineMilliseconds: number
}

interface Job {
  readonly accept: (pair: KeyPair) => void
  readonly refuse: (error: unknown) => void
  /** Answered, or told to come again. */
  over: boolean
  /** A thread that ends takes nothing with it but the time: its job is done once more by another. */
  failures: number
}

export function keyPairPool(bounds: Bounds, hire: () => Maker = thread): KeyPairPool {
  const makers = new Set<Maker>()
  const free: Maker[] = []
  const running = new Set<Promise<void>>()
  const queue: Job[] = []
  const unhurried: Job[] = []
  const leftToOrders = Math.max(1, bounds.parallel - 1)
  let closed = false

  const oneFree = (): Maker | undefined => {
    const maker = free.pop()
    if (maker?.ended === true) {
      makers.delete(maker)
      return oneFree()
    }
    if (maker !== undefined || makers.size >= bounds.parallel) return maker
    const hired = hire()
    makers.add(hired)
    return hired
  }

  const start = (maker: Maker, job: Job) => {
    const work = run(maker, job).finally(() => {
      running.delete(work)
      next()
    })
    running.add(work)
  }

  const next = () => {
    for (;;) {
      const from = queue.length > 0 ? queue : running.size < leftToOrders ? unhurried : []
      const maker = from.length > 0 ? oneFree() : undefined
      const job = maker && from.shift()
      if (maker === undefined || job === undefined) return
      start(maker, job)
    }
  }

  const run = async (maker: Maker, job: Job) => {
    const timer = setTimeout(() => void maker.close(), bounds.deadlineMilliseconds)
    try {
      job.accept(await maker.make())
      free.push(maker)
    } catch (error) {
      makers.delete(maker)
      await maker.close()
      if (++job.failures > 1) job.refuse(error)
      else if (closed) job.refuse(closing())
      else if (!job.over) queue.unshift(job)
    } finally {
      clearTimeout(timer)
    }
  }

  const enter = (line: Job[], deadline?: number): Promise<KeyPair> => {
    if (closed) return Promise.reject(closing())
    return new Promise((resolve, reject) => {
      const end = () => {
        job.over = true
        clearTimeout(timer)
      }
      const job: Job = {
        over: false,
        failures: 0,
        accept: (pair) => {
          if (job.over) pair.privateKey.fill(0)
          else resolve(pair)
          end()
        },
        refuse: (error) => {
          reject(error)
          end()
        },
      }
      const tooLate = () => {
        const place = line.indexOf(job)
        if (place >= 0) line.splice(place, 1)
        job.refuse(new Refusal('rate.exceeded', 'No key pair could be made in time.', ours))
      }
      const timer = deadline === undefined ? undefined : setTimeout(tooLate, deadline)
      line.push(job)
      next()
    })
  }

  return {
    generate: () =>
      queue.length >= bounds.waiting
        ? Promise.reject(new Refusal('rate.exceeded', undefined, ours))
        : enter(queue, bounds.deadlineMilliseconds),
    generateInIdleTime: () => enter(unhurried),
    close: async () => {
      closed = true
      for (const job of [...queue.splice(0), ...unhurried.splice(0)]) job.refuse(closing())
      await Promise.all(running)
      await Promise.all([...makers].map((maker) => maker.close()))
    },
  }
}

const ours = { whose: 'jpki-system' } as const
const closing = () => new Refusal('rate.exceeded', 'No key pair is begun any more: the JPKI system is closing.', ours)
