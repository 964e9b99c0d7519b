/**
 * A validity node (有効性確認ノード): serves OCSP, lists and CA certificates, and renews stored answers. It holds no CA key and sees no
 * person: its own responder keys are certified by the CA, for three days at a time. While the CA is away it goes on.
 */
import type { Route } from '@mobile-jpki/service'
import type { Trace } from '@mobile-jpki/trace'
import { z } from 'zod'
import type { ValidityRegister } from '../domain/world.ts'
import { ocspAnswers } from './ocsp/answers.ts'
import { type Issuers, issuersIn } from './ocsp/issuers.ts'
import { presigner } from './ocsp/presign.ts'
import { repeating, startRefreshing } from './ocsp/refresh.ts'
import { type OcspResponders, ocspResponders, type ResponderSurroundings } from './ocsp/responders.ts'
import { publication } from './routes.ts'

export const OcspTerms = z
  .strictObject({
    /** How long an answer may be believed; it is renewed before half of that is over. */
    lifeMinutes: z
      .int()
      .min(1)
      .max(7 * 24 * 60)
      .default(12 * 60),
    /** So long a cache may keep an answer that another may follow. */
    maxAgeSeconds: z.int().min(0).default(0),
  })
  .prefault({})

export interface NodeWorld {
  readonly now: () => Date
  readonly random: (length: number) => Uint8Array
  readonly register: ValidityRegister
  readonly certify: ResponderSurroundings['certify']
  readonly publicBaseUrl: () => string
  readonly terms: z.output<typeof OcspTerms>
  readonly trace: Trace
  readonly onFault: (error: unknown) => void
}

export interface ValidityNode {
  readonly routes: readonly Route[]
  /** OCSP, from octets to octets. */
  readonly answer: ReturnType<typeof ocspAnswers>
  readonly issuers: Issuers
  readonly responders: OcspResponders
  /** For a register whose statuses change here. */
  readonly presign: ReturnType<typeof presigner>
  /** Looks for CA keys and asks for responder certificates, until it is closed. */
  tend(): { close(): Promise<void> }
  /** Renews stored answers, until it is closed. */
  refresh(): { close(): Promise<void> }
}

const tendMilliseconds = 10_000
const retryMilliseconds = 500

export function validityNode(world: NodeWorld): ValidityNode {
  const { now, random, register, trace, onFault, publicBaseUrl, terms } = world
  const lifeMilliseconds = terms.lifeMinutes * 60_000
  const issuers = issuersIn(register.generations, now)
  const responders = ocspResponders(world)
  const answer = ocspAnswers({ now, register, issuers, responders, lifeMilliseconds, onFault })
  const { lists } = register
  const { maxAgeSeconds } = terms
  return {
    routes: publication({ now, issuers, lists, answer, publicBaseUrl, trace, maxAgeSeconds }),
    answer,
    issuers,
    responders,
    presign: presigner({ now, random, issuers, responders, lifeMilliseconds }),
    tend: () =>
      repeating(
        () => tend({ now, issuers, responders, onFault }),
        () => (issuers.all().length === 0 ? retryMilliseconds : tendMilliseconds),
      ),
    refresh: () => startRefreshing({ now, random, register, issuers, responders, lifeMilliseconds, onFault }),
  }
}

/** A generation that a ceremony made is spoken for without a restart, and a responder is there before anybody needs it. */
async function tend({
  now,
  issuers,
  responders,
  onFault,
}: Pick<NodeWorld, 'now' | 'onFault'> & Pick<ValidityNode, 'issuers' | 'responders'>) {
  await issuers.read().catch(onFault)
  for (const issuer of issuers.all()) if (issuer.opened.notAfter > now()) await responders.of(issuer)
}
