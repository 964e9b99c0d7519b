/** The login protocol in the frameworks that services are written in: a line each. docs/relying-party.md. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Refusal } from '@mobile-jpki/refusal'
import type { Jpki } from '../jpki.ts'
import { exchangeOf, longestBody, parsed } from './exchange.ts'
import type { LoginHooks } from './hooks.ts'

/** For whatever speaks Request and Response: Hono, Deno, Bun, Next.js. Answers nothing where the path is another. */
export function fetchLogin(site: Jpki, hooks: LoginHooks = {}): (request: Request) => Promise<Response | undefined> {
  const exchange = exchangeOf(site, hooks)
  return async (request) => {
    const reply = await exchange({
      method: request.method,
      path: new URL(request.url).pathname,
      contentType: request.headers.get('content-type') ?? undefined,
      body: async () => parsed(await textOf(request.body ?? [])),
    })
    return reply && new Response(reply.body, { status: reply.status, headers: reply.headers })
  }
}

export type NodeRequest = IncomingMessage & { readonly path?: string; readonly body?: unknown }

/** For Express, Connect and plain node:http; before or behind a parser of JSON. */
export function expressLogin(
  site: Jpki,
  hooks: LoginHooks = {},
): (request: NodeRequest, response: ServerResponse, next: (error?: unknown) => void) => void {
  const exchange = exchangeOf(site, hooks)
  return (request, response, next) => {
    exchange({
      method: request.method ?? 'GET',
      path: request.path ?? new URL(request.url ?? '/', 'http://host').pathname,
      contentType: request.headers['content-type'],
      body: async () => (request.body === undefined ? parsed(await textOf(request)) : request.body),
    }).then((reply) => {
      if (reply === undefined) next()
      else response.writeHead(reply.status, { ...reply.headers }).end(reply.body)
    }, next)
  }
}

/** What of Fastify is used, so that its types need not be there. */
export interface FastifyLike {
  route(route: {
    method: ('GET' | 'POST')[]
    url: string
    handler: (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<unknown>
  }): unknown
}
export interface FastifyRequestLike {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: unknown
}
export interface FastifyReplyLike {
  code(status: number): FastifyReplyLike
  headers(fields: Record<string, string>): FastifyReplyLike
  send(body: string): FastifyReplyLike
}

/** A plugin: `app.register(fastifyLogin(site))`. */
export function fastifyLogin(site: Jpki, hooks: LoginHooks = {}): (app: FastifyLike) => Promise<void> {
  const exchange = exchangeOf(site, hooks)
  const handler = async (request: FastifyRequestLike, reply: FastifyReplyLike) => {
    const type = request.headers['content-type']
    const answer = await exchange({
      method: request.method,
      path: request.url.split('?')[0] ?? '/',
      contentType: typeof type === 'string' ? type : undefined,
      body: async () => request.body,
    })
    if (answer === undefined) return reply.code(404).send('')
    return reply
      .code(answer.status)
      .headers({ ...answer.headers })
      .send(answer.body)
  }
  return async (app) => {
    for (const url of ['/logins', '/logins/:loginId', '/logins/:loginId/answer', '/logins/:loginId/outcome'])
      app.route({ method: ['GET', 'POST'], url, handler })
  }
}

/** What is too long is read on, so that whoever sends it hears why; what is far too long is not. */
async function textOf(stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream) {
    length += chunk.length
    if (length <= longestBody) chunks.push(chunk)
    else if (length > 64 * longestBody) break
  }
  if (length > longestBody) throw new Refusal('request.too-large')
  return new TextDecoder().decode(Buffer.concat(chunks))
}
