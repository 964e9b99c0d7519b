/** Confidential set-up: SP-TSM's keys for the SP area, sealed for the SIM before the SP area is there. docs/protocols/confidential-set-up.md. */
import { askCasd, domainKeyVersions, setUpMessage } from '@mobile-jpki/content-management'
import { casd, iccidOctets, spSecurityDomain } from '@mobile-jpki/jpki'
import type { Element } from '@mobile-jpki/seram'
import type { Order } from '../domain/order.ts'
import type { ConfidentialSetUp, DomainTerms, World } from '../domain/world.ts'
import { ownKeySet } from './security-domain.ts'

/** Undefined where the SIM cannot, or nobody has certified us as an owner: then the carrier makes the first keys. */
export async function setUpFor(
  world: World,
  order: Order,
  terms: DomainTerms,
  element: Element,
): Promise<ConfidentialSetUp | undefined> {
  const { owner } = world
  if (!terms.confidentialSetUp || owner === undefined) return undefined
  const card = iccidOctets(order.form.iccid)
  const trust = { authorities: world.casdAuthorities, iccid: card, at: world.now() }
  const point = await askCasd(element, { aid: casd, step: '⑱', trust })
  const keyVersion = domainKeyVersions.own(terms)
  const message = await setUpMessage({
    owner,
    oneTime: world.oneTimeKey(),
    terms,
    keys: await ownKeySet(world, order, terms),
    keyVersion,
    securityDomain: spSecurityDomain,
    card,
    casd: point,
  })
  return { keyVersion, message }
}
