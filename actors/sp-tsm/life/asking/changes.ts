/** What the JPKI system did to a phone's certificate by its own rules (linkage, one phone per person): SP-TSM learns of it here. */
import { Refusal } from '@mobile-jpki/refusal'
import type { LifeEvent } from '../../contract/life.ts'
import { isPassing } from '../../domain/order.ts'
import { ask } from '../ask.ts'
import type { Life } from '../life.ts'
import type { LifeWorld, Standing } from '../world.ts'

/** Confirmed when the tasks are kept: a process that dies in between takes it up again, and the same change is the same task. */
export async function takeChanges(world: LifeWorld): Promise<number> {
  const changes = await world.register.changes()
  const taken: string[] = []
  for (const change of changes) {
    try {
      const life = await world.lives.find(change.orderId)
      const event = life === undefined ? undefined : eventOf(life, change)
      if (event !== undefined)
        await ask(world, { id: change.changeId, orderId: change.orderId, event }).catch(unlessTooLate)
      taken.push(change.changeId)
    } catch (error) {
      // Somebody wrote to that life: it waits for whoever puts it right, and the others do not.
      if (!(error instanceof Refusal) || error.code !== 'record.changed') throw error
    }
  }
  if (taken.length > 0) await world.register.confirm(taken)
  return taken.length
}

/** The life ended in the meantime. */
function unlessTooLate(error: unknown): void {
  if (!(error instanceof Refusal) || isPassing(error) || error.code === 'record.changed') throw error
}

/** undefined where SP-TSM knows: what it asked for itself comes back in this way, too. */
function eventOf(life: Life, { state, reason, successor }: Standing): LifeEvent | undefined {
  if (life.state === 'ended') return undefined
  if (state === 'held') return life.state === 'stopped' ? undefined : 'cardStopped'
  if (state !== 'revoked') return undefined
  return reason === 'superseded' && successor !== undefined ? 'replaced' : 'cardEnded'
}
