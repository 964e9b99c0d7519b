/**
 * A server on the person's own machine is open to every web page in the same browser. This keeps them out: another name for our
 * address (DNS rebinding) by the Host header (RFC 9110 §7.2), pages of other origins by Origin (RFC 6454 §7) and Fetch Metadata (W3C).
 * Programs on the machine send neither, and are let in.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { Refusal } from '@mobile-jpki/refusal'

const thisMachine = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/

/** A link may lead here from anywhere; whatever else comes from a page comes from our own. */
export function refuseForeign(method: string, headers: IncomingHttpHeaders): void {
  const host = headers.host?.toLowerCase() ?? ''
  const { origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headers
  if (!thisMachine.test(host))
    throw new Refusal('caller.not-allowed', 'This server answers under the name of this machine only.')
  if (origin !== undefined && ![`http://${host}`, `https://${host}`].includes(origin))
    throw new Refusal('caller.not-allowed', 'A page of another site may not call this server.')
  const isLink = method === 'GET' && mode === 'navigate'
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isLink)
    throw new Refusal('caller.not-allowed', 'A page of another site may not call this server.')
}
