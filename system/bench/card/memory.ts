/** How much memory an open SIM takes, beside what it has to remember. Measured in a process that does nothing else. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '@mobile-jpki/refusal'
import { z } from 'zod'
import type { DownloadedSim } from './sim.ts'

/** Octets of one card. */
export const Taken = z.object({ open: z.number(), running: z.number() })

export interface MemoryFigures {
  /** Names and values of its non-volatile memory, in clear. */
  readonly state: number
  /** Of the process, for one more SIM with power on and nothing selected but the issuer security domain. */
  readonly open: number
  /** And for one whose JPKI applet has been used since reset. */
  readonly running: number
  readonly openPerGibibyte: number
  readonly runningPerGibibyte: number
}

const cards = 200
const gibibyte = 2 ** 30

export async function measureMemory({ directory, image }: DownloadedSim): Promise<MemoryFigures> {
  const copies = Array.from({ length: cards }, (_, number) => join(directory, 'copies', String(number)))
  for (const copy of copies)
    for (const name of ['sim.nvm', 'sim.chip-key']) await cp(join(directory, name), join(copy, name))
  const child = fork(join(import.meta.dirname, 'memory-process.ts'), { execArgv: ['--expose-gc'] })
  const gone = once(child, 'exit')
  child.send(copies)
  const told = await Promise.race([once(child, 'message'), gone.then(() => undefined)])
  if (told === undefined) throw new Refusal('peer.failed', 'The cards could not be opened.', { whose: 'system' })
  const { open, running } = Taken.parse(told[0])
  await gone
  return {
    state: [...image].reduce((sum, [name, value]) => sum + name.length + value.length, 0),
    open,
    running,
    openPerGibibyte: Math.floor(gibibyte / open),
    runningPerGibibyte: Math.floor(gibibyte / running),
  }
}
