/** How often a caller may ask, told in each answer: draft-ietf-httpapi-ratelimit-headers-10. */
import rateLimit from '@fastify/rate-limit'
import { Refusal } from '@mobile-jpki/refusal'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerOn } from './tls.ts'

export interface Quota {
  readonly requests: number
  readonly seconds: number
}

/** Of one listener. Who shows no certificate is told apart by the address, of IPv6 by the first 64 bits. Each process counts for itself. */
export interface Limits {
  readonly perCaller?: Quota | undefined
  readonly perAddress?: Quota | undefined
  /** Only these, by their names; all if not said. */
  readonly endpoints?: readonly string[] | undefined
}

export type Limiter = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** The hook for routes that are limited; undefined where nobody is, so that it costs nothing. */
export async function limiterOf(app: FastifyInstance, limits: Limits = {}): Promise<Limiter | undefined> {
  const { perCaller, perAddress } = limits
  if (perCaller === undefined && perAddress === undefined) return undefined
  await app.register(rateLimit, { global: false })
  const caller = perCaller && policyOf(app, 'caller', perCaller, ({ raw }) => callerOn(raw.socket))
  const address = perAddress && policyOf(app, 'address', perAddress, ({ ip }) => rateLimit.normalizeIP(ip))
  return async (request, reply) => (callerOn(request.raw.socket) === 'public' ? address : caller)?.(request, reply)
}

function policyOf(
  app: FastifyInstance,
  name: string,
  { requests, seconds }: Quota,
  keyOf: (request: FastifyRequest) => string,
): Limiter {
  const count = app.createRateLimit({ max: requests, timeWindow: seconds * 1000, keyGenerator: keyOf })
  const policy = `"${name}";q=${requests};w=${seconds}`
  return async (request, reply) => {
    const state = await count(request)
    if (state.isAllowed) return
    reply.header('ratelimit-policy', policy)
    reply.header('ratelimit', `"${name}";r=${state.remaining};t=${state.ttlInSeconds}`)
    if (!state.isExceeded) return
    reply.header('retry-after', String(Math.max(1, state.ttlInSeconds)))
    throw new Refusal(
      'rate.exceeded',
      `More than ${requests} requests in ${seconds} s; go on in ${state.ttlInSeconds} s.`,
    )
  }
}
