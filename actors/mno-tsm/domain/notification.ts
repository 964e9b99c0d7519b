/**
 * What SP-TSM and the network are still to be told. It is written down in the transaction of what happened, and told until it was
 * taken: for one SIM in the order in which it happened, whatever became of other SIMs.
 */
import type { Records, World } from './world.ts'

export const notificationNames = [
  'HandleMobileSubscriptionStatusChange',
  'HandleMobileSubscriptionIdentifierChanged',
  'HandleSERenewal',
  'HandleSEDeviceChanged',
  'HandleSEStatusChange',
  'setLine',
  'removeLine',
] as const
export type NotificationName = (typeof notificationNames)[number]

export interface Notification {
  /** Of the function call, too. */
  readonly id: string
  readonly name: NotificationName
  readonly carrier: string
  /** The SIM that it is about, and the other one of a renewal: both keep their order. */
  readonly iccid: string
  readonly otherIccid?: string
  /** What the function takes besides the base request, in its wire form. */
  readonly message: Readonly<Record<string, unknown>>
  readonly happenedAt: Date
  readonly tries: number
  /** Not before: after a failure, and while a process is at it. */
  readonly dueAt: Date
  /** What the last try came to. */
  readonly trouble?: string
  readonly takenAt?: Date
}

export interface Notifications {
  add(notification: Notification): Promise<void>
  /** Of those by these names that are due and before which nothing of them waits for the same SIM; the oldest ones. */
  due(now: Date, names: readonly NotificationName[], atMost: number): Promise<readonly Notification[]>
  save(notification: Notification): Promise<void>
  find(id: string): Promise<Notification | undefined>
  ofSim(iccid: string): Promise<readonly Notification[]>
  waiting(carrier: string): Promise<number>
}

const longestPause = 5 * 60_000

/** After so many tries; it doubles. */
export const pauseAfter = (tries: number): number => Math.min(longestPause, 500 * 2 ** Math.min(tries, 16))

/** Wherever there is somebody to tell; they are told behind the transaction. */
export async function tell(
  { tells, newId, now }: World,
  { notifications }: Pick<Records, 'notifications'>,
  name: NotificationName,
  news: Pick<Notification, 'carrier' | 'iccid' | 'otherIccid' | 'message'>,
): Promise<void> {
  if (!tells(name)) return
  const at = now()
  await notifications.add({ id: newId(), name, ...news, happenedAt: at, tries: 0, dueAt: at })
}
