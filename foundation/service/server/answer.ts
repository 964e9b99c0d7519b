/** How one request is answered: who asks, what is asked, what the handler says, what the trace remembers. */
import { Readable } from 'node:stream'
import { type ActorName, isActorName, Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { noTrace, type Trace } from '@mobile-jpki/trace'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type Callers, type Endpoint, redact } from '../endpoint.ts'
import { recordExchange, recordedBy } from '../exchange.ts'
import { malformed, unknownField } from '../malformed.ts'
import { type Answers, type KeyedRequest, keyedRequestOf, once } from './once.ts'
import type { Context, JsonRoute, RawReply, RawRoute } from './serve.ts'
import { callerOn, carriersOn } from './tls.ts'

/** A known caller asked for something and was refused. */
export interface Attempt {
  readonly caller: ActorName
  readonly request: string
  /** The endpoint; where none was reached, the place. */
  readonly what: string
  /** What was asked, where it was well formed, with its secrets masked. */
  readonly message?: unknown
  readonly code: RefusalCode
}

export interface Listener {
  readonly actor: ActorName
  readonly trace: Trace
  readonly answers?: Answers
  readonly refused?: (attempt: Attempt) => void
}

/** Whoever shows no certificate is nobody that could be told. */
export function tellRefused({ refused }: Listener, request: FastifyRequest, error: unknown, about: About): void {
  const caller = callerOn(request.raw.socket)
  if (refused === undefined || caller === 'public' || !(error instanceof Refusal)) return
  refused({ caller, request: request.id, code: error.code, ...about })
}

type About = Pick<Attempt, 'what' | 'message'>

export async function answerJson(listener: Listener, route: JsonRoute, request: FastifyRequest, reply: FastifyReply) {
  const { endpoint } = route
  const caller = callerOn(request.raw.socket)
  const body = bodyOf(request)
  const seen: { request?: unknown; reply?: unknown; octets: number } = { octets: 0 }
  const at = new Date()
  const start = performance.now()
  const record = (failure?: Refusal | 'internal') => {
    if (request.headers[recordedBy] !== undefined) return
    recordExchange(listener.trace, {
      endpoint,
      caller: caller === 'public' ? 'user' : caller,
      callee: listener.actor,
      at,
      milliseconds: performance.now() - start,
      request: seen.request,
      reply: seen.reply,
      octets: { request: body.length, reply: seen.octets },
      failure: failure instanceof Refusal ? failure.code : failure,
    })
  }
  try {
    admit(endpoint.callers, caller, endpoint.name)
    const wire = wireOf(request, body)
    const asked = endpoint.request.safeParse(wire)
    if (!asked.success) throw new Refusal('request.malformed', malformed(asked.error))
    const unknown = unknownField(wire, asked.data)
    if (unknown !== undefined) throw new Refusal('request.malformed', `${unknown}: there is no such field`)
    seen.request = wire
    const keyed =
      endpoint.idempotencyKey &&
      keyedRequestOf(request.headers['idempotency-key'], { caller, endpoint: endpoint.name, message: wire })
    const work = async (keep?: Keep) =>
      textOf(endpoint, await route.handle(asked.data, contextOf(request, reply, keep)))
    const { text, replayed } =
      keyed === undefined ? { text: await work(), replayed: false } : await onceFor(listener, endpoint, keyed, work)
    if (listener.trace !== noTrace && text !== '') seen.reply = JSON.parse(text)
    seen.octets = Buffer.byteLength(text)
    record()
    reply.code(endpoint.status).headers({ 'cache-control': 'no-store', 'request-id': request.id })
    if (replayed) reply.header('idempotency-replayed', 'true')
    return text === '' ? reply.send() : reply.header('content-type', 'application/json; charset=utf-8').send(text)
  } catch (error) {
    record(error instanceof Refusal ? error : 'internal')
    const message = seen.request === undefined ? {} : { message: redact(endpoint.request, seen.request) }
    tellRefused(listener, request, error, { what: endpoint.name, ...message })
    throw error
  }
}

type Keep = NonNullable<Context['keep']>

const textOf = ({ reply }: Endpoint, answered: unknown): string => JSON.stringify(z.encode(reply, answered)) ?? ''

function onceFor(
  { answers }: Listener,
  endpoint: Endpoint,
  keyed: KeyedRequest,
  work: (keep: Keep) => Promise<string>,
) {
  if (answers === undefined) throw new Error(`${endpoint.name} takes an Idempotency-Key, and nothing keeps its answers`)
  return once(answers, keyed, () => work((answered) => ({ ...keyed, text: textOf(endpoint, answered) })))
}

export async function answerRaw(listener: Listener, route: RawRoute, request: FastifyRequest, reply: FastifyReply) {
  const { name, step, accepts, callers = 'public' } = route
  const caller = callerOn(request.raw.socket)
  const body = bodyOf(request)
  const at = new Date()
  const start = performance.now()
  admit(callers, caller, name ?? route.path)
  const type = contentTypeOf(request)
  if (accepts !== undefined && !accepts.includes(type))
    throw new Refusal('request.type-not-supported', `The content type must be ${accepts.join(' or ')}.`)
  const answered = await route.handler(
    {
      path: pathOf(request),
      fields: request.params as Record<string, string>,
      get query() {
        return new URLSearchParams(request.url.split('?')[1] ?? '')
      },
      headers: request.headers,
      body,
    },
    contextOf(request, reply),
  )
  const octets = body.length + lengthOf(answered.body)
  if (name !== undefined && request.headers[recordedBy] === undefined)
    listener.trace.record({
      at,
      step,
      from: caller === 'public' ? 'user' : caller,
      to: listener.actor,
      what: name,
      octets,
      milliseconds: performance.now() - start,
      ok: (answered.status ?? 200) < 400,
    })
  return send(reply, answered)
}

function send(reply: FastifyReply, { status = 200, headers = {}, body = '' }: RawReply) {
  reply.code(status).headers(headers)
  if (typeof body === 'string') return reply.send(body)
  return reply.send(
    body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.length) : Readable.from(body),
  )
}

const lengthOf = (body: RawReply['body']): number =>
  typeof body === 'string' ? Buffer.byteLength(body) : body instanceof Uint8Array ? body.length : 0

/** What hardly any handler asks for is made when it is asked for. */
function contextOf(request: FastifyRequest, reply: FastifyReply, keep?: Keep): Context {
  let gone: AbortController | undefined
  return {
    caller: callerOn(request.raw.socket),
    carriers: carriersOn(request.raw.socket),
    request: request.id,
    ...(keep !== undefined && { keep }),
    get signal() {
      if (gone === undefined) {
        const leaving = new AbortController()
        if (reply.raw.closed) leaving.abort()
        else reply.raw.once('close', () => leaving.abort())
        gone = leaving
      }
      return gone.signal
    },
  }
}

function admit(callers: Callers, caller: Context['caller'], what: string): void {
  if (callers === 'public' || (caller !== 'public' && callers.includes(caller))) return
  const who = isActorName(caller) ? caller : 'a caller without a certificate'
  throw new Refusal('caller.not-allowed', `${who} may not call ${what}.`)
}

const bodyOf = (request: FastifyRequest): Uint8Array =>
  request.body instanceof Uint8Array ? request.body : new Uint8Array()

const pathOf = (request: FastifyRequest): string => request.url.split('?')[0] ?? '/'

const contentTypeOf = (request: FastifyRequest): string =>
  (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''

/** The fields of the path, and with them those of the query or of the body. None may be said twice. */
function wireOf(request: FastifyRequest, body: Uint8Array): unknown {
  const fields = request.params as Record<string, string>
  const others =
    request.method === 'GET' || request.method === 'DELETE' ? { ...(request.query as object) } : jsonOf(request, body)
  if (typeof others !== 'object' || others === null || Array.isArray(others)) return others
  const twice = Object.keys(fields).find((name) => Object.hasOwn(others, name))
  if (twice !== undefined) throw new Refusal('request.malformed', `${twice}: said in the path already`)
  return { ...others, ...fields }
}

function jsonOf(request: FastifyRequest, body: Uint8Array): unknown {
  if (body.length === 0) return {}
  if (contentTypeOf(request) !== 'application/json')
    throw new Refusal('request.type-not-supported', 'The content type must be application/json.')
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw new Refusal('request.malformed', 'The body is not JSON in UTF-8.')
  }
}
