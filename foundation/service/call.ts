/** Asks a peer what its contract declares. The same text runs in servers and in browsers. */
import { type ActorName, Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { noTrace, type Trace } from '@mobile-jpki/trace/entry'
import { z } from 'zod'
import { type Endpoint, pathFieldsOf, type ReplyOf, type RequestOf } from './endpoint.ts'
import { recordExchange, recordedBy } from './exchange.ts'
import { malformed } from './malformed.ts'
import { refusalOf } from './problem.ts'

interface FetchInit {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: string
  readonly signal: AbortSignal
}
interface FetchReply {
  readonly status: number
  arrayBuffer(): Promise<ArrayBuffer>
}
export type Fetch = (url: string, init: FetchInit) => Promise<FetchReply>

/** The other end of a connection, and who we are to it. */
export interface Peer {
  readonly url: string
  readonly actor: ActorName
  readonly as?: ActorName
  readonly fetch?: Fetch
  readonly trace?: Trace
  readonly timeoutMilliseconds?: number
}

export interface CallOptions {
  readonly signal?: AbortSignal
  /** The same for every try of one act, another for each act: a UUID. */
  readonly idempotencyKey?: string
}

export async function call<E extends Endpoint>(
  peer: Peer,
  endpoint: E,
  request: RequestOf<E>,
  { signal, idempotencyKey }: CallOptions = {},
): Promise<ReplyOf<E>> {
  const { fetch = globalThis.fetch as Fetch, trace = noTrace, as = 'user', timeoutMilliseconds = 60_000 } = peer
  const wire = wireOf(endpoint, request)
  const { url, body } = addressed(peer.url, endpoint, wire)
  // Cleared with the answer: AbortSignal.timeout would fire for every call that is long over.
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(new DOMException('', 'TimeoutError')), timeoutMilliseconds)
  const init: FetchInit = {
    method: endpoint.method,
    headers: {
      accept: 'application/json, application/problem+json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(idempotencyKey !== undefined && { 'idempotency-key': `"${idempotencyKey}"` }),
      ...(trace !== noTrace && { [recordedBy]: as }),
    },
    ...(body !== undefined && { body }),
    signal: signal === undefined ? deadline.signal : AbortSignal.any([signal, deadline.signal]),
  }

  const at = new Date()
  const start = performance.now()
  const sent = new TextEncoder().encode(body ?? url.slice(peer.url.length)).length
  const record = (end: { reply?: unknown; octets?: number; failure?: RefusalCode }) =>
    recordExchange(trace, {
      endpoint,
      caller: as,
      callee: peer.actor,
      at,
      milliseconds: performance.now() - start,
      request: wire,
      reply: end.reply,
      octets: { request: sent, reply: end.octets ?? 0 },
      failure: end.failure,
    })

  try {
    const { status, received } = await exchange(fetch, url, init, peer.actor)
    const json = parse(received)
    if (status !== endpoint.status) throw refusalOf(json, status, peer.actor)
    const reply = endpoint.reply.safeParse(json)
    if (!reply.success)
      throw new Refusal(
        'peer.failed',
        `${peer.actor} answered ${endpoint.name} in another format: ${malformed(reply.error)}`,
        {
          whose: peer.actor,
        },
      )
    record({ reply: json, octets: received.length })
    return reply.data as ReplyOf<E>
  } catch (error) {
    record({ failure: error instanceof Refusal ? error.code : 'peer.failed' })
    throw error
  } finally {
    clearTimeout(timer)
  }
}

function wireOf(endpoint: Endpoint, request: unknown): unknown {
  const wire = z.safeEncode(endpoint.request, request)
  if (!wire.success) throw new Refusal('request.malformed', malformed(wire.error))
  return wire.data
}

/** Fields named in the path go there; of the rest a GET makes a query and the others a JSON body. */
function addressed(base: string, { method, path }: Endpoint, wire: unknown): { url: string; body?: string } {
  const fields = new Map(Object.entries((wire ?? {}) as Record<string, unknown>))
  const names = pathFieldsOf(path)
  const filled = names.reduce(
    (url, name) => url.replace(`:${name}`, encodeURIComponent(String(fields.get(name)))),
    path,
  )
  const rest = [...fields].filter(([name, value]) => !names.includes(name) && value !== undefined)
  const url = base.replace(/\/$/, '') + filled
  if (method !== 'GET' && method !== 'DELETE') return { url, body: JSON.stringify(Object.fromEntries(rest)) }
  const query = new URLSearchParams(rest.map(([name, value]) => [name, String(value)])).toString()
  return { url: query === '' ? url : `${url}?${query}` }
}

async function exchange(fetch: Fetch, url: string, init: FetchInit, whose: ActorName) {
  try {
    const reply = await fetch(url, init)
    return { status: reply.status, received: new Uint8Array(await reply.arrayBuffer()) }
  } catch (error) {
    throw new Refusal('peer.unreachable', `${whose} does not answer at ${new URL(url).origin} (${reasonOf(error)}).`, {
      whose,
      cause: error,
    })
  }
}

/** The innermost reason has the useful name: ECONNREFUSED, ERR_TLS_…, TimeoutError. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason'
  if (error.cause instanceof Error) return reasonOf(error.cause)
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

function parse(received: Uint8Array): unknown {
  if (received.length === 0) return undefined
  try {
    return JSON.parse(new TextDecoder().decode(received))
  } catch {
    return undefined
  }
}
