/** Certificate revocation lists: one full list for each generation of a CA. RFC 5280 §5. */
import { issueCrl } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import { type Authority, generationName } from '../ca/authorities.ts'
import { toSeconds } from './revocation.ts'
import type { PublishedCrl, World } from './world.ts'

export interface CrlTerms {
  /** A list is made anew when something was revoked, and at the latest after so long. */
  readonly periodMilliseconds: number
  /** How much longer than that it may be used: whoever fetches it in its last second has time to fetch the next. */
  readonly overlapMilliseconds: number
}

export const daily: CrlTerms = { periodMilliseconds: 24 * 3_600_000, overlapMilliseconds: 6 * 3_600_000 }

/** A request costs one look at a counter, however long the list is; making a list costs once. */
export function crls({ register, now }: Pick<World, 'register' | 'now'>, terms: CrlTerms = daily) {
  const latest = new Map<string, PublishedCrl>()
  const inFlight = new Map<string, Promise<PublishedCrl>>()

  const isFresh = (crl: PublishedCrl, revocations: number): boolean =>
    crl.revocations === revocations && now().getTime() - crl.thisUpdate.getTime() < terms.periodMilliseconds

  const renew = async (authority: Authority): Promise<PublishedCrl> => {
    const { name, generation } = authority
    for (let tries = 0; tries < 5; tries++) {
      const { previous, revocations, entries } = await register.atomically(async ({ generations, certificates }) => {
        const last = await generations.crl(name, generation)
        return {
          previous: last,
          revocations: await generations.revocations(name, generation),
          // §5.2.5, §3.3: an entry stays until one list has been issued after its certificate's end.
          entries: await certificates.revoked(name, generation, last?.thisUpdate ?? new Date(0)),
        }
      })
      if (previous !== undefined && isFresh(previous, revocations)) return previous
      const number = (previous?.number ?? 0) + 1
      const thisUpdate = toSeconds(now())
      const life = terms.periodMilliseconds + terms.overlapMilliseconds
      const der = await issueCrl(
        {
          issuer: authority.opened.subject,
          thisUpdate,
          nextUpdate: new Date(thisUpdate.getTime() + life),
          crlNumber: BigInt(number),
          authorityKeyIdentifier: authority.keyIdentifier,
          entries: entries.map(({ serialNumber, at, reason }) => ({ serialNumber, revocationDate: at, reason })),
        },
        authority.signer,
      )
      const crl = { number, revocations, thisUpdate, der }
      if (await register.generations.publish(name, generation, crl)) return crl
    }
    throw new Refusal('store.busy')
  }

  return async (authority: Authority): Promise<PublishedCrl> => {
    const name = generationName(authority)
    const revocations = await register.generations.revocations(authority.name, authority.generation)
    const known = latest.get(name)
    if (known !== undefined && isFresh(known, revocations)) return known
    const running = inFlight.get(name) ?? renew(authority).finally(() => inFlight.delete(name))
    inFlight.set(name, running)
    const crl = await running
    latest.set(name, crl)
    return crl
  }
}
