/** Every no of a server as problem+json (RFC 9457), those included that are said before a route is reached. */
import type { Socket } from 'node:net'
import { type ActorName, Refusal } from '@mobile-jpki/refusal'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Method } from '../endpoint.ts'
import { problemOf } from '../problem.ts'

export function sendProblem(reply: FastifyReply, error: unknown, actor: ActorName): FastifyReply {
  if (!(error instanceof Refusal)) tellFault(reply.log, error, reply.request)
  const problem = { ...problemOf(error, actor), instance: instanceOf(reply.request.id) }
  return reply
    .code(problem.status)
    .headers({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    .send(JSON.stringify(problem))
}

/** RFC 9457 §3.1.5: names the occurrence, as the journal and the log do. */
const instanceOf = (request: string): string => `urn:jpki:request:${request}`

export const notFound = ({ method, url }: FastifyRequest): Refusal =>
  new Refusal('reference.not-found', `There is nothing at ${method} ${url.split('?')[0]}.`)

/** What Fastify itself refuses before a handler is reached. */
export function asRefusal(error: unknown): unknown {
  if (error instanceof Refusal) return error
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : 500
  if (status === 413) return new Refusal('request.too-large', 'The body is too large.', { cause: error })
  if (status === 415) return new Refusal('request.type-not-supported', undefined, { cause: error })
  return typeof status === 'number' && status < 500
    ? new Refusal('request.malformed', undefined, { cause: error })
    : error
}

/** The route's pattern, not the address: a path may carry a secret. */
const tellFault = (log: FastifyBaseLogger, error: unknown, request: FastifyRequest): void =>
  log.error(
    { err: error, route: `${request.method} ${request.routeOptions.url ?? '?'}`, request: request.id },
    'a fault, answered as internal',
  )

/** Of a fault only its name, code and place are told: its message may repeat what the caller sent. */
export const faultOf = (error: Error & { code?: unknown }) => ({
  type: error.name,
  message: '',
  stack: (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n'),
  ...(typeof error.code === 'string' && { code: error.code }),
})

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const satisfies readonly (Method | 'OPTIONS')[]

/** RFC 9110 §15.5.6: where another method is answered, the reply names it. */
export function refuseOtherMethods(
  app: FastifyInstance,
  routes: readonly { readonly method: Method; readonly path: string }[],
  actor: ActorName,
): void {
  const places = Object.values(Object.groupBy(routes, ({ path }) => path.replace(/:[A-Za-z0-9]+/g, ':')))
  for (const there of places) {
    const [first] = there ?? []
    if (there === undefined || first === undefined) continue
    const allowed = new Set<string>(there.map(({ method }) => method))
    const others = methods.filter((method) => !allowed.has(method))
    if (allowed.has('GET')) allowed.add('HEAD')
    const allow = [...allowed].sort().join(', ')
    if (others.length === 0) continue
    app.route({
      method: others,
      url: first.path,
      handler: async ({ method }, reply) =>
        sendProblem(
          reply.header('allow', allow),
          new Refusal('request.method-not-allowed', `${method} is not for this address; it has ${allow}.`),
          actor,
        ),
    })
  }
}

/** What is not HTTP, too slow or too long in its head never becomes a request: it is told so on the socket (RFC 9112 §9.6). */
export function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, reason, refusal] =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? [408, 'Request Timeout', new Refusal('request.malformed', 'The request was not complete in time.')]
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? [431, 'Request Header Fields Too Large', new Refusal('request.too-large', 'The header is too large.')]
        : [400, 'Bad Request', new Refusal('request.malformed', 'This is not HTTP.')]
  const body = JSON.stringify({ ...problemOf(refusal), status })
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  socket.end(`${[...head, 'connection: close'].join('\r\n')}\r\n\r\n${body}`)
}
