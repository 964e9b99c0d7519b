/**
 * /openapi.json and, for people, /docs: the same rendered by Swagger UI from files of this server alone. The page shows and does not
 * call: a browser that holds an operator's certificate would act with it.
 */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Refusal } from '@mobile-jpki/refusal'
import { type RawReply, type Route, serveRaw } from '../server/serve.ts'
import { type ApiDocument, openApi } from './open-api.ts'

const viewer = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')))

/** Scripts and styles of ours only, nothing from elsewhere, in nobody's frame. Swagger UI carries its small pictures in its style. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const headers = {
  'content-security-policy': policy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
}

const types: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui-standalone-preset.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
}

const pathOf = (at: number): string => (at === 0 ? '/openapi.json' : `/openapi/${at + 1}.json`)

export function documentRoutes(documents: readonly ApiDocument[]): readonly Route[] {
  const page = (type: string, body: string): RawReply => ({ headers: { 'content-type': type, ...headers }, body })
  return [
    ...documents.map((document, at) =>
      serveRaw({
        method: 'GET',
        path: pathOf(at),
        limited: true,
        handler: () => page('application/json', JSON.stringify(openApi(document))),
      }),
    ),
    serveRaw({
      method: 'GET',
      path: '/docs',
      limited: true,
      handler: () => page('text/html; charset=utf-8', html),
    }),
    serveRaw({
      method: 'GET',
      path: '/docs/:file',
      handler: async ({ fields: { file = '' } }) => {
        if (file === 'start.js') return page('text/javascript; charset=utf-8', startOf(documents))
        if (file === 'page.css') return page('text/css; charset=utf-8', css)
        const type = types[file]
        if (type === undefined) throw new Refusal('reference.not-found', 'There is no such file.')
        const kept = { 'cache-control': 'public, max-age=86400' }
        return { headers: { 'content-type': type, ...headers, ...kept }, body: await readFile(join(viewer, file)) }
      },
    }),
  ]
}

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mobile JPKI: API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="stylesheet" href="/docs/page.css">
<script src="/docs/swagger-ui-bundle.js" defer></script>
<script src="/docs/swagger-ui-standalone-preset.js" defer></script>
<script src="/docs/start.js" defer></script>
</head>
<body>
<div id="api"></div>
<noscript>This page needs JavaScript; the same stands in <a href="/openapi.json">/openapi.json</a>.</noscript>
</body>
</html>
`

const css = `body { margin: 0; background: #fff }
.swagger-ui .topbar .link { display: none }
.swagger-ui .auth-wrapper, .swagger-ui .scheme-container .schemes-title { display: none }
`

/** Without `validatorUrl: null` the document would be sent to a server of others. */
const startOf = (documents: readonly ApiDocument[]): string => {
  const [first] = documents
  const sources =
    documents.length === 1
      ? { url: pathOf(0), layout: 'BaseLayout' }
      : {
          urls: documents.map(({ actor, name }, at) => ({ url: pathOf(at), name: `${actor}, ${name}` })),
          'urls.primaryName': `${first?.actor}, ${first?.name}`,
          layout: 'StandaloneLayout',
        }
  const settings = {
    ...sources,
    dom_id: '#api',
    deepLinking: true,
    displayOperationId: true,
    docExpansion: 'list',
    supportedSubmitMethods: [],
    validatorUrl: null,
  }
  return `${pictureless}
window.ui = SwaggerUIBundle({
  ...${JSON.stringify(settings)},
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  plugins: [pictureless],
})
`
}

/** The picture in the viewer's bar brings a style of its own, which the policy forbids. */
const pictureless = 'const pictureless = () => ({ components: { Logo: () => null } })'
