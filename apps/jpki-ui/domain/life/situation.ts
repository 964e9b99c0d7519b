/** What the person has to know about the certificate now, and what can be done about it. docs/protocols/life-events.md. */
import { Refusal } from '@mobile-jpki/refusal'
import { certificateInSim } from '../certificate.ts'
import { type Device, describe, isPassing } from '../phone/device.ts'
import { keepOrderInUse, orderInUse } from '../phone/order-in-use.ts'
import { type Askable, begunEvent } from './begun.ts'
import { checkPhone } from './binding.ts'
import { type Life, life } from './standing.ts'

/** In the order in which they are said: the first is the one to act on. */
export const concerns = [
  'phoneChanged',
  'simChanged',
  'stopped',
  'simLost',
  'lineSuspended',
  'cardStopped',
  'cardEnded',
  'expired',
  'lineEnded',
  'replaced',
  'ended',
  'pinLocked',
  'seenElsewhere',
  'simRenewed',
  'expiring',
] as const
export type Concern = (typeof concerns)[number]

export interface Situation {
  /** Absent while the slot is empty. */
  readonly iccid?: string
  /** False while SP-TSM cannot be asked: then nothing is said of a life. */
  readonly isKnown: boolean
  /** Of the order that this phone knows last. */
  readonly life?: Life
  /** Is that in the SIM which is in the phone. */
  readonly isInSim: boolean
  readonly concerns: readonly Concern[]
  /** What the person asked for and was not seen to end. */
  readonly isUnderWay?: Askable
  /** Whole days until the certificate ends, where that is said. */
  readonly daysLeft?: number
}

const day = 24 * 3_600_000
/** SP-TSM writes at 90, 30 and 7 days. */
const noticeDays = 90

export async function situation(device: Device, now: Date): Promise<Situation> {
  const { iccid } = await describe(device)
  if (iccid === undefined) return { isKnown: true, isInSim: false, concerns: [] }
  const binding = await bindingOf(device)
  const answer = await lifeKnown(device)
  const known = answer === 'unknown' ? undefined : answer
  const isInSim = known?.iccid === iccid
  const certificate = await certificateInSim(device)
  const begun = await begunEvent(device)
  const found = new Set<Concern>()
  if (binding === 'elsewhere') found.add('phoneChanged')
  else if (known !== undefined && !isInSim && binding === 'nothing') found.add('simChanged')
  else if (known !== undefined) for (const one of concernsOf(known, now)) found.add(one)
  if (certificate?.triesLeft === 0 && binding !== 'nothing') found.add('pinLocked')
  return {
    iccid,
    isKnown: binding !== 'unknown' && answer !== 'unknown',
    isInSim,
    concerns: concerns.filter((one) => found.has(one)),
    ...(begun && { isUnderWay: begun.event }),
    ...(known && { life: known, daysLeft: daysUntil(known.notAfter, now) }),
  }
}

const daysUntil = (end: Date, now: Date): number => Math.ceil((end.getTime() - now.getTime()) / day)

const endings: Readonly<Partial<Record<Life['because'][number], Concern>>> = {
  cardEnded: 'cardEnded',
  expired: 'expired',
  lineEnded: 'lineEnded',
  replaced: 'replaced',
}
const stops: Readonly<Partial<Record<Life['because'][number], Concern>>> = {
  stop: 'stopped',
  simLost: 'simLost',
  lineSuspended: 'lineSuspended',
  cardStopped: 'cardStopped',
}

export function concernsOf({ state, because, bound, notAfter, tasks }: Life, now: Date): readonly Concern[] {
  if (state === 'ended') return because.map((one) => endings[one] ?? 'ended')
  const stopped = because.flatMap((one) => stops[one] ?? [])
  if (notAfter <= now) return ['expired']
  return [
    ...stopped,
    ...(bound ? [] : ['seenElsewhere' as const]),
    ...(tasks.some(({ event }) => event === 'simRenewed') ? ['simRenewed' as const] : []),
    ...(daysUntil(notAfter, now) <= noticeDays ? ['expiring' as const] : []),
  ]
}

type Binding = 'here' | 'elsewhere' | 'nothing' | 'unknown'

/** A phone that was told so keeps the order: what the SIM carries is the person’s, whatever this phone knew before. */
async function bindingOf(device: Device): Promise<Binding> {
  try {
    const orderId = await checkPhone(device)
    if ((await orderInUse(device)) !== orderId) await keepOrderInUse(device, orderId)
    return 'here'
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (error.code === 'device.not-the-bound-one') return 'elsewhere'
    if (error.code === 'reference.not-found') return 'nothing'
    if (isPassing(error)) return 'unknown'
    throw error
  }
}

async function lifeKnown(device: Device): Promise<Life | 'unknown' | undefined> {
  const orderId = await orderInUse(device)
  if (orderId === undefined) return undefined
  try {
    return await life(device, orderId)
  } catch (error) {
    if (error instanceof Refusal && error.code === 'reference.not-found') return undefined
    if (isPassing(error)) return 'unknown'
    throw error
  }
}
