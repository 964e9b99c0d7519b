/** What a service developer holds in hand: ask for a login or an agreement, judge the answer, hear how it ended. docs/relying-party.md. */
import { randomBytes, randomUUID } from 'node:crypto'
import { parseCertificate } from '@mobile-jpki/pkix'
import type { ActorName } from '@mobile-jpki/refusal'
import { noTrace } from '@mobile-jpki/trace/entry'
import { askOcspByHttp, fetchListByHttp, keptAnswers, openLists } from '@mobile-jpki/verification'
import type { BadCertificate } from '@mobile-jpki/verification/verdict'
import { accountOf, type Linkage } from './domain/account.ts'
import type { Answer, Login, Wanted } from './domain/asked.ts'
import { trustedHolder } from './domain/certificate.ts'
import { answer, begin, outcomeOf, waiting } from './domain/login.ts'
import type { AccountUnknown, GoodHolder, Holder, LoginRefused, LoginVerdict, Outcome } from './domain/verdict.ts'
import { memoryStore, type Store } from './store/memory.ts'

export interface JpkiOptions {
  /** As browsers write it, e.g. `https://shop.example`. */
  readonly origin: string
  /** Shown to the person in the app, beside the origin. */
  readonly name: string
  /** Where the person's app is opened. */
  readonly appUrl: string
  /** CA certificates of the auth CA, all generations: DER, or PEM. */
  readonly anchors: readonly (Uint8Array | string)[]
  /** In memory if not said. */
  readonly store?: Store
  /** Without it a renewed certificate is another account. */
  readonly linkage?: Linkage | undefined
  /** Card and phone if not said. */
  readonly accept?: readonly Holder['kind'][]
  /** Five minutes if not said. */
  readonly lifetimeMilliseconds?: number
  readonly status?: StatusOptions
  readonly now?: () => Date
  readonly random?: (length: number) => Uint8Array
  /** Told of each OCSP request, with who asks. */
  readonly trace?: { record(exchange: object): void }
  readonly actor?: ActorName
}

export interface StatusOptions {
  /** Ask the responder each time (`never`, if not said), or use its answer again until its nextUpdate: faster, and as late as that in hearing of a revocation. */
  readonly reuse?: 'never' | 'untilNextUpdate'
  /** Whom to ask when the responder does not answer: the revocation list (if not said), or nobody. */
  readonly fallBack?: 'crl' | 'nobody'
  /** How long to wait for each; five seconds if not said. */
  readonly timeoutMilliseconds?: number
}

/** What the page needs to go on. `ticket` stays in that browser. */
export interface Challenge {
  readonly loginId: string
  readonly ticket: string
  /** As a link and as a QR code. */
  readonly appLink: string
  /** Shown large: the person finds it in the app among others. */
  readonly number: string
  readonly expiresAt: Date
}

export interface Jpki {
  readonly origin: string
  readonly name: string
  /** Begins a login; with a `text`, an agreement to that. */
  challenge(wanted?: Wanted): Promise<Challenge>
  /** What the app is told; or why there is nothing to ask. */
  question(loginId: string): Promise<Login | LoginRefused>
  /** Judges the app's answer. Never throws for a bad one, and never calls good what could not be learnt. */
  verify(answer: Answer): Promise<LoginVerdict>
  /** For whoever has the ticket. */
  outcome(loginId: string, ticket: string): Promise<Outcome>
  /** A certificate that was shown in another way, e.g. read from a card or by TLS: is it good now? */
  judge(certificate: Uint8Array): Promise<GoodHolder | BadCertificate>
  /** Whose account a certificate belongs to that was judged good. */
  accountOf(serialNumber: string): Promise<{ readonly state: 'known'; readonly account: string } | AccountUnknown>
}

export function jpki(options: JpkiOptions): Jpki {
  const { origin, name, appUrl, anchors, status = {} } = options
  if (URL.parse(origin)?.origin !== origin) throw new TypeError(`${origin} is no origin as browsers write it`)
  if (anchors.length === 0) throw new TypeError('without anchors nothing can be trusted')
  const now = options.now ?? (() => new Date())
  const { reuse = 'never', fallBack = 'crl', timeoutMilliseconds = 5_000 } = status
  const world = {
    store: options.store ?? memoryStore(),
    linkage: options.linkage,
    origin,
    accept: options.accept ?? (['card', 'phone'] as const),
    lifetimeMilliseconds: options.lifetimeMilliseconds ?? 5 * 60_000,
    anchors: anchors.map(anchorOf),
    now,
    random: options.random ?? ((length: number) => new Uint8Array(randomBytes(length))),
    newId: randomUUID,
    askOcsp: (url: string, request: Uint8Array) => askOcspByHttp(url, request, timeoutMilliseconds),
    trace: options.trace ?? noTrace,
    actor: options.actor ?? ('relying-party' as const),
    ...(reuse === 'untilNextUpdate' && { answers: keptAnswers() }),
    ...(fallBack === 'crl' && {
      lists: openLists({ fetchList: (url, etag) => fetchListByHttp(url, etag, timeoutMilliseconds), now }),
    }),
  }
  return {
    origin,
    name,
    async challenge(wanted = {}) {
      const { id: loginId, ticket, number, expires: expiresAt } = await begin(world, wanted)
      const appLink = `${appUrl}/#/login?${new URLSearchParams({ site: origin, login: loginId })}`
      return { loginId, ticket, appLink, number, expiresAt }
    },
    question: (loginId) => waiting(world, loginId),
    verify: (given) => answer(world, given),
    outcome: (loginId, ticket) => outcomeOf(world, loginId, ticket),
    judge: async (certificate) => {
      const trusted = await trustedHolder(world, certificate)
      return trusted.state === 'trusted' ? trusted.status() : trusted
    },
    accountOf: (serialNumber) => accountOf(world, serialNumber),
  }
}

const anchorOf = (anchor: Uint8Array | string) =>
  parseCertificate(
    typeof anchor === 'string'
      ? Uint8Array.fromBase64(anchor.replaceAll(/-----(?:BEGIN|END) CERTIFICATE-----|\s/g, ''))
      : anchor,
  )
