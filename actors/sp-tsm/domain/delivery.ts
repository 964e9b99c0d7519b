/**
 * ⑭ to ⑱, as a stage of the agent's conversation: it looks at the order and at the card, then does what is missing.
 *
 *   authenticated ─⑭ DeployService, ⑮ by MNO-TSM─▶ domainReady ─▶ appletInstalled ─⑯ ⑰ ⑱─▶ delivered ─proof of possession─▶ active
 */
import { isRefusalCode, Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import type { Element, Outcome } from '@mobile-jpki/seram'
import { TlvError } from '@mobile-jpki/tlv'
import { finish, personalize } from '../applet/personalization.ts'
import { beginLife } from '../life/term.ts'
import { ended, isFinal, isPassing, moved, movedFrom, type Order, troubleOf } from './order.ts'
import type { PinEnvelopes } from './pin-envelopes.ts'
import { takeOverDomain } from './security-domain.ts'
import type { Deployment, World } from './world.ts'

export async function deliver(world: World, pins: PinEnvelopes, order: Order, element: Element): Promise<Outcome> {
  try {
    return await steps(world, pins, order, element)
  } catch (error) {
    const trouble = asRefusal(error)
    if (!isPassing(trouble) && !repeatable.has(trouble.code))
      await world.orders.update(order.id, (one) => (isFinal(one.state) ? one : ended(one, 'fail', troubleOf(trouble))))
    return { outcome: 'stop', trouble }
  }
}

/** What a card answered in another format is a matter of the card; everything else that is no refusal is a fault of ours. */
function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (!(error instanceof TlvError)) throw error
  return new Refusal('card.refused', `The SIM answered in another format: ${error.message}.`, {
    whose: 'sim',
    cause: error,
  })
}

/** The card or the person may do better next time; the order stays where it is. */
const repeatable: ReadonlySet<RefusalCode> = new Set(['card.refused', 'card.absent', 'conditions.not-satisfied'])

async function steps(world: World, pins: PinEnvelopes, order: Order, element: Element): Promise<Outcome> {
  switch (order.state) {
    case 'authenticated':
    case 'domainReady': {
      const deployed = await deployment(world, order)
      if ('visit' in deployed) return { outcome: 'visit', ...deployed.visit }
      return steps(world, pins, deployed.order, element)
    }
    case 'appletInstalled': {
      const channel = await takeOverDomain(world, order, element)
      await personalize(world, pins, order, element, channel)
      // Written before the act: from here on the applet may hold a finished certificate.
      const delivered = await world.orders.update(order.id, (one) => moved(one, 'deliver'))
      await activate(world, delivered, await finish(order, channel))
      return { outcome: 'done' }
    }
    case 'delivered': {
      const channel = await takeOverDomain(world, order, element)
      await activate(world, order, await finish(order, channel))
      return { outcome: 'done' }
    }
    default:
      return { outcome: 'done' }
  }
}

/** ⑭: asks the carrier, and goes there with the agent until the applet is in. */
async function deployment(
  world: World,
  order: Order,
): Promise<{ order: Order } | { visit: { url: string; sessionId: string } }> {
  const carrier = world.carriers.get(order.form.carrier)
  if (carrier === undefined)
    throw new Refusal('sim.not-eligible', `The carrier ${order.form.carrier} does not take part.`)
  const visit = await carrier.deploy(order.id, order.form.iccid)
  const reached = await carrier.deployment(order.id)
  if (reached.state === 'failed') throw failureOf(reached)
  if (reached.state === 'domainReady')
    await world.orders.update(order.id, (one) => movedFrom('authenticated', one, 'domainMade'))
  if (reached.state !== 'appletInstalled') return { visit }
  const { securityDomain, instanceAid, keyVersion, keySet } = reached
  if (securityDomain === undefined || instanceAid === undefined)
    throw new Refusal('peer.failed', 'The carrier did not say where the applet is.', { whose: 'mno-tsm' })
  const changes = {
    securityDomain,
    instanceAid,
    ...(keyVersion !== undefined && { initialKeyVersion: keyVersion }),
    ...(keySet !== undefined && { initialKeySet: keySet }),
  }
  return {
    order: await world.orders.update(order.id, (one) => {
      return moved(movedFrom('authenticated', one, 'domainMade'), 'appletInstalled', changes)
    }),
  }
}

const failureOf = ({ refusal }: Deployment): Refusal =>
  new Refusal(
    refusal !== undefined && isRefusalCode(refusal.code) ? refusal.code : 'peer.failed',
    refusal?.detail ?? 'The carrier could not put the applet into the SIM.',
    { whose: 'mno-tsm' },
  )

/** The proof goes to the JPKI system, which destroys its copy of the key; then the certificate is good. */
async function activate(world: World, order: Order, signature: Uint8Array): Promise<void> {
  const { serialNumber, notAfter } = await world.jpki.provePossession({ orderId: order.id, signature })
  await beginLife(world, { orderId: order.id, serialNumber, notAfter: new Date(notAfter) })
  await tellCarrier(world, order)
  await world.orders.update(order.id, (one) => movedFrom('delivered', one, 'activate'))
}

/** The certificate is good from the proof on: what the carrier's registry makes of it cannot undo that. */
async function tellCarrier({ carriers }: World, { id, form }: Order): Promise<void> {
  await carriers
    .get(form.carrier)
    ?.personalized(id)
    .catch((error: unknown) => {
      if (!(error instanceof Refusal) || isPassing(error)) throw error
    })
}
