/** The desk: the page at the town's own address that shows phone, mail, services and terminals side by side. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BuiltApp, buildPages } from '@mobile-jpki/jpki-ui/build'
import { Refusal } from '@mobile-jpki/refusal'
import { type RawReply, type RawRequest, type Route, serveRaw } from '@mobile-jpki/service'

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
}

/** `origin`: of the town itself; `framed`: the origins that the desk shows. */
export function deskRoutes(origin: string, framed: () => readonly string[]): readonly Route[] {
  let built: Promise<BuiltApp> | undefined
  /** Made when somebody looks: most towns are never looked at. */
  const fileOf = async (name: string): Promise<Uint8Array> => {
    built ??= buildPages({ root: import.meta.dirname, pages: ['index.html'] })
    built.catch(() => {
      built = undefined
    })
    try {
      return await readFile(join((await built).directory, name))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Refusal('reference.not-found')
      throw error
    }
  }
  const answer = async (name: string): Promise<RawReply> => ({
    headers: {
      'content-type': types[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
      'content-security-policy': policyFor(framed()),
    },
    body: await fileOf(name),
  })
  return [
    serveRaw({
      method: 'GET',
      path: '/',
      handler: (request) => elsewhere(origin, request) ?? answer('index.html'),
    }),
    serveRaw({
      method: 'GET',
      path: '/assets/:name',
      handler: ({ fields }) => answer(`assets/${/^[\w.-]+$/.exec(fields['name'] ?? '')?.[0] ?? 'none'}`),
    }),
  ]
}

/**
 * Under another name of this machine the desk would be another site than what it shows, and browsers would give its frames a storage of
 * their own (WHATWG Storage, partitioning): the phone would have lost its key.
 */
function elsewhere(origin: string, { headers }: RawRequest): RawReply | undefined {
  if (headers['host'] === new URL(origin).host) return undefined
  return { status: 307, headers: { location: `${origin}/` } }
}

const policyFor = (framed: readonly string[]): string =>
  [
    "default-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    `frame-src ${framed.join(' ')}`,
    "form-action 'none'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
