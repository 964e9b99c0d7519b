/** A life from its beginning, with the certificate in use, to its end: letters 90, 30 and 7 days before, each once; then it ends by itself. */
import { Refusal } from '@mobile-jpki/refusal'
import type { World } from '../domain/world.ts'
import { endedBy, type Life, reminderAfter } from './life.ts'
import { moved } from './task.ts'
import type { Standing } from './world.ts'

type Begun = Pick<Standing, 'orderId' | 'serialNumber' | 'notAfter'>
type TermWorld = Pick<World, 'lives' | 'orders' | 'secrets' | 'now'>

/** Nothing happens when it has begun. What still waited for an earlier order in the same SIM went with that order's applet. */
export async function beginLife(world: TermWorld, { orderId, serialNumber, notAfter }: Begun): Promise<void> {
  if ((await world.lives.find(orderId)) !== undefined) return
  const order = await world.orders.find(orderId)
  if (order === undefined) throw new Refusal('reference.not-found', 'There is no such application.')
  const now = world.now()
  const reminder = reminderAfter(notAfter, now)
  const { carrier, iccid, msisdn } = order.form
  await world.lives.begin({
    orderId,
    state: 'inUse',
    serialNumber,
    notAfter,
    ...{ carrier, iccid, msisdn },
    begunAt: now,
    stops: [],
    bound: true,
    wrongTries: 0,
    ...(reminder && { reminder }),
    visit: await world.secrets.mac(new TextEncoder().encode(await visitOf(world, orderId))),
  })
  for (const earlier of await world.lives.inSim(iccid))
    if (earlier.orderId !== orderId)
      await world.lives.update(earlier.orderId, (affairs) => ({
        ...affairs,
        tasks: affairs.tasks.map((task) => (task.state === 'atSim' ? moved(task, 'overtake') : task)),
      }))
}

/**
 * The session under which whichever phone has the SIM may carry commands to it. It follows from the order, so that it is the same however
 * often it is asked for; it opens nothing but commands that this SIM alone can read, and never a PIN.
 */
export async function visitOf({ secrets }: Pick<World, 'secrets'>, orderId: string): Promise<string> {
  const octets = (await secrets.mac(new TextEncoder().encode(`visit/${orderId}`))).slice(0, 16)
  // Version 4, variant 10: RFC 9562 §5.4.
  octets[6] = ((octets[6] ?? 0) & 0x0f) | 0x40
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80
  return octets.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** The letter, and when the next is due, are written together. */
export async function remind(world: TermWorld, { orderId }: Life): Promise<void> {
  const now = world.now()
  await world.lives.update(orderId, (affairs) => {
    const { life } = affairs
    const due = life.reminder
    if (due === undefined || due.at > now || life.state === 'ended') return affairs
    const next = reminderAfter(life.notAfter, now)
    if (next === undefined) {
      const ended = { kind: 'ended', name: 'expired', content: { at: life.notAfter.toISOString() } } as const
      return { ...affairs, life: endedBy(life, 'expired'), letters: [ended] }
    }
    // Whoever was away, as the whole town may be, hears the latest of what was due.
    const missed = [90, 30, 7].filter((days) => life.notAfter.getTime() - days * day <= now.getTime()).at(-1)
    if (missed === undefined) return affairs
    const content = { days: missed as 90 | 30 | 7, notAfter: life.notAfter.toISOString() }
    return {
      ...affairs,
      life: { ...life, reminder: next },
      letters: [{ kind: 'expiring', name: String(missed), content }],
    }
  })
}

const day = 24 * 3_600_000
