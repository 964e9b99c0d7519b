/**
 * What anyone may ask over plain HTTP: what is served is signed itself (RFC 5280 §8 warns of TLS here: its check would need this very
 * answer). OCSP by RFC 6960 Appendix A and RFC 5019 §5, lists, CA certificates, and all of these for machines.
 */
import type { IncomingMessage, OutgoingHttpHeader, ServerResponse } from 'node:http'
import { type RawReply, type RawRequest, type Route, serve, serveRaw } from '@mobile-jpki/service'
import { noTrace, type Trace } from '@mobile-jpki/trace'
import { generationName, locationsOf } from '../ca/authorities.ts'
import { describeTrust } from '../contract.ts'
import type { Lists } from '../domain/world.ts'
import { isCurrent, type Stamp, stampHeaders } from './conditional.ts'
import { descriptions } from './descriptions.ts'
import { listRoutes } from './lists.ts'
import type { OcspReply } from './ocsp/answers.ts'
import { explained } from './ocsp/explained.ts'
import type { Issuers } from './ocsp/issuers.ts'

export interface PublicationWorld {
  readonly now: () => Date
  readonly issuers: Issuers
  readonly lists: Pick<Lists, 'head' | 'latest'>
  readonly answer: (request: Uint8Array) => OcspReply | Promise<OcspReply>
  readonly publicBaseUrl: () => string
  readonly trace: Trace
  /** So long a cache may keep an answer that another may follow, without asking whether one did. */
  readonly maxAgeSeconds: number
}

const requestType = 'application/ocsp-request'
/** Many questions with a long nonce stay far below it. */
const longestRequest = 16_384

export function publication(world: PublicationWorld): readonly Route[] {
  const { issuers, lists, now, publicBaseUrl } = world
  const whole = async (method: 'GET' | 'POST', request: RawRequest, octets: Uint8Array): Promise<RawReply> => {
    const { status, headers, body } = ocspReply(
      world,
      { method, headers: request.headers },
      await answered(world, request.headers, octets),
    )
    return { status, headers: Object.fromEntries(pairsOf(headers)), ...(body && { body }) }
  }
  const { get, post } = directly(world)
  return [
    serve(describeTrust, () => ({
      authorities: [...issuers.all()].sort(byAge).map((issuer) => {
        const { crl, ocsp } = locationsOf(publicBaseUrl(), issuer)
        return { name: issuer.name, certificate: issuer.certificate, crl, ocsp }
      }),
    })),
    serveRaw({
      method: 'POST',
      path: '/ocsp',
      about: descriptions.ocspPost,
      accepts: [requestType],
      handler: (request) => whole('POST', request, request.body),
      direct: post,
    }),
    serveRaw({
      method: 'GET',
      path: '/ocsp/*',
      about: descriptions.ocspGet,
      handler: (request) => whole('GET', request, fromBase64(request.fields['*'] ?? '')),
      direct: get,
    }),
    ...listRoutes({ lists, now }),
    serveRaw({
      method: 'GET',
      path: '/ca/:file',
      about: descriptions.caCertificate,
      handler: (request) => caCertificate(world, request),
    }),
  ]
}

const byAge = (one: { readonly generation: number }, other: { readonly generation: number }): number =>
  other.generation - one.generation

/** RFC 6960 §A.1: base64 in the path; some write it with the alphabet for URLs. What is neither becomes an empty, malformed request. */
function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'))
  } catch {
    return new Uint8Array()
  }
}

interface Waiting {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly octets: Uint8Array
}

/**
 * Both ways past the router, for the requests that nearly everybody sends. Those of one turn of the event loop are answered together at
 * its end: looking up one after the other, and only then writing, finds each in the processor's caches what the one before left there.
 */
function directly(world: PublicationWorld) {
  const write = ({ request, response }: Waiting, reply: OcspReply) => {
    const { status, headers, body } = ocspReply(world, request, reply)
    response.writeHead(status, headers as OutgoingHttpHeader[])
    response.end(body)
  }
  let waiting: Waiting[] = []
  const answerAll = () => {
    const all = waiting
    waiting = []
    const replies = all.map(({ request, octets }) => answered(world, request.headers, octets))
    for (const [index, one] of all.entries()) {
      const reply = replies[index] as OcspReply | Promise<OcspReply>
      if (reply instanceof Promise)
        reply.then(
          (later) => write(one, later),
          () => one.response.destroy(),
        )
      else write(one, reply)
    }
  }
  const send = (request: IncomingMessage, response: ServerResponse, octets: Uint8Array) => {
    if (waiting.push({ request, response, octets }) === 1) setImmediate(answerAll)
  }

  const post = (request: IncomingMessage, response: ServerResponse): boolean => {
    const { 'content-type': type, 'content-length': length } = request.headers
    if (type !== requestType || length === undefined || Number(length) > longestRequest) return false
    request.once('data', (first: Buffer) => {
      if (first.length === Number(length)) return send(request, response, first)
      const parts = [first]
      request.on('data', (part: Buffer) => parts.push(part))
      request.once('end', () => send(request, response, Buffer.concat(parts)))
    })
    // Without a body there is no data, and nothing was asked.
    if (length === '0') request.once('end', () => send(request, response, new Uint8Array()))
    if (length === '0') request.resume()
    return true
  }

  const get = (request: IncomingMessage, response: ServerResponse): boolean => {
    const text = (request.url ?? '').slice('/ocsp/'.length)
    // What is written in another way than base64 without escapes goes by the router, which knows them all.
    if (!/^[A-Za-z0-9+/=]+$/.test(text)) return false
    send(request, response, Buffer.from(text, 'base64'))
    return true
  }
  return { get, post }
}

type Headers = RawRequest['headers']

/** The answer, and a line for the trace where there is one. */
function answered(world: PublicationWorld, headers: Headers, octets: Uint8Array): OcspReply | Promise<OcspReply> {
  const { trace, answer } = world
  // Our own actors record ③ and their other questions themselves; who else asks does not say who it is.
  if (trace === noTrace || headers['jpki-recorded-by'] !== undefined) return answer(octets)
  const at = world.now()
  const start = performance.now()
  return Promise.resolve(answer(octets)).then((reply) => {
    const { ok, decoded } = explained(octets, reply.der)
    trace.record({
      at,
      from: 'user',
      to: 'jpki-system',
      what: 'OCSP',
      octets: octets.length + reply.der.length,
      raw: octets,
      decoded,
      milliseconds: performance.now() - start,
      ok,
    })
    return reply
  })
}

interface FlatReply {
  readonly status: number
  /** Name, value, name, value: as node:http takes them without another look. */
  readonly headers: readonly string[]
  readonly body?: Uint8Array
}

/**
 * RFC 5019 §6.2, but for the freshness of what may still change: a cache keeps it and asks each time whether it still holds, so that a
 * revocation reaches everybody at once. An answer to POST is kept by nobody (RFC 9111 §4, RFC 5019 §5), and bears none of this.
 */
function ocspReply({ maxAgeSeconds }: PublicationWorld, request: Asked, { der, validity }: OcspReply): FlatReply {
  const length = String(der.length)
  if (request.method === 'POST') return { status: 200, headers: [...responseType, length], body: der }
  if (validity === undefined)
    return { status: 200, headers: [...responseType, length, 'cache-control', 'no-store'], body: der }
  const { thisUpdate, nextUpdate, isFinal, signature } = validity
  const etag = `"${signature.subarray(-12).toHex()}"`
  const stale = maxAgeSeconds === 0 ? 'no-cache' : `max-age=${maxAgeSeconds}, must-revalidate`
  const kept = isFinal ? `max-age=${nextUpdate - thisUpdate}, must-revalidate` : stale
  const stamp = ['etag', etag, 'last-modified', httpDate(thisUpdate), 'expires', httpDate(nextUpdate)]
  stamp.push('cache-control', `public, ${kept}, no-transform`)
  if (request.headers['if-none-match'] === etag) return { status: 304, headers: stamp }
  stamp.push(...responseType, length)
  return { status: 200, headers: stamp, body: der }
}

const responseType = ['content-type', 'application/ocsp-response', 'content-length'] as const

interface Asked {
  readonly method?: string | undefined
  readonly headers: Headers
}

const pairsOf = (flat: readonly string[]): readonly [string, string][] =>
  flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ''] as [string, string]] : []))

/** Many answers share their seconds: those of a batch of the refresher, and those that are asked for again and again. */
const dates = new Map<number, string>()
const datesKept = 100_000

function httpDate(seconds: number): string {
  const known = dates.get(seconds)
  if (known !== undefined) return known
  if (dates.size >= datesKept) dates.clear()
  const text = new Date(seconds * 1000).toUTCString()
  dates.set(seconds, text)
  return text
}

function caCertificate({ issuers, now }: PublicationWorld, { fields, headers }: RawRequest): RawReply {
  const issuer = issuers.all().find((one) => fields['file'] === `${generationName(one)}.cer`)
  if (issuer === undefined) return notFound
  const { certificate, opened } = issuer
  const stamp: Stamp = {
    etag: `"${opened.serialNumber}"`,
    lastModified: opened.notBefore,
    cacheControl: 'public, max-age=86400',
  }
  if (isCurrent(headers, stamp)) return { status: 304, headers: stampHeaders(stamp, now()) }
  return { headers: { 'content-type': 'application/pkix-cert', ...stampHeaders(stamp, now()) }, body: certificate }
}

const notFound: RawReply = { status: 404, headers: { 'content-type': 'text/plain' }, body: 'There is no such file.\n' }
