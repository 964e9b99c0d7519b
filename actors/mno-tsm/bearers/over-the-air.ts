/**
 * The way to a SIM without its phone's agent: short messages (SCP80) or HTTP from the SIM itself (SCP81). A stage does not see which.
 *
 *     const outcome = await overTheAir(world).run({ iccid, bearer: 'scp80' }, deploymentStage(world, orderId))
 */
import { Refusal } from '@mobile-jpki/refusal'
import { Abandoned, type Outcome, type Stage } from '@mobile-jpki/seram'
import { type AirLink, type LinksWorld, openLink } from './air-link.ts'
import type { AirBearer } from './world.ts'

export interface Run {
  readonly iccid: string
  readonly bearer: AirBearer
}

export interface OverTheAir {
  /**
   * Runs the stage with that SIM, which nobody else reaches meanwhile. What the network loses is sent again; where that could do
   * something twice, the stage begins again. Rejects with the stage's Refusal, or with `card.absent` when the SIM stays silent.
   */
  run(run: Run, stage: Stage): Promise<Outcome>
  /** The SIM for as long as it takes. */
  open(run: Run): Promise<AirLink>
  /** Lets go of every SIM. */
  close(): Promise<void>
}

export function overTheAir(world: LinksWorld): OverTheAir {
  const links = new Set<AirLink>()
  let closed = false

  const open = async ({ iccid, bearer }: Run): Promise<AirLink> => {
    if (closed) throw new Abandoned('the TSM closes')
    const link = await openLink(world, iccid, bearer)
    const held: AirLink = {
      element: link.element,
      close: async () => {
        if (links.delete(held)) await link.close()
      },
    }
    links.add(held)
    return held
  }

  const once = async (run: Run, stage: Stage): Promise<Outcome | Abandoned> => {
    const link = await open(run)
    try {
      return await stage(link.element)
    } catch (error) {
      if (error instanceof Abandoned) return error
      throw error
    } finally {
      await link.close()
    }
  }

  return {
    open,
    run: async (run, stage) => {
      for (let left = world.patience.runs; left > 0; left--) {
        const outcome = await once(run, stage)
        if (!(outcome instanceof Abandoned)) return outcome
        if (closed) throw outcome
      }
      throw new Refusal('card.absent', 'The network lost what the SIM answered, again and again.', {
        whose: 'carrier-network',
      })
    },
    close: async () => {
      closed = true
      await Promise.all([...links].map((link) => link.close()))
    },
  }
}
