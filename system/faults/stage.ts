/** A town for faults: its short messages, and, where its servers are to be killed, those in processes of their own. */
import { mkdir } from 'node:fs/promises'
import type { Bearer } from '../bench/matrix/cells.ts'
import { carriers } from '../carriers/carriers.ts'
import { freePortBase, portsFrom } from '../town/layout.ts'
import { startTown } from '../town/town.ts'
import { mortalsIn } from './mortals.ts'
import { newcomerIn } from './newcomers.ts'
import type { Stage } from './run.ts'
import { airAbove } from './short-messages.ts'

export interface StageSettings {
  readonly data: string
  readonly bearer: Bearer
  readonly isMortal: boolean
  readonly progress: (what: string) => void
}

export async function openStage({ data, bearer, isMortal, progress }: StageSettings): Promise<Stage & AsyncDisposable> {
  await mkdir(data, { recursive: true })
  const air = airAbove()
  const { starters, kill } = mortalsIn(data)
  const town = await startTown({
    data,
    ports: portsFrom(await freePortBase()),
    progress,
    disturbance: air.disturbance,
    bearers: Object.fromEntries(Object.keys(carriers).map((carrier) => [carrier, bearer])),
    ...(isMortal && { starters }),
  })
  return {
    newcomer: (wanted) => newcomerIn(town, wanted),
    air,
    kill,
    [Symbol.asyncDispose]: () => town.close(),
  }
}
