/** ⑭: the carrier is asked for the SP area, with keys that it cannot read where the SIM takes such, and the agent goes there. */
import { isRefusalCode, Refusal } from '@mobile-jpki/refusal'
import type { Element } from '@mobile-jpki/seram'
import { moved, movedFrom, type Order } from '../domain/order.ts'
import type { Deployment, DomainTerms, World } from '../domain/world.ts'
import { carrierOf } from './content.ts'
import { setUpFor } from './set-up.ts'

type Reached =
  | { readonly order: Order; readonly deployed: Deployment }
  | { readonly visit: { readonly url: string; readonly sessionId: string } }

export async function deployment(world: World, order: Order, element: Element): Promise<Reached> {
  const carrier = carrierOf(world, order)
  const { iccid } = order.form
  const { agent: visit, terms } = await carrier.deploy(order.id, iccid)
  const deployed = await carrier.deployment(order.id)
  if (deployed.state === 'failed') throw failureOf(deployed)
  if (deployed.state === 'requested') {
    const setUp = await setUpFor(world, order, terms, element)
    if (setUp !== undefined) await carrier.deploy(order.id, iccid, setUp)
    return { visit }
  }
  const isOurs = terms.management !== 'simple'
  if (deployed.state === 'domainReady' && !isOurs) {
    await world.orders.update(order.id, (one) => movedFrom('authenticated', one, 'domainMade'))
    return { visit }
  }
  return { order: await taken(world, order, deployed, terms), deployed }
}

/** What the carrier hands over, once: keys that we have replaced are not taken again. */
async function taken(world: World, order: Order, deployed: Deployment, terms: DomainTerms): Promise<Order> {
  const { state, securityDomain, instanceAid, keyVersion, keySet } = deployed
  if (securityDomain === undefined || (state === 'appletInstalled' && instanceAid === undefined))
    throw new Refusal('peer.failed', 'The carrier did not say where the applet is.', { whose: 'mno-tsm' })
  const keys = keySet !== undefined &&
    keyVersion !== undefined && { initialKeySet: keySet, initialKeyVersion: keyVersion }
  return world.orders.update(order.id, (one) => {
    const known = one.securityDomain === undefined ? { ...one, securityDomain, terms, ...keys } : one
    const ready = movedFrom('authenticated', known, 'domainMade')
    return state === 'appletInstalled' && instanceAid !== undefined
      ? moved(ready, 'appletInstalled', { instanceAid })
      : ready
  })
}

const failureOf = ({ refusal }: Deployment): Refusal =>
  new Refusal(
    refusal !== undefined && isRefusalCode(refusal.code) ? refusal.code : 'peer.failed',
    refusal?.detail ?? 'The carrier could not put the applet into the SIM.',
    { whose: 'mno-tsm' },
  )
