/**
 * Makes and publishes revocation lists: for each generation of a CA one of all its certificates, and one for each municipality.
 * RFC 5280 §5. Any number of processes may do so on one register: the number of a list decides who was first, and whoever was not looks
 * again at what is left to say.
 */
import { crlPartitionNames, crlProfiles, type Municipality } from '@mobile-jpki/jpki'
import { type GeneralName, GeneralNames, uriOf } from '@mobile-jpki/pkix'
import { issueLongCrl } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import { type Authority, locationsOf } from '../ca/authorities.ts'
import { rehearsalOf } from '../ca/certify.ts'
import { generationNamed } from '../domain/acts.ts'
import { toSeconds } from '../domain/revocation.ts'
import type { Caller, ListHead, ListScope, PublishedCrl, World } from '../domain/world.ts'
import { revokedPages } from './pages.ts'

export interface CrlTerms {
  /** A list is made anew when something was revoked, and at the latest after so long. */
  readonly periodMilliseconds: number
  /** How much longer than that it may be used: whoever fetches it in its last second has time to fetch the next. */
  readonly overlapMilliseconds: number
}

export const daily: CrlTerms = { periodMilliseconds: 24 * 3_600_000, overlapMilliseconds: 6 * 3_600_000 }

export interface Publisher {
  /** A certificate names only a list that is there: a CA's is, and a municipality's under its names, when the promise is kept. */
  open(authority: Authority, municipality?: Municipality): Promise<void>
  /** These lists say all that was revoked before the call. Who asks for the same meanwhile shares one list. */
  bring(scope: ListScope): Promise<ListHead>
  /** Another list, though the last one says all. */
  renew(scope: ListScope, by: Caller): Promise<ListHead>
  /** Lists that do not say what they should, or are old, or are not there yet; of very many old ones only the oldest. */
  due(): Promise<readonly ListScope[]>
}

type Needs = Pick<World, 'register' | 'authorities' | 'now' | 'publicBaseUrl'>

const ourselves: Caller = { actor: 'jpki-system' }
/** More are marked as listed with a later list: one transaction stays short. */
const mostMarked = 20_000
const agedAtOnce = 200

interface Order {
  readonly by: Caller
  readonly names?: GeneralNames
  /** The number after which another one is wanted. */
  readonly after?: number
}

/** `sign-2` for the list of all, `sign-2/13221` for a partition's. */
export const listNamed = ({ authority: name, generation, partition }: ListScope): string =>
  generationNamed({ name, generation }, partition)

export function publisher(world: Needs, terms: CrlTerms = daily): Publisher {
  const { register, authorities, now, publicBaseUrl } = world
  const opened = new Set<string>()
  const running = new Map<string, Promise<ListHead>>()
  const waiting = new Map<string, Promise<ListHead>>()

  /** One of the future is of a clock that went wrong, and nobody takes it. */
  const isFresh = ({ thisUpdate }: ListHead): boolean => {
    const age = now().getTime() - thisUpdate.getTime()
    return age >= 0 && age < terms.periodMilliseconds
  }

  /** Until the list says what it should, by whomever it was made. */
  async function made(scope: ListScope, { by, names, after }: Order): Promise<ListHead> {
    for (let tries = 0; tries < 10; tries++) {
      const previous = await register.lists.head(scope)
      // Read before the entries: what is marked as listed is then among them.
      const unlisted = await register.lists.unlisted(scope, mostMarked)
      const isNamed = names === undefined || everyName(names, previous)
      const isWanted = after !== undefined && previous !== undefined && previous.number <= after
      if (previous !== undefined && isFresh(previous) && unlisted.length === 0 && isNamed && !isWanted) return previous
      const list = await sign(scope, previous, names)
      const isPublished = await register.atomically(async (held) => {
        if (!(await held.lists.publish(scope, list, unlisted))) return false
        held.journal.record({ by, act: 'list.published', subject: listNamed(scope), detail: { number: list.number } })
        return true
      })
      if (isPublished) return list
    }
    throw new Refusal('store.busy')
  }

  async function sign(scope: ListScope, previous: ListHead | undefined, asked?: GeneralNames): Promise<PublishedCrl> {
    const authority = authorities.find(scope.authority, scope.generation)
    const number = (previous?.number ?? 0) + 1
    // A clock may step back behind the making of the key.
    const thisUpdate = new Date(Math.max(toSeconds(now()).getTime(), authority.opened.notBefore.getTime()))
    const names = namesOf(authority, scope, previous, asked)
    const der = await issueLongCrl(
      {
        issuer: authority.opened.subject,
        thisUpdate,
        nextUpdate: new Date(thisUpdate.getTime() + terms.periodMilliseconds + terms.overlapMilliseconds),
        crlNumber: BigInt(number),
        authorityKeyIdentifier: authority.keyIdentifier,
        extensions: names === undefined ? [] : crlProfiles.partition[scope.authority].map((part) => part.of({ names })),
      },
      revokedPages(register.lists, scope, endingAfter(thisUpdate, previous)),
      authority.signer,
      rehearsalOf(authority, names === undefined ? 'full' : 'partition'),
    )
    return { number, thisUpdate, der, ...(names && { names: GeneralNames.encode(names) }) }
  }

  /** §3.3: an entry stays until a list that was due by the clock has said it after its certificate's end. */
  const endingAfter = (thisUpdate: Date, previous: ListHead | undefined): Date =>
    previous === undefined
      ? new Date(0)
      : new Date(Math.min(previous.thisUpdate.getTime(), thisUpdate.getTime() - terms.periodMilliseconds))

  /** Those of before stay, since there are certificates with them; so does the address, where nothing else is known of a partition. */
  function namesOf(authority: Authority, { partition }: ListScope, previous?: ListHead, asked: GeneralNames = []) {
    if (partition === undefined) return undefined
    const before = previous?.names === undefined ? [] : GeneralNames.decode(previous.names)
    const address = uriOf(locationsOf(publicBaseUrl(), authority).partition(partition))
    return distinct([...asked, ...before, ...(before.length === 0 ? [address] : [])])
  }

  /** One list at a time; whoever comes while one is being made needs the next, and shares it with all who come meanwhile. */
  function shared(scope: ListScope, order: Order): Promise<ListHead> {
    const name = listNamed(scope)
    const next = waiting.get(name)
    if (next !== undefined) return next
    const started = () => {
      const work = made(scope, order).finally(() => running.delete(name))
      running.set(name, work)
      return work
    }
    const current = running.get(name)
    if (current === undefined) return started()
    const later = current
      .catch(() => undefined)
      .then(() => {
        waiting.delete(name)
        return started()
      })
    waiting.set(name, later)
    return later
  }

  const renewed = async (scope: ListScope, by: Caller): Promise<ListHead> => {
    const after = (await register.lists.head(scope))?.number ?? 0
    return made(scope, { by, after })
  }

  const isPossible = ({ authority, generation }: ListScope): boolean =>
    authorities.all.some(
      (one) => one.name === authority && one.generation === generation && now() <= one.opened.notAfter,
    )

  return {
    async open(authority, municipality) {
      const { name, generation } = authority
      if (municipality === undefined) {
        const full: ListScope = { authority: name, generation }
        if ((await register.lists.head(full)) === undefined) await shared(full, { by: ourselves })
        return
      }
      const { partition } = locationsOf(publicBaseUrl(), authority)
      const address = partition(municipality.code)
      const known = `${generation} ${address} ${municipality.prefecture} ${municipality.city}`
      if (opened.has(known)) return
      const scope: ListScope = { authority: name, generation, partition: municipality.code }
      const names = crlPartitionNames(name, municipality, address)
      if (!everyName(names, await register.lists.head(scope))) await made(scope, { by: ourselves, names })
      opened.add(known)
    },
    bring: (scope) => shared(scope, { by: ourselves }),
    renew: renewed,
    async due() {
      const scopes = [...(await register.lists.due())]
      const before = new Date(now().getTime() - terms.periodMilliseconds + 1)
      for (const { name, generation } of authorities.all) {
        const full: ListScope = { authority: name, generation }
        if ((await register.lists.head(full)) === undefined) scopes.push(full)
        scopes.push(...(await register.lists.aged({ name, generation }, before, agedAtOnce)))
      }
      return [...new Map(scopes.filter(isPossible).map((scope) => [listNamed(scope), scope])).values()]
    },
  }
}

const keyOf = (name: GeneralName): string => GeneralNames.encode([name]).toHex()
const distinct = (names: GeneralNames): GeneralNames => [...new Map(names.map((name) => [keyOf(name), name])).values()]

function everyName(names: GeneralNames, head: ListHead | undefined): boolean {
  if (head?.names === undefined) return false
  const known = new Set(GeneralNames.decode(head.names).map(keyOf))
  return names.every((name) => known.has(keyOf(name)))
}
