/** The applicant withdraws an application: under the session of its download, or by a request signed with the My Number card. */
import { timingSafeEqual } from 'node:crypto'
import { type ActorName, Refusal } from '@mobile-jpki/refusal'
import { CancellationForm } from '../contract.ts'
import { cancelled } from '../domain/ending.ts'
import type { Order } from '../domain/order.ts'
import type { World } from '../domain/world.ts'
import { checkFresh, formIn, openForm } from '../signed-form.ts'

export interface Withdrawal {
  readonly orderId: string
  readonly session?: string | undefined
  /** A CancellationForm as CMS SignedData. */
  readonly request?: Uint8Array | undefined
}

export async function withdraw(world: World, { orderId, session, request }: Withdrawal): Promise<Order> {
  const order = await world.orders.find(orderId)
  if (order === undefined) throw new Refusal('reference.not-found', 'There is no such application.')
  if (session !== undefined) await checkSession(world, order, session)
  else if (request !== undefined) await checkSigned(world, order, request)
  else throw new Refusal('request.malformed', 'Neither session nor request says who asks.')
  return cancel(world, orderId, 'user', 'The applicant withdrew it.')
}

/** Whoever works on the order loses it: its work is over, and what it may have asked meanwhile is taken back as well. */
export async function cancel(world: World, orderId: string, by: ActorName, detail: string): Promise<Order> {
  const order = await world.orders.update(orderId, (one) => cancelled(one, by, detail))
  const now = world.now()
  const taken = await world.leases.take(orderId, { owner: 'cancellation', now, until: now }, 'force')
  if (taken !== undefined) await world.leases.release(taken.lease)
  return order
}

async function checkSession({ secrets }: World, order: Order, session: string): Promise<void> {
  const mac = await secrets.mac(new TextEncoder().encode(session))
  if (order.session === undefined || !timingSafeEqual(order.session, mac))
    throw new Refusal('reference.not-found', 'There is no such download.')
}

async function checkSigned(world: World, order: Order, request: Uint8Array): Promise<void> {
  const signed = await openForm(request)
  const form = formIn(signed, CancellationForm)
  checkFresh(world.now(), form)
  const { signerCertificate } = signed
  if (form.orderId !== order.id || signerCertificate.serialNumber !== order.signCertificate)
    throw new Refusal('application.wrong-signer', 'It is not signed by the certificate that signed this application.')
  await world.verifySignCertificate(signerCertificate.der, order.id)
}
