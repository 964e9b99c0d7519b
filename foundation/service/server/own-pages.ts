/**
 * A server on the person's own machine is open to every web page in the same browser. This keeps them out: another name for our
 * address (DNS rebinding) by the Host header (RFC 9110 §7.2), pages of other origins by Origin (RFC 6454 §7) and Fetch Metadata (W3C).
 * Programs on the machine send neither, and are let in.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { Refusal } from '@mobile-jpki/refusal'
import type { FastifyInstance } from 'fastify'
import { type Guests, nameOrigin, preflight } from './cross-origin.ts'

const thisMachine = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/

export function keepToOwnPages(app: FastifyInstance, guests?: Guests): void {
  app.addHook('onRequest', async (request, reply) => {
    const { method, headers, routeOptions } = request
    const { origin } = headers
    if (origin === undefined || guests?.origins.includes(origin) !== true) return refuseForeign(method, headers)
    refuseOtherName(headers)
    nameOrigin(reply, origin)
    if (method === 'OPTIONS') return preflight(request, reply)
    const isOpen = guests.endpoints.some((one) => one.method === method && one.path === routeOptions.url)
    if (!isOpen) throw new Refusal('caller.not-allowed', 'A page of that site may not ask this.')
  })
}

/** A link may lead here from anywhere; whatever else comes from a page comes from our own. */
export function refuseForeign(method: string, headers: IncomingHttpHeaders): void {
  const host = refuseOtherName(headers)
  const { origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headers
  if (origin !== undefined && ![`http://${host}`, `https://${host}`].includes(origin))
    throw new Refusal('caller.not-allowed', 'A page of another site may not call this server.')
  const isLink = method === 'GET' && mode === 'navigate'
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isLink)
    throw new Refusal('caller.not-allowed', 'A page of another site may not call this server.')
}

function refuseOtherName({ host = '' }: IncomingHttpHeaders): string {
  const name = host.toLowerCase()
  if (!thisMachine.test(name))
    throw new Refusal('caller.not-allowed', 'This server answers under the name of this machine only.')
  return name
}
