/**
 * What each life event does: to the life, at the JPKI system, in the SIM, for the carrier's registry, and what the person is told.
 * docs/protocols/life-events.md shows the same table; a test compares.
 */
import type { LifeEvent } from '../contract/life.ts'
import type { LetterKind } from '../domain/letter.ts'
import type { LifeChange, StopCause } from './life.ts'

export type InSim = 'newPin' | 'lock' | 'unlock' | 'wipe'
export type EndReason = 'keyCompromise' | 'cessationOfOperation'

export interface Plan {
  /** Absent: whatever the life is, it stays so. */
  readonly life?: LifeChange
  /** Which causes of a stop are lifted. */
  readonly lifts?: readonly StopCause[]
  /** What the JPKI system is told; absent where it knows, or need not know. */
  readonly jpki?: 'stop' | 'resume' | EndReason
  readonly sim?: InSim
  readonly carrier?: 'suspend' | 'resume' | 'terminate'
  /** Once the JPKI system has done its part. */
  readonly letter?: LetterKind
  /** Once it is done in the SIM. */
  readonly letterAfterSim?: LetterKind
}

const stopping = { life: 'stop', jpki: 'stop', sim: 'lock', carrier: 'suspend', letter: 'stopped' } as const
const resuming = { life: 'resume', jpki: 'resume', sim: 'unlock', carrier: 'resume', letter: 'resumed' } as const
const ending = { life: 'end', sim: 'wipe', carrier: 'terminate', letter: 'ended', letterAfterSim: 'deleted' } as const

// biome-ignore format: a table, one line each
export const plans = {
  pinReset: { life: 'use', sim: 'newPin', letterAfterSim: 'pinReset' },
  rebind: { letter: 'bound' },
  stop: stopping,
  simLost: stopping,
  lineSuspended: stopping,
  /** The JPKI system put the phone's certificate on hold with the card's. */
  cardStopped: { life: 'stop', letter: 'applyAgain' },
  resume: { ...resuming, lifts: ['stop', 'simLost'] },
  simFound: { ...resuming, lifts: ['simLost'] },
  lineResumed: { ...resuming, lifts: ['lineSuspended'] },
  /** The phone is lost for good: whoever has it may know the PIN. */
  giveUp: { ...ending, jpki: 'keyCompromise' },
  dispose: { ...ending, jpki: 'cessationOfOperation' },
  simDisposed: { ...ending, jpki: 'cessationOfOperation' },
  lineEnded: { ...ending, jpki: 'cessationOfOperation' },
  /** Another download of the same person came in its place: the JPKI system superseded it with the proof of the new one. */
  replaced: { life: 'end', sim: 'wipe', carrier: 'terminate', letterAfterSim: 'deleted' },
  /** The card's certificate ended, was renewed or lost, and the phone's with it. */
  cardEnded: { life: 'end', sim: 'wipe', carrier: 'terminate', letter: 'applyAgain' },
  simRenewed: { letter: 'applyAgain' },
  numberChanged: { letter: 'numberChanged' },
  deviceChanged: { letter: 'bindAgain' },
} as const satisfies Record<LifeEvent, Plan>

export const planOf = (event: LifeEvent): Plan => plans[event]
