/** The phone's network as the app uses it: to SP-TSM, and to the site that asked for a login. */
import { Refusal } from '@mobile-jpki/refusal'
import type { Fetch } from '@mobile-jpki/service'

export interface Network {
  readonly spTsm: { readonly url: string; readonly fetch: Fetch }
  readonly web: Fetch
}

export interface Relayed {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** Plain HTTP only to this machine, as browsers hold it (W3C Secure Contexts §3.1). */
const isTrustworthy = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname))

/** `to` is `sp-tsm` or an origin. */
export async function relay(network: Network, to: string, { method, path, headers, body }: Relayed) {
  const base = to === 'sp-tsm' ? network.spTsm.url : originOf(to)
  const fetch = to === 'sp-tsm' ? network.spTsm.fetch : network.web
  const text = body.length === 0 ? {} : { body: new TextDecoder().decode(body) }
  const reply = await fetch(`${base}/${path}`, {
    method,
    headers: { ...headers },
    signal: AbortSignal.timeout(60_000),
    ...text,
  }).catch((cause: unknown) => {
    throw new Refusal('peer.unreachable', `${to} does not answer.`, { cause })
  })
  return { status: reply.status, body: new Uint8Array(await reply.arrayBuffer()) }
}

function originOf(text: string): string {
  const url = URL.parse(text)
  if (url === null || url.origin !== text || !isTrustworthy(url))
    throw new Refusal('request.malformed', 'A site is named by its origin: https, or http on this machine.')
  return url.origin
}
