/** One server of one actor: routes, callers told by their certificates, refusals as problem+json, every message traced. */
import { type ActorName, Refusal } from '@mobile-jpki/refusal'
import { noTrace, type Trace } from '@mobile-jpki/trace'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { problemOf } from '../problem.ts'
import { answerJson, answerRaw, type Listener } from './answer.ts'
import { openApi } from './open-api.ts'
import { refuseForeign } from './own-pages.ts'
import { type Route, serveRaw } from './serve.ts'
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
  readonly bodyLimit?: number
  /** Where faults are told: 'error' writes them to standard error. */
  readonly log?: 'error' | 'silent'
}

export async function listen(options: ListenOptions): Promise<Listening> {
  const { actor, routes, port, host = '127.0.0.1', tls, bodyLimit = 1 << 20, log = 'error' } = options
  const settings = {
    bodyLimit,
    forceCloseConnections: true,
    logController: new LogController({ disableRequestLogging: true }),
    logger: { level: log, name: actor, serializers: { err: faultOf }, stream: process.stderr },
    routerOptions: { maxParamLength: 1024 },
  } as const
  const app = (
    tls === undefined ? Fastify(settings) : Fastify({ ...settings, https: httpsOptions(tls) })
  ) as FastifyInstance
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      new Refusal('reference.not-found', `There is nothing at ${request.method} ${pathOf(request)}.`),
      actor,
    ),
  )
  app.setErrorHandler((error, _request, reply) => sendProblem(reply, asRefusal(error), actor))
  allowOrigins(app, options.origins ?? [])
  if (options.ownPagesOnly) app.addHook('onRequest', async ({ method, headers }) => refuseForeign(method, headers))

  const listener: Listener = { actor, trace: options.trace ?? noTrace }
  const document = openApi(actor, routes)
  const all = [
    ...routes,
    serveRaw({
      method: 'GET',
      path: '/openapi.json',
      handler: () => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(document) }),
    }),
  ]
  for (const route of all) {
    const { method, path } = route.kind === 'json' ? route.endpoint : route
    app.route({
      method,
      url: path,
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

/** The path as the caller wrote it may hold a secret in its query. */
const pathOf = (request: FastifyRequest): string => request.url.split('?')[0] ?? '/'

function sendProblem(reply: FastifyReply, error: unknown, actor: ActorName): FastifyReply {
  if (!(error instanceof Refusal)) tellFault(reply.log, error, reply.request)
  const problem = problemOf(error, actor)
  return reply
    .code(problem.status)
    .headers({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' })
    .send(JSON.stringify(problem))
}

/** The route's pattern, not the address: a path may carry a secret. */
const tellFault = (log: FastifyBaseLogger, error: unknown, request: FastifyRequest): void =>
  log.error(
    { err: error, route: `${request.method} ${request.routeOptions.url ?? '?'}` },
    'a fault, answered as internal',
  )

/** Of a fault only its name, code and place are told: its message may repeat what the caller sent. */
const faultOf = (error: Error & { code?: unknown }) => ({
  type: error.name,
  message: '',
  stack: (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n'),
  ...(typeof error.code === 'string' && { code: error.code }),
})

/** What Fastify itself refuses before a handler is reached. */
const asRefusal = (error: unknown): unknown => {
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : 500
  if (status === 413) return new Refusal('request.malformed', 'The body is too large.', { cause: error })
  return typeof status === 'number' && status < 500
    ? new Refusal('request.malformed', undefined, { cause: error })
    : error
}

/** Cross-origin calls, WHATWG Fetch §3.3: named origins only, and never with credentials. */
function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers
    if (origin === undefined || !origins.includes(origin)) return
    reply.headers({ 'access-control-allow-origin': origin, vary: 'Origin' })
    if (request.method !== 'OPTIONS') return
    return reply
      .headers({
        'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
        'access-control-allow-headers': 'content-type, jpki-recorded-by',
        'access-control-max-age': '600',
      })
      .code(204)
      .send()
  })
}
