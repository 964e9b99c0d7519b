/** OpenIDプロバイダー: any service adds "log in with JPKI" by OpenID Connect; routes readable as a table. docs/protocols/openid.md. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Refusal } from '@mobile-jpki/refusal'
import { type Route, serveFiles, serveRaw } from '@mobile-jpki/service'
import type { Trace } from '@mobile-jpki/trace'
import type Provider from 'oidc-provider'
import type { World } from './domain/world.ts'
import { appRoutes } from './protocol/app-routes.ts'
import { type InteractionSettings, interactionsOf } from './protocol/interactions.ts'

export { type ProviderSettings, providerOf } from './protocol/provider.ts'
export { listenForCards } from './tls/listen.ts'

type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void>

export const openIdProvider = (
  world: World,
  provider: Provider,
  { trace, ...settings }: InteractionSettings & { readonly trace: Trace },
): readonly Route[] => {
  const protocol = traced(trace, provider.callback())
  const interactions = traced(trace, interactionsOf(world, provider, settings))
  return [
    handed('GET', '/.well-known/*', protocol),
    handed('GET', '/oidc/*', protocol),
    handed('POST', '/oidc/*', protocol),
    handed('GET', '/interaction/*', interactions),
    handed('POST', '/interaction/*', interactions),
    ...appRoutes(world, provider),
    ...serveFiles({
      path: '/page/',
      directory: `${import.meta.dirname}/page`,
      headers: { 'cache-control': 'no-cache' },
    }),
  ]
}

/** What speaks another protocol is handed to it as it came, ahead of our router. */
const handed = (method: 'GET' | 'POST', path: string, listener: Listener): Route =>
  serveRaw({
    method,
    path,
    direct: (request, response) => {
      listener(request, response).catch(() => {
        if (!response.headersSent) response.writeHead(500)
        response.end()
      })
      return true
    },
    handler: () => {
      throw new Refusal('not-supported', 'This is spoken in plain HTTP, behind a TLS terminator.')
    },
  })

/** Neither query nor body: codes, states and tokens travel in them. */
const traced =
  (trace: Trace, listener: Listener): Listener =>
  async (request, response) => {
    const [at, start] = [new Date(), performance.now()]
    const [path = ''] = request.url?.split('?') ?? []
    const what = `${request.method} ${path.replace(/^(\/interaction|\/oidc\/authorization)\/[^/]+/, '$1')}`
    response.once('close', () =>
      trace.record({
        at,
        from: 'user',
        to: 'openid-provider',
        what,
        octets: 0,
        milliseconds: performance.now() - start,
        ok: response.statusCode < 400,
      }),
    )
    await listener(request, response)
  }
