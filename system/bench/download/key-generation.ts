/** The limit of the download: each needs one RSA-2048 key pair, and nothing makes them faster than this machine's OpenSSL. */
import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { cpuTime } from '../figures.ts'
import { keepGoing, pause } from '../load.ts'

const generate = promisify(generateKeyPair)

export interface KeyGeneration {
  readonly perSecond: number
  readonly keys: number
  /** CPU milliseconds of one. */
  readonly milliseconds: number
}

/** As the JPKI system makes them, in libuv's pool of threads, with as many asked for at once as there are phones. */
export async function generateKeys(parallel: number, seconds: number): Promise<KeyGeneration> {
  const load = keepGoing(parallel, () => async () => {
    await generate('rsa', {
      modulusLength: 2048,
      publicExponent: 65537,
      publicKeyEncoding: { type: 'spki', format: 'der' },
      privateKeyEncoding: { type: 'pkcs1', format: 'der' },
    })
  })
  const [start, before] = [performance.now(), cpuTime()]
  await pause(seconds)
  // However slow the machine, a rate needs some keys.
  if (load.done < parallel) await load.steady
  const [keys, took, { thread, others }] = [load.done, performance.now() - start, cpuTime(before)]
  await load.stop()
  return { perSecond: (keys * 1000) / took, keys, milliseconds: (thread + others) / keys }
}
