/** A site of the library's own with one page, which stands alone: the login protocol and the files of the page. */
import { type Route, serve, serveFiles } from '@mobile-jpki/service'
import type { Jpki } from './jpki.ts'
import { loginHandlers } from './web/handlers.ts'

const policy = "default-src 'self'; style-src 'self'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'"

export const siteOf = (site: Jpki): readonly Route[] => [
  ...loginHandlers(site).map(({ endpoint, handle }) =>
    serve(endpoint, async (request) => (await handle(request)).reply),
  ),
  ...serveFiles({
    path: '/',
    directory: `${import.meta.dirname}/page`,
    headers: { 'content-security-policy': policy, 'cache-control': 'no-cache' },
  }),
]
