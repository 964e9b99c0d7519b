/** A worker thread of Node as a maker of key pairs: one at a time, until it ends. */
import { Worker } from 'node:worker_threads'
import type { KeyPair } from './key-pair.ts'

export interface Maker {
  /** Rejects when the thread ends before the pair is made. */
  make(): Promise<KeyPair>
  readonly ended: boolean
  close(): Promise<void>
}

export function thread(): Maker {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { name: 'key-pairs' })
  let ended = false
  let waiting: PromiseWithResolvers<KeyPair> | undefined
  const settle = (how: (job: PromiseWithResolvers<KeyPair>) => void) => {
    if (waiting !== undefined) how(waiting)
    waiting = undefined
    // A thread without work keeps no process alive.
    worker.unref()
  }
  const end = (cause?: unknown) => {
    ended = true
    settle(({ reject }) => reject(new Error('the thread that makes key pairs has ended', { cause })))
  }
  worker.on('message', (pair: KeyPair) => settle(({ resolve }) => resolve(pair)))
  worker.on('error', end)
  worker.on('exit', () => end())
  return {
    make: () => {
      if (ended) return Promise.reject(new Error('the thread that makes key pairs had ended'))
      waiting = Promise.withResolvers()
      worker.ref()
      worker.postMessage(undefined)
      return waiting.promise
    },
    get ended() {
      return ended
    },
    close: async () => {
      await worker.terminate()
    },
  }
}
