/** One server of one actor: routes, callers told by their certificates, refusals as problem+json, every message traced. */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { type ActorName, Refusal } from '@mobile-jpki/refusal'
import { noTrace, type Trace } from '@mobile-jpki/trace'
import Fastify, { type FastifyInstance, type FastifyReply, LogController } from 'fastify'
import type { ApiDocument } from '../documents/open-api.ts'
import { documentRoutes } from '../documents/page.ts'
import { type Attempt, answerJson, answerRaw, type Listener, tellRefused } from './answer.ts'
import { allowOrigins, type Guests } from './cross-origin.ts'
import { type Limits, limiterOf } from './limits.ts'
import type { Answers } from './once.ts'
import { keepToOwnPages } from './own-pages.ts'
import { asRefusal, faultOf, notFound, refuseConnection, refuseOtherMethods, sendProblem } from './refusing.ts'
import type { Route } from './serve.ts'
import { httpsOptions, type ServerTls } from './tls.ts'

export interface Listening {
  readonly url: string
  close(): Promise<void>
}

export interface ListenOptions {
  readonly actor: ActorName
  readonly routes: readonly Route[]
  readonly port: number
  readonly host?: string
  readonly tls?: ServerTls
  readonly trace?: Trace
  /** Origins of web pages that may call from a browser, besides our own. */
  readonly origins?: readonly string[]
  /** For a server on this machine and the pages that it serves itself: nothing from pages of others, nor under another host's name. */
  readonly ownPagesOnly?: boolean
  /** With `ownPagesOnly`: pages of other origins, and the endpoints that these may call. */
  readonly guests?: Guests
  readonly bodyLimit?: number
  /** Nobody is limited if not said. */
  readonly limits?: Limits
  /** For endpoints that take an Idempotency-Key. */
  readonly answers?: Answers
  /** Told of each attempt of a known caller that was refused. */
  readonly refused?: (attempt: Attempt) => void
  /** What else the page /docs shows: the routes of another listener of the same actor. */
  readonly alsoDocumented?: readonly ApiDocument[]
  /** Where faults are told: 'error' writes them to standard error. */
  readonly log?: 'error' | 'silent'
}

/** Longer than proxies keep theirs. */
const keepAliveMilliseconds = 72_000

export async function listen(options: ListenOptions): Promise<Listening> {
  const { actor, routes, port, host = '127.0.0.1', tls, bodyLimit = 1 << 20, log = 'error' } = options
  const settings = {
    bodyLimit,
    forceCloseConnections: true,
    keepAliveTimeout: keepAliveMilliseconds,
    genReqId: requestNames(),
    logController: new LogController({ disableRequestLogging: true }),
    logger: { level: log, name: actor, serializers: { err: faultOf }, stream: process.stderr },
    routerOptions: { maxParamLength: 1024 },
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error: unknown, _request: unknown, reply: unknown) =>
      void sendProblem(reply as FastifyReply, asRefusal(error), actor),
  } as const
  const app = (
    tls === undefined
      ? Fastify({ ...settings, ...plainServer(routes) })
      : Fastify({ ...settings, https: httpsOptions(tls) })
  ) as FastifyInstance
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.setErrorHandler((error, request, reply) => {
    const refusal = asRefusal(error)
    tellRefused(listener, request, refusal, { what: `${request.method} ${request.routeOptions.url ?? '?'}` })
    return sendProblem(reply, refusal, actor)
  })
  allowOrigins(app, options.origins ?? [])
  if (options.ownPagesOnly) keepToOwnPages(app, options.guests)
  const limiter = await limiterOf(app, options.limits)
  const limited = limiter === undefined ? {} : { onRequest: limiter }
  app.setNotFoundHandler(limiter === undefined ? {} : { preHandler: limiter }, (request, reply) =>
    sendProblem(reply, notFound(request), actor),
  )

  const listener: Listener = {
    actor,
    trace: options.trace ?? noTrace,
    ...(options.answers !== undefined && { answers: options.answers }),
    ...(options.refused !== undefined && { refused: options.refused }),
  }
  const own = { name: tls === undefined ? 'public' : 'mutual TLS', actor, routes, limited: limiter !== undefined }
  const all = [...routes, ...documentRoutes([own, ...(options.alsoDocumented ?? [])])]
  for (const route of all) {
    const { method, path } = placeOf(route)
    app.route({
      method,
      url: path,
      ...(isLimited(route, options.limits) ? limited : {}),
      handler: async (request, reply) => {
        reply.header('x-content-type-options', 'nosniff')
        try {
          return await (route.kind === 'json'
            ? answerJson(listener, route, request, reply)
            : answerRaw(listener, route, request, reply))
        } catch (error) {
          return sendProblem(reply, error, actor)
        }
      },
    })
  }
  refuseOtherMethods(app, all.map(placeOf), actor)

  await app.listen({ host, port }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error
    throw new Refusal('port.in-use', `Port ${port} of ${host}, wanted for ${actor}, is taken.`, { cause: error })
  })
  return { url: urlOf(app, host, tls !== undefined), close: () => app.close() }
}

function urlOf(app: FastifyInstance, host: string, secure: boolean): string {
  const address = app.server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  const name = host === '0.0.0.0' ? '127.0.0.1' : host
  return `${secure ? 'https' : 'http'}://${name.includes(':') ? `[${name}]` : name}:${address.port}`
}

const isLimited = (route: Route, { endpoints }: Limits = {}): boolean =>
  route.kind === 'json'
    ? endpoints === undefined || endpoints.includes(route.endpoint.name)
    : route.limited === true && endpoints === undefined

const placeOf = (route: Route) => (route.kind === 'json' ? route.endpoint : route)

/** A server of node:http in which some routes go ahead of the router; where none does, the router makes its own. */
function plainServer(routes: readonly Route[]) {
  const ahead = routes.flatMap((route) => {
    if (route.kind !== 'raw' || route.direct === undefined) return []
    const path = route.path.replace(/\*$/, '')
    return [{ method: route.method, path, isWhole: path === route.path, take: route.direct }]
  })
  if (ahead.length === 0) return {}
  const isTaken = (request: IncomingMessage, response: ServerResponse): boolean => {
    const { method, url = '' } = request
    for (const one of ahead)
      if (one.method === method && (one.isWhole ? url === one.path : url.startsWith(one.path)))
        return one.take(request, response)
    return false
  }
  const serverFactory = (router: RequestListener) => {
    const server = createServer((request, response) => {
      if (!isTaken(request, response)) router(request, response)
    })
    server.keepAliveTimeout = keepAliveMilliseconds
    return server
  }
  return { serverFactory }
}

/** Unique across processes and restarts, without a random number for each. */
function requestNames(): () => string {
  const process = randomBytes(6).toString('hex')
  let count = 0
  return () => `${process}-${(++count).toString(36)}`
}
