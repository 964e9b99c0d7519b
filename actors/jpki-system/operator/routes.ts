/** The operator's routes, readable as a table. */
import { Refusal } from '@mobile-jpki/refusal'
import { type Route, serve } from '@mobile-jpki/service'
import type { RequestOf } from '@mobile-jpki/service/endpoint'
import { locationsOf } from '../ca/authorities.ts'
import type { CardCertificates } from '../domain/enrolment.ts'
import type { Caller, ListHead, ListScope, World } from '../domain/world.ts'
import { answered, callerIn, certificatesIn } from '../edge.ts'
import {
  describeCertificate,
  describeHealth,
  enrolByRequests,
  findCertificates,
  issueCertificates,
  publishLists,
} from './contract.ts'
import { health, type Vitals } from './health.ts'
import { enrolFrom, issueFrom } from './requests.ts'
import { describe, find, type History, type Search } from './search.ts'

export interface OperatorWorld extends World {
  readonly search: Search
  readonly history: History
  readonly vitals: Vitals
}

export function operatorRoutes(world: OperatorWorld): readonly Route[] {
  const replyOf = (card: CardCertificates) => certificatesIn(world, card)
  return [
    serve(findCertificates, (sought) => find(world, sought)),
    serve(describeCertificate, (named) => describe(world, named)),
    serve(issueCertificates, (asked, context) =>
      answered(world, context, replyOf, (by, settle) => issueFrom(world, asked, by, settle)),
    ),
    serve(enrolByRequests, (asked, context) =>
      answered(world, context, replyOf, (by, settle) => enrolFrom(world, asked, by, settle)),
    ),
    serve(publishLists, async (asked, context) => ({ lists: await publish(world, asked, callerIn(context)) })),
    serve(describeHealth, () => health(world)),
  ]
}

async function publish(
  { register, publisher, authorities, publicBaseUrl }: OperatorWorld,
  { authority, generation, partition }: RequestOf<typeof publishLists>,
  by: Caller,
) {
  const told = (scope: ListScope, { number, thisUpdate }: ListHead) => {
    const { crl, partition: part } = locationsOf(publicBaseUrl(), authorities.find(scope.authority, scope.generation))
    return { ...scope, number, thisUpdate, url: scope.partition === undefined ? crl : part(scope.partition) }
  }
  if (authority === undefined) {
    const lists = []
    for (const scope of await publisher.due()) lists.push(told(scope, await publisher.bring(scope)))
    return lists
  }
  const known = authorities.all.find(
    (one) => one.name === authority && one.generation === (generation ?? authorities.current(authority).generation),
  )
  if (known === undefined) throw new Refusal('reference.not-found', `${authority} has no generation ${generation}.`)
  const scope = { authority, generation: known.generation, ...(partition !== undefined && { partition }) }
  if (partition !== undefined && (await register.lists.head(scope)) === undefined)
    throw new Refusal('reference.not-found', `${authority} has no list of ${partition}.`)
  return [told(scope, await publisher.renew(scope, by))]
}
