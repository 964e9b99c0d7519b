/** Starts the fleet's process and speaks with it. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Refusal } from '@mobile-jpki/refusal'
import type { Peer } from '@mobile-jpki/service/call'
import type { FleetSettings } from './fleet.ts'

export interface FleetProcess {
  readonly peer: Peer
  close(): Promise<void>
}

const longestAnswer = 60 * 60 * 1000

export async function startFleet(settings: FleetSettings): Promise<FleetProcess> {
  const child = fork(join(import.meta.dirname, 'fleet-process.ts'))
  const gone = once(child, 'exit')
  child.send(settings)
  const answer = await Promise.race([once(child, 'message'), gone.then(() => undefined)])
  const url: unknown = answer?.[0]
  if (typeof url !== 'string') throw new Refusal('peer.failed', 'The phones could not be started.', { whose: 'system' })
  return {
    peer: { url, actor: 'system', as: 'system', timeoutMilliseconds: longestAnswer },
    close: async () => {
      if (child.connected) child.disconnect()
      await gone
    },
  }
}
