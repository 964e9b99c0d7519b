/**
 * Life (利用期間): what was downloaded, from the certificate in use to its end. An order that is active has one.
 *
 *   inUse ─stop─▶ stopped ─resume─▶ inUse        inUse, stopped ─end─▶ ended
 *
 * What stops it is remembered by cause, and each cause is lifted by its own: a phone that was found does not bring back a line that is
 * out of service. It is in use while there is none.
 */
import { Refusal } from '@mobile-jpki/refusal'
import type { LifeEvent, LifeState } from '../contract/life.ts'

export const lifeChanges = ['use', 'stop', 'resume', 'end'] as const
export type LifeChange = (typeof lifeChanges)[number]

/** `use` is whatever needs a certificate in use and leaves it so. */
export const transitions: Readonly<Record<LifeState, Partial<Record<LifeChange, LifeState>>>> = {
  inUse: { use: 'inUse', stop: 'stopped', end: 'ended' },
  stopped: { stop: 'stopped', resume: 'inUse', end: 'ended' },
  ended: {},
}

export type StopCause = Extract<LifeEvent, 'stop' | 'simLost' | 'lineSuspended' | 'cardStopped'>

export interface Life {
  readonly orderId: string
  readonly state: LifeState
  readonly serialNumber: string
  readonly notAfter: Date
  readonly carrier: string
  readonly iccid: string
  readonly msisdn: string
  readonly begunAt: Date
  readonly stops: readonly StopCause[]
  readonly endedBy?: LifeEvent | 'expired'
  /** The SIM is in the phone that the person named last, as far as anybody knows. */
  readonly bound: boolean
  /** Of the password, by which a lost phone is stopped. */
  readonly wrongTries: number
  /** The next letter about the end of the certificate; at 0 days that is there. */
  readonly reminder?: { readonly at: Date; readonly days: ReminderDays }
  /** HMAC-SHA-256 of the session under which an agent may visit for this SIM. */
  readonly visit: Uint8Array
}

export const reminderDays = [90, 30, 7, 0] as const
export type ReminderDays = (typeof reminderDays)[number]

export function after(change: LifeChange, from: LifeState): LifeState {
  const to = transitions[from][change]
  if (to === undefined)
    throw new Refusal(
      from === 'ended'
        ? 'certificate.revoked'
        : from === 'stopped'
          ? 'certificate.on-hold'
          : 'conditions.not-satisfied',
      `${change} is not possible: the certificate in the phone is ${from}.`,
    )
  return to
}

export function stoppedBy(life: Life, cause: StopCause): Life {
  const state = after('stop', life.state)
  return { ...life, state, stops: [...life.stops.filter((one) => one !== cause), cause] }
}

/** Refused where none of these causes stops it. */
export function resumedFrom(life: Life, lifted: readonly StopCause[]): Life {
  const stops = life.stops.filter((one) => !lifted.includes(one))
  if (stops.length === life.stops.length) after('resume', life.state === 'stopped' ? 'inUse' : life.state)
  return { ...life, stops, state: stops.length === 0 ? after('resume', life.state) : life.state }
}

export function endedBy(life: Life, event: LifeEvent | 'expired'): Life {
  const { reminder: _, ...rest } = life
  return { ...rest, state: after('end', life.state), endedBy: event }
}

const day = 24 * 3_600_000

/** The next of the letters that are still ahead: whoever was away gets one, and not all that were missed. */
export function reminderAfter(notAfter: Date, now: Date): Life['reminder'] {
  const next = reminderDays.find((days) => notAfter.getTime() - days * day > now.getTime())
  return next === undefined ? undefined : { at: new Date(notAfter.getTime() - next * day), days: next }
}
