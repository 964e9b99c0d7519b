/** A carrier whose SIMs SP-TSM reaches by itself after ⑬. */
import { setTimeout } from 'node:timers/promises'
import { Refusal } from '@mobile-jpki/refusal'
import { Abandoned } from '@mobile-jpki/seram'
import type { Order } from '../domain/order.ts'
import type { Deployment, OverTheAir } from '../domain/world.ts'
import { type ConversationWorld, conversationWith } from './element.ts'

export const overTheAir = (world: ConversationWorld): OverTheAir => ({
  bearer: world.bearer,
  converse: async (order: Order, signal) =>
    conversationWith(world, { orderId: order.id, iccid: order.form.iccid }, signal),
})

/** How long a carrier that is at work is waited for, and how often it is asked. */
const patience = { milliseconds: 120_000, betweenMilliseconds: 500 } as const

/** The carrier puts the applet into the SIM by itself: until that is done, or failed, or takes too long. */
export async function deployed<D extends Deployment>(look: () => Promise<D>): Promise<D> {
  for (let waited = 0; ; waited += patience.betweenMilliseconds) {
    const deployment = await look()
    if (!isUnderWay(deployment) || waited >= patience.milliseconds) return deployment
    await setTimeout(patience.betweenMilliseconds)
  }
}

const isUnderWay = ({ state, terms }: Deployment): boolean =>
  state === 'requested' || (state === 'domainReady' && terms?.management === 'simple')

const tries = 4

/** What the network lost on the way is looked for in the card: the stage begins again. */
export async function again<T>(signal: AbortSignal, stage: () => Promise<T>): Promise<T> {
  let trouble: Refusal | undefined
  for (let left = tries; left > 0; left--) {
    try {
      return await stage()
    } catch (error) {
      if (!(error instanceof Abandoned) || signal.aborted) throw error
      trouble = new Refusal('card.absent', `The network did not carry it to its end: ${error.message}.`, {
        whose: 'mno-tsm',
      })
    }
  }
  throw trouble
}
