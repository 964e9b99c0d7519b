/**
 * The SIM registry (study item (3)④): every SIM of the carriers, by ICCID, and how far the function has come in it.
 *
 *   known ⇄ domainCreated → appletInstalled ⇄ personalized ⇄ suspended        any → disposed
 */
import { iccidOctets } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import { simStates } from '../contract.ts'

export { simStates }
export type SimState = (typeof simStates)[number]

export const simEvents = [
  'createDomain',
  'installApplet',
  'personalize',
  'suspend',
  'resume',
  'wipe',
  'clear',
  'dispose',
] as const
export type SimEvent = (typeof simEvents)[number]

/** `wipe`: the applet is empty again. `clear`: the SP area and all in it were deleted, so that another order may begin. */
export const simTransitions: Readonly<Record<SimState, Partial<Record<SimEvent, SimState>>>> = {
  known: { clear: 'known', createDomain: 'domainCreated', dispose: 'disposed' },
  domainCreated: { clear: 'known', installApplet: 'appletInstalled', dispose: 'disposed' },
  appletInstalled: { clear: 'known', personalize: 'personalized', dispose: 'disposed' },
  personalized: { clear: 'known', suspend: 'suspended', wipe: 'appletInstalled', dispose: 'disposed' },
  suspended: { clear: 'known', resume: 'personalized', wipe: 'appletInstalled', dispose: 'disposed' },
  disposed: {},
}

export interface Sim {
  readonly iccid: string
  readonly carrier: string
  /** Issuer and card identification numbers in hexadecimal. GPCS §7.4.1.1. */
  readonly seId: string
  readonly imsi: string
  /** Key diversification data, 10 octets, as the SIM answers them to INITIALIZE UPDATE. */
  readonly keyDiversificationData: Uint8Array
  /** A SIM type of the carrier's. */
  readonly profile: string
  /** Of the issuer security domain's first key set. */
  readonly keyVersion: number
  readonly state: SimState
  /** The order that the SP area in it serves. */
  readonly orderId?: string
  /** The SIM that took its place. */
  readonly successor?: string
}

export interface Sims {
  find(iccid: string): Promise<Sim | undefined>
  save(sim: Sim): Promise<void>
  /** By ICCID, behind `after`; of one carrier, or of all. */
  list(page: Page): Promise<readonly Sim[]>
  count(carrier: string): Promise<number>
}

export interface Page {
  readonly carrier?: string | undefined
  readonly after?: string | undefined
  readonly atMost: number
}

export function simAfter(event: SimEvent, sim: Sim): Sim {
  const state = simTransitions[sim.state][event]
  if (state === undefined)
    throw new Refusal('conditions.not-satisfied', `SIM ${sim.iccid} is ${sim.state}: ${event} is not possible.`)
  return { ...sim, state }
}

/** Issuer and card identification numbers of a SIM of that issuer. */
export const numbersOf = (iccidPrefix: string, iccid: string) => ({
  iin: Uint8Array.fromHex(iccidPrefix),
  cin: iccidOctets(iccid),
})

/** Of the test network 001/01, with the ten digits of the ICCID before its check digit. ITU-T E.212. */
export const imsiOf = (iccid: string): string => `00101${iccid.slice(0, -1).slice(-10).padStart(10, '0')}`
