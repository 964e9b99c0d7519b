/**
 * ⑭ to ⑱, as a stage over whatever reaches the SIM: it looks at the order and at the card, then does what is missing.
 *
 *   authenticated ─⑭ DeployService, ⑮─▶ domainReady ─▶ appletInstalled ─⑯ ⑰ ⑱─▶ delivered ─proof of possession─▶ active
 *
 * ⑮ is MNO-TSM's, up to the SP area or up to the applet in it, as the carrier's management model says.
 */
import { readContent } from '@mobile-jpki/content-management'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { type Element, type Outcome, Unforeseen } from '@mobile-jpki/seram'
import { TlvError } from '@mobile-jpki/tlv'
import { openApplet } from '../applet/data-groupings.ts'
import { type Applet, finish, type Keys, makeKeys, personalize } from '../applet/personalization.ts'
import type { PinEnvelopes } from '../applet/pin-envelopes.ts'
import { ended, isFinal, isPassing, moved, movedFrom, type Order, troubleOf } from '../domain/order.ts'
import type { Deployment, World } from '../domain/world.ts'
import { activate } from './activation.ts'
import { installation } from './content.ts'
import { deployment } from './deployment.ts'
import { isNotYet, takeOverDomain } from './security-domain.ts'

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
      const reached = await deployment(world, order, element)
      if ('visit' in reached) return { outcome: 'visit', ...reached.visit }
      return reached.order.state === 'domainReady'
        ? write(world, pins, reached.order, element, reached.deployed)
        : steps(world, pins, reached.order, element)
    }
    case 'appletInstalled':
      return write(world, pins, order, element)
    case 'delivered': {
      const channel = await takeOverDomain(world, order, element)
      const applet = { write: openApplet(channel, instanceOf(order)) }
      try {
        await activate(world, order, await finish(order, applet))
        return { outcome: 'done' }
      } catch (error) {
        // The power went before the envelopes came.
        if (!isNotYet(error)) throw error
        return write(world, pins, order, element)
      }
    }
    default:
      return { outcome: 'done' }
  }
}

async function write(
  world: World,
  pins: PinEnvelopes,
  order: Order,
  element: Element,
  deployed?: Deployment,
): Promise<Outcome> {
  const begun = await begin(world, order, element, deployed)
  await personalize(world, pins, begun.order, element, begun)
  // Written before the act: what waits goes with the finish, and from here on the applet may hold a finished certificate.
  const delivered = await world.orders.update(order.id, (one) => movedFrom('appletInstalled', one, 'deliver'))
  await activate(world, delivered, await finish(order, begun))
  return { outcome: 'done' }
}

interface Begun extends Applet, Keys {
  readonly order: Order
}

/** As if nobody had been in the SP area before; where somebody was, the SIM has refused, and is looked at. */
async function begin(world: World, order: Order, element: Element, deployed?: Deployment): Promise<Begun> {
  if (order.state !== 'delivered') {
    try {
      return await inDomain(world, order, element, { isFresh: true, deployed })
    } catch (error) {
      const isRefused = error instanceof Refusal && error.code === 'card.refused' && deployed !== undefined
      if (!(error instanceof Unforeseen) && !isRefused) throw error
    }
  }
  return inDomain(world, order, element, { isFresh: false, deployed })
}

/** One round trip behind the opening: our keys, the applet where it is ours to bring, and the keys that it makes. */
async function inDomain(
  world: World,
  order: Order,
  element: Element,
  { isFresh, deployed }: { readonly isFresh: boolean; readonly deployed: Deployment | undefined },
): Promise<Begun> {
  const channel = await takeOverDomain(world, order, element, { isFresh })
  const present = isFresh || deployed === undefined ? undefined : await readContent(channel)
  const applet = deployed && (await installation(world, order, channel, deployed, present))
  const instanceAid = applet?.instanceAid ?? instanceOf(order)
  const opened = { channel, instanceAid, write: openApplet(channel, instanceAid, applet?.ahead) }
  const keys = await makeKeys(world, order, opened)
  await applet?.tellCarrier()
  const next = await world.orders.update(order.id, ({ initialKeySet: _, initialKeyVersion: __, ...one }) =>
    applet === undefined ? one : moved(one, 'appletInstalled', { instanceAid }),
  )
  return { ...opened, ...keys, order: next }
}

function instanceOf({ instanceAid }: Order): Uint8Array {
  if (instanceAid === undefined) throw new Error('an order with an applet has its instance')
  return instanceAid
}
