/** Behind the proof of possession: the JPKI system destroys its copy of the key, and the certificate is good. */
import { Refusal } from '@mobile-jpki/refusal'
import { isPassing, movedFrom, type Order } from '../domain/order.ts'
import type { World } from '../domain/world.ts'
import { beginLife } from '../life/term.ts'

export async function activate(world: World, order: Order, signature: Uint8Array): Promise<void> {
  const { serialNumber, notAfter } = await world.jpki.provePossession({ orderId: order.id, signature })
  await beginLife(world, { orderId: order.id, serialNumber, notAfter: new Date(notAfter) })
  await tellCarrier(world, order)
  await world.orders.update(order.id, (one) => movedFrom('delivered', one, 'activate'))
}

/** The certificate is good from the proof on: what the carrier's registry makes of it cannot undo that. */
async function tellCarrier({ carriers }: World, { id, form }: Order): Promise<void> {
  await carriers
    .get(form.carrier)
    ?.actionDone(id, 'personalize')
    .catch((error: unknown) => {
      if (!(error instanceof Refusal) || isPassing(error)) throw error
    })
}
