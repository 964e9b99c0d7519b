/**
 * The way to a SIM without its phone's agent: short messages (SCP80) or HTTP from the SIM itself (SCP81). A stage does not see which.
 *
 *     const outcome = await overTheAir.run({ iccid, bearer: 'scp80', step: '⑮' }, deploymentStage(world, orderId))
 */
import type { Outcome, Stage } from '@mobile-jpki/seram'
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
  close(): Promise<void>
}
