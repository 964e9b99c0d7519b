/**
 * Tells SP-TSM and the network what waits in the store. Several processes may do it: who is about to tell one takes it for as long as
 * that may last, so that nobody else does; if that process dies, it is told again, under the same function call.
 */
import { Refusal } from '@mobile-jpki/refusal'
import { type Notification, type NotificationName, notificationNames, pauseAfter } from '../domain/notification.ts'
import type { World } from '../domain/world.ts'

/** How each of them is told. */
export type Tellers = Readonly<Record<NotificationName, (notification: Notification) => Promise<unknown>>>

/** Longer than a peer may take to answer. */
const lease = 60_000
const atATime = 8

/** Tells what is due; true when there may be more. */
export async function tellDue(world: World, tellers: Partial<Tellers>): Promise<boolean> {
  const names = notificationNames.filter((name) => tellers[name] !== undefined)
  const due = await world.records.notifications.due(world.now(), names, atATime)
  await Promise.all(due.map((one) => tellOne(world, tellers, one)))
  return due.length > 0
}

async function tellOne(world: World, tellers: Partial<Tellers>, found: Notification): Promise<void> {
  const tellIt = tellers[found.name]
  const taken = tellIt && (await take(world, found))
  if (taken === undefined) return
  const outcome = await tellIt?.(taken).then(
    () => undefined,
    (error: unknown) => (error instanceof Refusal ? error : new Refusal('peer.failed')),
  )
  const at = world.now()
  const { trouble: _, ...told } = taken
  await world.records.notifications.save(
    outcome === undefined
      ? { ...told, takenAt: at }
      : {
          ...told,
          dueAt: new Date(at.getTime() + pauseAfter(taken.tries)),
          trouble: `${outcome.code}: ${outcome.message}`,
        },
  )
}

/** Undefined when another process has it. */
const take = ({ transaction, now }: World, { id }: Notification): Promise<Notification | undefined> =>
  transaction(async ({ notifications }) => {
    const present = await notifications.find(id)
    const at = now()
    if (present === undefined || present.takenAt !== undefined || present.dueAt > at) return undefined
    const taken = { ...present, tries: present.tries + 1, dueAt: new Date(at.getTime() + lease) }
    await notifications.save(taken)
    return taken
  })

export interface Outbox {
  /** There is news: it is told at once. */
  readonly wake: () => void
  close(): Promise<void>
}

/** Looks for what others left, too: failures, and what another process wrote down and did not come to tell. */
const interval = 2_000

export function openOutbox(tellDue: () => Promise<boolean>, onFault: (error: unknown) => void): Outbox {
  let closed = false
  let woken = false
  let running: Promise<void> | undefined
  const run = async () => {
    do {
      woken = false
      while (!closed && (await tellDue().catch(failed))) woken = false
    } while (woken && !closed)
  }
  const failed = (error: unknown) => {
    onFault(error)
    return false
  }
  const wake = () => {
    woken = true
    if (closed) return
    running ??= run().finally(() => {
      running = undefined
      if (woken) wake()
    })
  }
  const timer = setInterval(wake, interval)
  timer.unref()
  return {
    wake,
    close: async () => {
      closed = true
      clearInterval(timer)
      await running
    },
  }
}
