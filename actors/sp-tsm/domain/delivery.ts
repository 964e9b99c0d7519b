/**
 * ⑭ to ⑱, as a stage of the agent's conversation: it looks at the order and at the card, then does what is missing.
 *
 *   authenticated ─⑭ DeployService, ⑮ by MNO-TSM─▶ domainReady ─▶ appletInstalled ─⑯ ⑰ ⑱─▶ delivered ─proof of possession─▶ active
 */
import { isRefusalCode, Refusal } from '@mobile-jpki/refusal'
import type { Element, Outcome } from '@mobile-jpki/seram'
import { isPassing, moved, type Order, troubleOf } from './order.ts'
import { finish, personalize } from './personalization.ts'
import type { PinEnvelopes } from './pin-envelopes.ts'
import { takeOverDomain } from './security-domain.ts'
import type { Deployment, World } from './world.ts'

export async function deliver(world: World, pins: PinEnvelopes, order: Order, element: Element): Promise<Outcome> {
  try {
    return await steps(world, pins, order, element)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (!isPassing(error) && !repeatable.has(error.code))
      await world.orders.update(order.id, (one) => moved(one, 'fail', { trouble: troubleOf(error) }))
    return { outcome: 'stop', trouble: error }
  }
}

/** The card or the person may do better next time; the order stays where it is. */
const repeatable: ReadonlySet<string> = new Set(['card.refused', 'card.absent', 'conditions.not-satisfied'])

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
      const inDomain = one.state === 'authenticated' ? moved(one, 'domainMade', changes) : one
      return moved(inDomain, 'appletInstalled', changes)
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
  await world.jpki.provePossession({ orderId: order.id, signature })
  await world.carriers.get(order.form.carrier)?.personalized(order.id)
  await world.orders.update(order.id, (one) => moved(one, 'activate'))
}
