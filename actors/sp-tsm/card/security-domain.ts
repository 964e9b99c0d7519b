/**
 * The SP area (SP領域) under SP-TSM's own keys. They came confidentially when it was made, or replace the carrier's initial key set at
 * first use, so that the carrier can no longer open the domain. GPCS v2.3.1 §11.8 (PUT KEY); docs/protocols/deployment.md.
 */
import {
  type ChannelTerms,
  checkReplaced,
  type DomainChannel,
  domainKeyVersions,
  keyLengthOf,
  keySetOf,
  openDomain,
  type Replacement,
  replaceKeys,
} from '@mobile-jpki/content-management'
import type { KeySet } from '@mobile-jpki/globalplatform'
import { StatusWordError, SW } from '@mobile-jpki/iso7816'
import { Refusal } from '@mobile-jpki/refusal'
import type { Element, Prepared } from '@mobile-jpki/seram'
import type { Order } from '../domain/order.ts'
import type { World } from '../domain/world.ts'

export interface Opening {
  /**
   * The domain is as it was made: nobody has opened it since. Where its challenges can be foreseen, nothing is asked, and
   * `Unforeseen` is thrown by the first commands where it is not so.
   */
  readonly isFresh?: boolean
}

/** What was agreed with the carrier about the domain, as it stood when it was made. */
export function termsOf({ terms }: Order): NonNullable<Order['terms']> {
  if (terms === undefined) throw new Error('an order with a security domain has its terms')
  return terms
}

/** A secure channel under our own keys, whatever the card held before. */
export async function takeOverDomain(
  world: World,
  order: Order,
  element: Element,
  { isFresh = false }: Opening = {},
): Promise<DomainChannel> {
  const terms = termsOf(order)
  const own = { keys: await ownKeySet(world, order, terms), keyVersion: domainKeyVersions.own(terms) }
  const open = opener(world, order, element, terms, isFresh)
  const initial = await initialKeySet(world, order, terms)
  if (initial === undefined) return open(own)
  let first: DomainChannel
  try {
    first = await open(initial)
  } catch (error) {
    // Our keys are there already, and we were cut off before we knew.
    if (!isMissingKeySet(error)) throw error
    const channel = await open(own)
    await forgetInitialKeys(world, order)
    return channel
  }
  const replacement: Replacement = { ...own, replaces: initial.keyVersion, terms }
  return open(own, replaced(first, replacement))
}

/** The carrier's key set opens nothing any more. */
export const forgetInitialKeys = ({ orders }: Pick<World, 'orders'>, { id }: Order): Promise<Order> =>
  orders.update(id, ({ initialKeySet: _, initialKeyVersion: __, ...one }) => one)

interface VersionedKeys {
  readonly keys: KeySet
  readonly keyVersion: number
}

function opener({ random }: World, order: Order, element: Element, terms: ChannelTerms, isFresh: boolean) {
  const { securityDomain } = order
  if (securityDomain === undefined) throw new Error('an order with an applet has a security domain')
  return async ({ keys, keyVersion }: VersionedKeys, behind?: Prepared<unknown>): Promise<DomainChannel> => {
    try {
      return await openDomain(element, {
        step: '⑱',
        aid: securityDomain,
        terms,
        keyVersion,
        keysOf: () => keys,
        randomOctets: random,
        whose: 'sim',
        ...(behind && { behind }),
        ...(isFresh && { foreseen: { keys, sequenceCounter: 0 } }),
      })
    } catch (error) {
      throw isMissingKeySet(error) && keyVersion === domainKeyVersions.own(terms) ? foreignKeys(error) : error
    }
  }
}

const statusOf = (error: unknown): number | undefined =>
  error instanceof Refusal && error.cause instanceof StatusWordError ? error.cause.sw : undefined

/** INITIALIZE UPDATE for a key version that the domain does not have. GPCS §E.5.1. */
const isMissingKeySet = (error: unknown): boolean => statusOf(error) === SW.referencedDataNotFound

/** The applet's own word that something has to come first, or is of another order. */
export const isNotYet = (error: unknown): boolean =>
  statusOf(error) === SW.conditionsOfUseNotSatisfied || statusOf(error) === SW.wrongData

const foreignKeys = (cause: unknown) =>
  new Refusal('sim.attestation-invalid', 'The SP area holds keys that SP-TSM did not put there.', {
    whose: 'mno-tsm',
    cause,
  })

/** PUT KEY concludes the channel under the carrier's keys, and is checked before anything is sent under ours. */
function replaced(first: DomainChannel, replacement: Replacement): Prepared<unknown> {
  const { batch, settle } = first.conclude([replaceKeys(first.session, replacement)])
  return {
    batch,
    settle: (responses) => {
      try {
        const [answer = new Uint8Array()] = settle(responses)
        checkReplaced(answer, replacement)
      } catch (error) {
        // There is a set of our version beside the carrier's: it cannot be ours, which takes the carrier's place.
        throw statusOf(error) === SW.wrongData ? foreignKeys(error) : error
      }
    },
  }
}

/** Made and kept, sealed, before the card learns it: a cut can never leave the domain with keys that nobody knows. */
export async function ownKeySet(world: World, order: Order, terms: ChannelTerms): Promise<KeySet> {
  const context = `${order.id}/own-key-set`
  const fresh = await world.secrets.seal(world.random(3 * keyLengthOf(terms)), context)
  const { ownKeySet: kept = fresh } = await world.orders.update(order.id, (one) => ({ ownKeySet: fresh, ...one }))
  return keySetOf(await world.secrets.open(kept, context), terms)
}

/** Undefined where the domain has had none but ours, or has ours by now. */
async function initialKeySet(
  { carriers }: World,
  order: Order,
  terms: ChannelTerms,
): Promise<VersionedKeys | undefined> {
  const { form, securityDomain, initialKeySet: sealed, initialKeyVersion: keyVersion } = order
  const carrier = carriers.get(form.carrier)
  if (carrier === undefined || securityDomain === undefined || sealed === undefined || keyVersion === undefined)
    return undefined
  const binding = { orderId: order.id, iccid: form.iccid, securityDomain }
  return { keyVersion, keys: keySetOf(await carrier.openKeySet(sealed, binding), terms) }
}
