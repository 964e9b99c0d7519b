/** Revocation lists, fetched by the certificate's distribution points and kept: what to ask when nobody answers OCSP. RFC 5280 §6.3. */
import { DerError } from '@mobile-jpki/der'
import {
  cRLDistributionPoints,
  type ParsedCertificate,
  type ParsedCrl,
  parseCrl,
  type RevokedEntry,
  speaksFor,
} from '@mobile-jpki/pkix'
import { CrlError, verifyCrl } from '@mobile-jpki/pkix/crypto'
import type { FetchedList } from './fetching.ts'

export type ListAnswer =
  | { readonly state: 'listed'; readonly entry: RevokedEntry }
  | { readonly state: 'notListed'; readonly thisUpdate: Date; readonly nextUpdate: Date }
  | { readonly state: 'stale'; readonly why: string; readonly thisUpdate: Date; readonly nextUpdate?: Date }
  | { readonly state: 'unavailable'; readonly why: string }

export interface RevocationLists {
  lookUp(certificate: ParsedCertificate, issuer: ParsedCertificate): Promise<ListAnswer>
}

export interface ListSettings {
  readonly fetchList: (url: string, etag?: string) => Promise<FetchedList | undefined>
  readonly now: () => Date
  /** A list is used so long without asking whether there is a newer one; when nobody answers, on to its nextUpdate and never past it. */
  readonly askAgainAfterMilliseconds?: number
  /** So many are kept; the one that was fetched first makes room. */
  readonly most?: number
}

interface Kept {
  /** Signed by this issuer: that was verified once. */
  readonly issuer: string
  readonly crl: ParsedCrl
  readonly etag?: string
  readonly askedAt: number
}

export function openLists({
  fetchList,
  now,
  askAgainAfterMilliseconds = 10 * 60_000,
  most = 256,
}: ListSettings): RevocationLists {
  const kept = new Map<string, Kept>()
  const underWay = new Map<string, Promise<Kept>>()

  const keep = (url: string, one: Kept): Kept => {
    if (!kept.has(url) && kept.size >= most) kept.delete(kept.keys().next().value as string)
    kept.set(url, one)
    return one
  }

  async function renewed(url: string, issuer: ParsedCertificate): Promise<Kept> {
    const name = issuer.der.toHex()
    const known = kept.get(url)
    const before = known?.issuer === name ? known : undefined
    const fetched = await fetchList(url, before?.etag)
    const askedAt = now().getTime()
    if (fetched === undefined) {
      if (before === undefined) throw new TypeError('a list that was never there did not change')
      return keep(url, { ...before, askedAt })
    }
    const { octets, etag } = fetched
    // Judged by its own time here: a list that is past it may still be newer than the one that is kept.
    const crl = await verifyCrl(octets, issuer, parseCrl(octets).thisUpdate)
    if (before !== undefined && crl.thisUpdate < before.crl.thisUpdate) return keep(url, { ...before, askedAt })
    return keep(url, { issuer: name, crl, askedAt, ...(etag !== undefined && { etag }) })
  }

  /** Many that ask at once wait for one answer. */
  function fetchedOnce(url: string, issuer: ParsedCertificate): Promise<Kept> {
    const name = `${url} ${issuer.serialNumber}`
    const running = underWay.get(name)
    if (running !== undefined) return running
    const started = renewed(url, issuer).finally(() => underWay.delete(name))
    underWay.set(name, started)
    return started
  }

  async function listAt(url: string, issuer: ParsedCertificate): Promise<ParsedCrl> {
    const known = kept.get(url)
    const usable = known?.issuer === issuer.der.toHex() && isCurrent(known.crl, now()) ? known : undefined
    if (usable !== undefined && now().getTime() - usable.askedAt < askAgainAfterMilliseconds) return usable.crl
    try {
      return (await fetchedOnce(url, issuer)).crl
    } catch (error) {
      if (usable !== undefined) return usable.crl
      throw error
    }
  }

  return {
    async lookUp(certificate, issuer) {
      let answer: ListAnswer = { state: 'unavailable', why: 'The certificate names no list that can be fetched.' }
      for (const url of addressesOf(certificate)) {
        const next = await listAt(url, issuer).then(
          (crl) => readIn(crl, certificate, now()),
          (error: unknown) => unavailable(error),
        )
        if (next.state === 'listed' || next.state === 'notListed') return next
        if (answer.state !== 'stale') answer = next
      }
      return answer
    },
  }
}

const isCurrent = ({ thisUpdate, nextUpdate }: ParsedCrl, at: Date): boolean =>
  nextUpdate !== undefined && at >= thisUpdate && at <= nextUpdate

function readIn(crl: ParsedCrl, certificate: ParsedCertificate, at: Date): ListAnswer {
  if (!speaksFor(crl, certificate)) return { state: 'unavailable', why: 'The list speaks for other certificates.' }
  const { thisUpdate, nextUpdate } = crl
  const entry = crl.find(certificate.serialNumber)
  // What was revoked stays revoked, however old the list; only a hold may be over.
  if (entry !== undefined && (entry.reason !== 'certificateHold' || isCurrent(crl, at)))
    return { state: 'listed', entry }
  if (nextUpdate === undefined || !isCurrent(crl, at)) {
    const why = `The list is of ${thisUpdate.toISOString()}, and there is no newer one.`
    return { state: 'stale', why, thisUpdate, ...(nextUpdate !== undefined && { nextUpdate }) }
  }
  return { state: 'notListed', thisUpdate, nextUpdate }
}

const unavailable = (error: unknown): ListAnswer => ({
  state: 'unavailable',
  why:
    error instanceof CrlError || error instanceof DerError
      ? `The list is worth nothing: ${error.message}`
      : 'The list cannot be fetched.',
})

/** Points of the CA's own, for all reasons (§4.2.1.13). */
function* addressesOf(certificate: ParsedCertificate): Generator<string> {
  for (const { distributionPoint, cRLIssuer, reasons } of certificate.extension(cRLDistributionPoints)?.value ?? []) {
    if (cRLIssuer !== undefined || reasons !== undefined || distributionPoint?.kind !== 'fullName') continue
    for (const name of distributionPoint.value)
      if (name.kind === 'uniformResourceIdentifier' && /^https?:/.test(name.value)) yield name.value
  }
}
