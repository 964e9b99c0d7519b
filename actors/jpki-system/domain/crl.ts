/** Certificate revocation lists: one full list for each generation of a CA. RFC 5280 §5. */
import { issueCrl } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import { type Authority, generationName } from '../ca/authorities.ts'
import { toSeconds } from './revocation.ts'
import type { ListScope, PublishedCrl, RevokedEntry, World } from './world.ts'

export interface CrlTerms {
  /** A list is made anew when something was revoked, and at the latest after so long. */
  readonly periodMilliseconds: number
  /** How much longer than that it may be used: whoever fetches it in its last second has time to fetch the next. */
  readonly overlapMilliseconds: number
}

export const daily: CrlTerms = { periodMilliseconds: 24 * 3_600_000, overlapMilliseconds: 6 * 3_600_000 }

/** A request costs one look at what is not listed yet, however long the list is; making a list costs once. */
export function crls({ register, now }: Pick<World, 'register' | 'now'>, terms: CrlTerms = daily) {
  const latest = new Map<string, PublishedCrl>()
  const inFlight = new Map<string, Promise<PublishedCrl>>()

  const isFresh = (crl: PublishedCrl, unlisted: readonly RevokedEntry[]): boolean =>
    unlisted.length === 0 && now().getTime() - crl.thisUpdate.getTime() < terms.periodMilliseconds

  const renew = async (authority: Authority): Promise<PublishedCrl> => {
    const scope: ListScope = { authority: authority.name, generation: authority.generation }
    for (let tries = 0; tries < 5; tries++) {
      const { previous, unlisted, entries } = await register.atomically(async ({ lists }) => {
        const last = await lists.latest(scope)
        return {
          previous: last,
          unlisted: await lists.unlisted(scope),
          // §5.2.5, §3.3: an entry stays until one list has been issued after its certificate's end.
          entries: await everyPage((after) =>
            lists.revoked(scope, last?.thisUpdate ?? new Date(0), { size: pageSize, ...(after && { after }) }),
          ),
        }
      })
      if (previous !== undefined && isFresh(previous, unlisted)) return previous
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
      const crl = { number, thisUpdate, der }
      if (await register.atomically(({ lists }) => lists.publish(scope, crl, unlisted))) return crl
    }
    throw new Refusal('store.busy')
  }

  return async (authority: Authority): Promise<PublishedCrl> => {
    const name = generationName(authority)
    const unlisted = await register.lists.unlisted({ authority: authority.name, generation: authority.generation })
    const known = latest.get(name)
    if (known !== undefined && isFresh(known, unlisted)) return known
    const running = inFlight.get(name) ?? renew(authority).finally(() => inFlight.delete(name))
    inFlight.set(name, running)
    const crl = await running
    latest.set(name, crl)
    return crl
  }
}

const pageSize = 1000

async function everyPage(
  read: (after: RevokedEntry | undefined) => Promise<readonly RevokedEntry[]>,
): Promise<readonly RevokedEntry[]> {
  const entries: RevokedEntry[] = []
  for (;;) {
    const page = await read(entries.at(-1))
    entries.push(...page)
    if (page.length < pageSize) return entries
  }
}
