/**
 * A line of a carrier: its number, the SIM it is on, and the people it belongs to. Study item (5)②.
 *
 *   inService ⇄ suspended        either → ended
 */
import { Refusal } from '@mobile-jpki/refusal'
import { type Device, lineStates } from '../contract.ts'
import type { Page } from './sim.ts'

export { lineStates }
export type LineState = (typeof lineStates)[number]

export const lineEvents = ['suspend', 'resume', 'end'] as const
export type LineEvent = (typeof lineEvents)[number]

export const lineTransitions: Readonly<Record<LineState, Partial<Record<LineEvent, LineState>>>> = {
  inService: { suspend: 'suspended', end: 'ended' },
  suspended: { resume: 'inService', end: 'ended' },
  ended: {},
}

export interface Subscription {
  readonly carrier: string
  readonly msisdn: string
  readonly iccid: string
  /** The one who has the contract (契約者). */
  readonly subscriber: string
  /** The registered user (利用者), where it is somebody else: a child, an employee. */
  readonly user?: string
  readonly state: LineState
  /** The phone that the network saw the SIM in, once it changed. */
  readonly device?: Device
}

export interface Subscriptions {
  find(carrier: string, msisdn: string): Promise<Subscription | undefined>
  /** Under every carrier here that has, or had, the number. */
  ofNumber(msisdn: string): Promise<readonly Subscription[]>
  /** The line that a SIM carries now; the last one, where it carries none. */
  ofSim(iccid: string): Promise<Subscription | undefined>
  save(subscription: Subscription): Promise<void>
  /** The number was given up for another one: it is not a line any more. */
  remove(carrier: string, msisdn: string): Promise<void>
  /** By number, behind `after`. */
  list(page: Page): Promise<readonly Subscription[]>
  count(carrier: string): Promise<number>
}

export function lineAfter(event: LineEvent, line: Subscription): Subscription {
  const state = lineTransitions[line.state][event]
  if (state === undefined)
    throw new Refusal('conditions.not-satisfied', `The line ${line.msisdn} is ${line.state}: ${event} is not possible.`)
  return { ...line, state }
}

/** Names as people type them: width (Unicode NFKC) and spacing say nothing about who it is. */
const plainName = (name: string): string => name.normalize('NFKC').replace(/\s+/gu, '').toLowerCase()

export const belongsTo = ({ subscriber, user }: Subscription, applicant: string): boolean =>
  [subscriber, ...(user === undefined ? [] : [user])].some((name) => plainName(name) === plainName(applicant))
