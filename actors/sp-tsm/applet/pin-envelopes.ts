/**
 * The PIN passes SP-TSM sealed: a stage waits for the envelope, the app brings it, to whichever process it reaches. On its way it lies
 * in the store, sealed once more, and is deleted there when the stage has it.
 */
import { setTimeout } from 'node:timers/promises'
import { Refusal } from '@mobile-jpki/refusal'
import { Abandoned } from '@mobile-jpki/seram'
import type { PinRelay, PinWanted } from '../domain/orders.ts'
import type { World } from '../domain/world.ts'

export type { PinWanted } from '../domain/orders.ts'

/** By the id of an order, or of whatever else waits for a PIN. */
export interface PinEnvelopes {
  /** Resolves with the envelope. Nothing is wanted any more once `signal` is aborted: the next stage makes another envelope key. */
  want(id: string, wanted: PinWanted, signal: AbortSignal): Promise<Uint8Array>
  wanted(id: string): Promise<PinWanted | undefined>
  give(id: string, envelope: Uint8Array): Promise<void>
}

/** How often a stage looks for what another process took in, and how long a process that died still seems to wait. */
const rhythm = { look: 250, seem: 10_000 } as const

export function pinEnvelopes(
  { now, newId, secrets }: Pick<World, 'now' | 'newId' | 'secrets'>,
  relay: PinRelay,
  { look, seem } = rhythm as { readonly look: number; readonly seem: number },
): PinEnvelopes {
  /** Stages of this process are woken at once. */
  const waking = new Map<string, () => void>()
  const contextOf = (id: string) => `${id}/pin-envelope`
  const soon = () => new Date(now().getTime() + seem)

  const rest = async (id: string, signal: AbortSignal) => {
    const woken = Promise.withResolvers<void>()
    waking.set(id, woken.resolve)
    const resting = new AbortController()
    const either = AbortSignal.any([signal, resting.signal])
    await Promise.race([woken.promise, setTimeout(look, undefined, { signal: either }).catch(() => undefined)])
    resting.abort()
  }

  const want = async (id: string, wanted: PinWanted, signal: AbortSignal): Promise<Uint8Array> => {
    const turn = newId()
    await relay.want(id, turn, wanted, soon())
    let known = now().getTime()
    try {
      while (!signal.aborted) {
        const sealed = await relay.collect(id, turn)
        if (sealed !== undefined) return await secrets.open(sealed, contextOf(id))
        if (now().getTime() - known > seem / 3) {
          known = now().getTime()
          if (!(await relay.stay(id, turn, soon()))) throw new Abandoned('another stage waits for the PIN')
        }
        await rest(id, signal)
      }
    } finally {
      waking.delete(id)
      await relay.forget(id, turn)
    }
    throw signal.reason instanceof Error ? signal.reason : new Abandoned('the stage is over')
  }

  return {
    want,
    wanted: (id) => relay.wanted(id, now()),
    give: async (id, envelope) => {
      if (!(await relay.give(id, await secrets.seal(envelope, contextOf(id)), now())))
        throw new Refusal('conditions.not-satisfied', 'No PIN is wanted just now.')
      waking.get(id)?.()
    },
  }
}
