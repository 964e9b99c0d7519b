/** The life of an order begins with its certificate in use. */
import { Refusal } from '@mobile-jpki/refusal'
import { reminderAfter } from './life.ts'
import { moved } from './task.ts'
import type { LifeWorld, Standing } from './world.ts'

type Begun = Pick<Standing, 'orderId' | 'serialNumber' | 'notAfter'>

/** Nothing happens when it has begun. What still waited for an earlier order in the same SIM went with that order's applet. */
export async function beginLife(world: LifeWorld, { orderId, serialNumber, notAfter }: Begun): Promise<void> {
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
export async function visitOf({ secrets }: Pick<LifeWorld, 'secrets'>, orderId: string): Promise<string> {
  const octets = (await secrets.mac(new TextEncoder().encode(`visit/${orderId}`))).slice(0, 16)
  // Version 4, variant 10: RFC 9562 §5.4.
  octets[6] = ((octets[6] ?? 0) & 0x0f) | 0x40
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80
  return octets.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
