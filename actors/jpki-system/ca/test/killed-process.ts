/** A process that runs a ceremony and is killed with SIGKILL at a named point: node killed-process.ts CONFIGURATION.json FILE POINT. */
import { readFile } from 'node:fs/promises'
import { openForCeremony, readPapers, runCeremony, writeRecord } from '../ceremony/index.ts'
import type { CeremonyWorld } from '../ceremony/run.ts'

export type Point = 'begun' | 'one key made' | 'all keys made' | 'finished' | 'never'

/** `process.kill` returns before the signal ends us: nothing may be done meanwhile. */
const die = (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => {})
}

function dyingAt(point: string, world: CeremonyWorld): CeremonyWorld {
  const { keys, register } = world
  let [made, transactions] = [0, 0]
  return {
    ...world,
    keys: {
      ...keys,
      signer: async (name, kind) => {
        if (point === 'begun') return die()
        const signer = await keys.signer(name, kind)
        made += 1
        return point === 'one key made' && made === 1 ? die() : signer
      },
    },
    register: {
      ...register,
      atomically: async (work) => {
        transactions += 1
        if (point === 'all keys made' && transactions === 2) return die()
        const result = await register.atomically(work)
        return point === 'finished' && transactions === 2 ? die() : result
      },
    },
  }
}

if (import.meta.main) {
  const [configuration = '', file = '', point = ''] = process.argv.slice(2)
  const world = await openForCeremony(JSON.parse(await readFile(configuration, 'utf8')))
  const { ceremony, approvals } = await readPapers(file)
  const signatures = approvals.map(({ signature }) => signature)
  await writeRecord(file, await runCeremony(dyingAt(point, world), ceremony, signatures, { actor: 'operator' }))
  await world.close()
}
