/** A thread that fuzzes, so that another can see whether it still moves: before each command it leaves word of it in shared memory. */
import { parentPort, workerData } from 'node:worker_threads'
import { type NamedSimType, simTypes } from '../../carriers/carriers.ts'
import { makeBase } from './base.ts'
import { chanceOf } from './chance.ts'
import { fuzz } from './run.ts'
import type { Task, Word } from './watched.ts'

const pause = 250

async function work({ seed, count, simType: name, shared }: Task): Promise<void> {
  const numbers = new Int32Array(shared, 0, 2)
  const octets = new Uint8Array(shared, 8)
  const chance = chanceOf(seed)
  const base = await makeBase(simTypeOf(name), (length) => chance.octets(length))
  let told = 0
  const report = await fuzz({
    seed,
    count,
    base,
    before: (sent) => {
      Atomics.add(numbers, 0, 1)
      numbers[1] = sent.length
      octets.set(sent.subarray(0, octets.length))
    },
    onProgress: (progress) => {
      const now = performance.now()
      if (now - told < pause) return
      told = now
      say({ progress })
    },
  })
  say({ report })
}

const say = (word: Word): void => parentPort?.postMessage(word)

function simTypeOf(name: string): NamedSimType {
  const found = simTypes.find((one) => one.name === name)
  if (found === undefined) throw new TypeError(`${name} is no SIM type`)
  return found
}

await work(workerData)
