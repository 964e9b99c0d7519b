/**
 * The SIM registry (study item (3)④): every SIM of the carrier, by ICCID, and how far the function has come in it.
 *
 *   known ⇄ domainCreated → appletInstalled → personalized ⇄ suspended        any → disposed
 */
import { Refusal } from '@mobile-jpki/refusal'
import type { ProfileName } from './profiles.ts'

export const simStates = ['known', 'domainCreated', 'appletInstalled', 'personalized', 'suspended', 'disposed'] as const
export type SimState = (typeof simStates)[number]

export const simEvents = [
  'createDomain',
  'installApplet',
  'personalize',
  'suspend',
  'resume',
  'clear',
  'dispose',
] as const
export type SimEvent = (typeof simEvents)[number]

/** `clear`: the SP area and all in it were deleted, so that another order may begin. */
export const simTransitions: Readonly<Record<SimState, Partial<Record<SimEvent, SimState>>>> = {
  known: { clear: 'known', createDomain: 'domainCreated', dispose: 'disposed' },
  domainCreated: { clear: 'known', installApplet: 'appletInstalled', dispose: 'disposed' },
  appletInstalled: { clear: 'known', personalize: 'personalized', dispose: 'disposed' },
  personalized: { clear: 'known', suspend: 'suspended', dispose: 'disposed' },
  suspended: { clear: 'known', resume: 'personalized', dispose: 'disposed' },
  disposed: {},
}

export interface Sim {
  readonly iccid: string
  /** Key diversification data, 10 octets, as the SIM answers them to INITIALIZE UPDATE. */
  readonly keyDiversificationData: Uint8Array
  readonly profile: ProfileName
  readonly state: SimState
  /** The order that the SP area in it serves. */
  readonly orderId?: string
}

export interface Sims {
  find(iccid: string): Promise<Sim | undefined>
  save(sim: Sim): Promise<void>
}

export function simAfter(event: SimEvent, sim: Sim): Sim {
  const state = simTransitions[sim.state][event]
  if (state === undefined)
    throw new Refusal('conditions.not-satisfied', `SIM ${sim.iccid} is ${sim.state}: ${event} is not possible.`)
  return { ...sim, state }
}
