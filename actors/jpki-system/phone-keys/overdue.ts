/**
 * Orders whose time is over: nobody collected the key, or collected it and never proved to have it. The key is erased, and the
 * certificate, which was good for nobody, is revoked (unspecified: thrown away before delivery).
 */
import { isFinal, stateAt } from '../domain/life-cycle.ts'
import { revokeIn, toSeconds } from '../domain/revocation.ts'
import type { Caller, OverdueOrder, World } from '../domain/world.ts'
import { endOrder } from './destruction.ts'

const by: Caller = { actor: 'jpki-system' }
const pageSize = 100

/** How many were ended. One that cannot be ended keeps none of the others; the first such fault is thrown when all were tried. */
export async function endOverdue(world: Pick<World, 'register' | 'now'>, size = pageSize): Promise<number> {
  const now = world.now()
  let ended = 0
  const faults: unknown[] = []
  let after: OverdueOrder | undefined
  for (;;) {
    const page = await world.register.orders.overdue(now, { size, ...(after && { after }) })
    for (const { orderId } of page)
      try {
        if (await endOne(world, orderId)) ended++
      } catch (error) {
        faults.push(error)
      }
    after = page.at(-1)
    if (page.length < size) break
  }
  if (faults.length > 0) throw faults[0]
  return ended
}

/** Looked at again: it may have been proved, or ended by another process, in the meantime. */
function endOne({ register, now }: Pick<World, 'register' | 'now'>, orderId: string): Promise<boolean> {
  const at = toSeconds(now())
  return register.atomically(async (held) => {
    const order = await held.orders.find(orderId)
    if (order?.waitsUntil === undefined || order.waitsUntil > now()) return false
    await endOrder(held, order, { at, cause: 'expiry', by })
    const certificate =
      order.serialNumber === undefined ? undefined : await held.certificates.find('auth', order.serialNumber)
    if (certificate !== undefined && !isFinal(stateAt(certificate, at)))
      await revokeIn(held, certificate, { at, reason: 'unspecified' }, by)
    held.journal.record({ by, act: 'order.discarded', subject: orderId, detail: { cause: 'expiry' } })
    return true
  })
}
