/** Revocation lists as they are fetched: `/crl/sign-1.crl` has all of a CA's key, `/crl/sign-1/13221.crl` one municipality. RFC 5280 §4.2.1.13. */
import { type RawReply, type RawRequest, type Route, serveRaw } from '@mobile-jpki/service'
import type { ListHead, ListScope, Lists, PublishedCrl } from '../domain/world.ts'
import { isCurrent, type Stamp, stampHeaders } from './conditional.ts'
import { descriptions } from './descriptions.ts'
import { listNamed } from './publisher.ts'

export interface ListSource {
  readonly lists: Pick<Lists, 'head' | 'latest'>
  readonly now: () => Date
  /** How many octets of lists are kept in memory; the database has them all. */
  readonly memory?: number
}

/** Nothing is made here: what is served was published before. */
export function listRoutes({ lists, now, memory = 64 << 20 }: ListSource): readonly Route[] {
  const kept = keptLists(memory)

  const contentOf = async (scope: ListScope, head: ListHead): Promise<PublishedCrl | undefined> => {
    const known = kept.get(listNamed(scope))
    if (known?.number === head.number) return known
    const list = await lists.latest(scope)
    if (list !== undefined) kept.set(listNamed(scope), list)
    return list
  }

  const answer = async (scope: ListScope | undefined, { headers }: RawRequest): Promise<RawReply> => {
    const head = scope && (await lists.head(scope))
    if (scope === undefined || head === undefined) return notFound
    if (isCurrent(headers, stampOf(scope, head)))
      return { status: 304, headers: stampHeaders(stampOf(scope, head), now()) }
    const list = await contentOf(scope, head)
    if (list === undefined) return notFound
    const type = { 'content-type': 'application/pkix-crl' }
    return { headers: { ...type, ...stampHeaders(stampOf(scope, list), now()) }, body: list.der }
  }

  return [
    serveRaw({
      method: 'GET',
      path: '/crl/:list',
      about: descriptions.fullList,
      handler: (request) => answer(scopeOf(stemOf(request.fields['list'])), request),
    }),
    serveRaw({
      method: 'GET',
      path: '/crl/:generation/:list',
      about: descriptions.partitionList,
      handler: (request) =>
        answer(scopeOf(request.fields['generation'], stemOf(request.fields['list']) ?? ''), request),
    }),
  ]
}

const notFound: RawReply = { status: 404, headers: { 'content-type': 'text/plain' }, body: 'There is no such list.\n' }

const stemOf = (file: string | undefined): string | undefined => /^(.+)\.crl$/.exec(file ?? '')?.[1]

function scopeOf(generation: string | undefined, partition?: string): ListScope | undefined {
  const [, authority, number] = /^(sign|auth)-([1-9]\d{0,3})$/.exec(generation ?? '') ?? []
  if ((authority !== 'sign' && authority !== 'auth') || number === undefined) return undefined
  if (partition === undefined) return { authority, generation: Number(number) }
  return /^\d{5}$/.test(partition) ? { authority, generation: Number(number), partition } : undefined
}

/** A cache asks whether there is a newer list: that costs none, and a revocation reaches it at once. */
const stampOf = (scope: ListScope, { number, thisUpdate }: ListHead): Stamp => ({
  etag: `"${listNamed(scope)}-${number}"`,
  lastModified: thisUpdate,
  cacheControl: 'public, no-cache',
})

/** The lists asked for last, as many as there is room for. */
function keptLists(memory: number) {
  const lists = new Map<string, PublishedCrl>()
  let octets = 0
  const drop = (name: string): void => {
    octets -= lists.get(name)?.der.length ?? 0
    lists.delete(name)
  }
  return {
    get(name: string): PublishedCrl | undefined {
      const list = lists.get(name)
      if (list === undefined) return undefined
      lists.delete(name)
      lists.set(name, list)
      return list
    },
    set(name: string, list: PublishedCrl): void {
      drop(name)
      lists.set(name, list)
      octets += list.der.length
      for (const [oldest] of lists) {
        if (octets <= memory) break
        drop(oldest)
      }
    },
  }
}
