/** A SIM on the desk: SP-TSM's own secure channel to the SP area, with what SP-TSM keeps of the order, and no network between. */
import { randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { type DomainChannel, domainKeyVersions, keySetOf, openDomain } from '@mobile-jpki/content-management'
import { encodeCommandApdu, isNormalOrWarning, parseResponseApdu, type ResponseApdu } from '@mobile-jpki/iso7816'
import { spSecurityDomain } from '@mobile-jpki/jpki'
import { openKeyring } from '@mobile-jpki/keyring'
import { DomainTerms } from '@mobile-jpki/mno-tsm/contract'
import type { Element } from '@mobile-jpki/seram'
import type { Peer } from '@mobile-jpki/service'
import type { Card } from '@mobile-jpki/sim/contract'
import { tsmOf } from '../../carriers/served.ts'
import type { TownPhone } from '../../town/phones.ts'
import { asActor, rowsOf, type Where } from '../stage/town.ts'

export const elementOf = (card: Card, seId: string): Element => ({
  seId,
  signal: new AbortController().signal,
  until: (happens) => happens,
  send: async (batch) => {
    const responses: ResponseApdu[] = []
    for (const { apdu } of batch) {
      responses.push(parseResponseApdu(await card.transmit(encodeCommandApdu(apdu))))
      if (!isNormalOrWarning(responses.at(-1)?.sw ?? 0)) break
    }
    return responses
  },
})

export interface OrderOnDesk {
  readonly orderId: string
  readonly terms: DomainTerms
  readonly carrier: string
  /** The card was taken out and put in again. */
  open(): Promise<DomainChannel>
  /** Asks the carrier as SP-TSM. */
  asSpTsm<T>(work: (carrier: Peer) => Promise<T>): Promise<T>
  base(): { readonly functionCall: { readonly id: string }; readonly carrier: string }
}

/** The last order for the SIM in that phone. */
export async function orderOf(where: Where, phone: TownPhone): Promise<OrderOnDesk> {
  const { iccid, card } = phone.sim()
  const query = `SELECT id, carrier, terms, own_key_set FROM sp_order WHERE iccid = '${iccid}' ORDER BY created_at DESC`
  const [{ id, carrier, terms: text, own_key_set: sealed } = {}] = rowsOf(where, 'sp-tsm', query)
  if (!(sealed instanceof Uint8Array)) throw new Error('SP-TSM has no key set for that SIM')
  const terms = DomainTerms.parse(JSON.parse(String(text)))
  const keyring = await openKeyring(join(where.data, 'sp-tsm', 'keys'))
  const keys = keySetOf(await keyring.open('orders', new Uint8Array(sealed), `${id}/own-key-set`), terms)
  const url = tsmOf(where.places, String(carrier))
  return {
    orderId: String(id),
    carrier: String(carrier),
    terms,
    base: () => ({ functionCall: { id: randomUUID() }, carrier: String(carrier) }),
    open: async () => {
      await card.reset()
      return openDomain(elementOf(card, iccid), {
        step: '⑱',
        aid: spSecurityDomain,
        terms,
        keyVersion: domainKeyVersions.own(terms),
        keysOf: () => keys,
        randomOctets: (length) => new Uint8Array(randomBytes(length)),
      })
    },
    asSpTsm: (work) => asActor(where, 'sp-tsm', { actor: 'mno-tsm', url }, work),
  }
}
