/** Calls from pages of other origins, WHATWG Fetch §3.3: named origins only, and never with credentials. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Endpoint } from '../endpoint.ts'

/** Pages of other origins that may call some endpoints of a server on the person's machine, and reach nothing else of it. */
export interface Guests {
  readonly origins: readonly string[]
  readonly endpoints: readonly Pick<Endpoint, 'method' | 'path'>[]
}

/** From anywhere else the browser keeps the answer to itself. */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers
    if (origin === undefined || !origins.includes(origin)) return
    nameOrigin(reply, origin)
    if (request.method === 'OPTIONS') return preflight(request, reply)
  })
}

export const nameOrigin = (reply: FastifyReply, origin: string): FastifyReply =>
  reply.headers({ 'access-control-allow-origin': origin, vary: 'Origin' })

/** A page of the net that calls a machine in a nearer address space says so: W3C Private Network Access §3.2. */
export function preflight({ headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (headers['access-control-request-private-network'] === 'true')
    reply.header('access-control-allow-private-network', 'true')
  return reply
    .headers({
      'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': 'content-type, idempotency-key, jpki-recorded-by',
      'access-control-max-age': '600',
    })
    .code(204)
    .send()
}
