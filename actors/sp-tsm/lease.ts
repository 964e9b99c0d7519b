/** One order worked on by this process: nothing is written but under its lease, which is renewed as long as the work goes on. */
import type { Lease, LeaseTime } from './domain/orders.ts'
import { LeaseLost } from './domain/orders.ts'
import type { World } from './domain/world.ts'

export interface LeaseSettings {
  readonly owner: string
  /** For so long nobody else takes an order, should this process die. */
  readonly milliseconds: number
}

export const leaseTime = ({ now }: Pick<World, 'now'>, { owner, milliseconds }: LeaseSettings): LeaseTime => {
  const at = now()
  return { owner, now: at, until: new Date(at.getTime() + milliseconds) }
}

/** The world as the holder of that lease sees it: an order that another process has taken is not written to. */
export const fenced = (world: World, lease: Lease): World => ({
  ...world,
  orders: {
    ...world.orders,
    update: (id, change) => world.orders.update(id, change, id === lease.orderId ? lease : undefined),
  },
})

/** Works under the lease and gives it back. `signal` is aborted with a LeaseLost once it is lost. */
export async function holding<T>(
  world: World,
  lease: Lease,
  settings: LeaseSettings,
  work: (world: World, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController()
  const renew = async () => {
    const { until } = leaseTime(world, settings)
    // A store that does not answer says nothing: the token in each write decides.
    const holds = await world.leases.renew(lease, until).catch(() => true)
    if (!holds) lost.abort(new LeaseLost('another process took the order'))
  }
  const timer = setInterval(() => void renew(), settings.milliseconds / 3).unref()
  try {
    return await work(fenced(world, lease), lost.signal)
  } finally {
    clearInterval(timer)
    await world.leases.release(lease).catch(() => undefined)
  }
}
