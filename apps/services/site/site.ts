/** A small web site as a fetch handler: pages in a table, in two languages, and every refusal on a page. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Refusal } from '@mobile-jpki/refusal'
import type { Html } from './html.ts'
import { cookie } from './kept.ts'
import { type Language, type Say, speakerOf } from './language.ts'
import { type Frame, framed, refusedPage } from './look.ts'
import { Declined, noOf } from './refused.ts'
import type { Handler } from './server.ts'

export interface Visit {
  readonly method: string
  readonly url: URL
  readonly form: URLSearchParams
  readonly cookies: ReadonlyMap<string, string>
  readonly language: Language
  readonly say: Say
}

export interface Content {
  readonly title: string
  readonly body: Html
  readonly status?: number
  /** Shows the button that ends the session. */
  readonly loggedIn?: boolean
  /** Something is under way elsewhere: asked there until it is decided, then the page is loaded anew. */
  readonly waitsAt?: string
}

export type Page = (visit: Visit) => Content | Response | Promise<Content | Response>
export type Pages = Readonly<Record<`${'GET' | 'POST'} /${string}`, Page>>

export interface Site extends Frame {
  readonly origin: string
  /** Origins of pages that may show this one in a frame. */
  readonly frameAncestors?: readonly string[]
}

const files: Readonly<Record<string, { readonly file: string; readonly type: string }>> = {
  '/style.css': { file: fileURLToPath(import.meta.resolve('./style.css')), type: 'text/css' },
  '/tokens.css': {
    file: fileURLToPath(import.meta.resolve('@digital-go-jp/design-tokens/dist/tokens.css')),
    type: 'text/css',
  },
  '/wait.js': { file: fileURLToPath(import.meta.resolve('./wait.js')), type: 'text/javascript' },
}

export const site =
  (about: Site, pages: Pages): Handler =>
  async (request) => {
    const url = new URL(request.url)
    const method = request.method === 'HEAD' ? 'GET' : request.method
    const file = method === 'GET' ? files[url.pathname] : undefined
    if (file !== undefined) return sent(await readFile(file.file), { 'content-type': file.type })
    const wished = url.searchParams.get('lang')
    if (method === 'GET' && (wished === 'ja' || wished === 'en')) {
      url.searchParams.delete('lang')
      return seeOther(url.pathname + url.search, cookie('lang', wished))
    }
    const cookies = cookiesOf(request)
    const language: Language = cookies.get('lang') === 'en' ? 'en' : 'ja'
    const visit = { method, url, cookies, language, say: speakerOf(language), form: new URLSearchParams() }
    try {
      const page = pages[`${method} ${url.pathname}` as keyof Pages]
      if (page === undefined) throw new Declined('page.unknown')
      // RFC 6454 §7: a form of ours says where it comes from; whatever another site sends in the person's name ends here.
      if (method === 'POST' && request.headers.get('origin') !== about.origin) throw foreign()
      const form = method === 'POST' ? new URLSearchParams(await request.text()) : visit.form
      const answer = await page({ ...visit, form })
      return answer instanceof Response ? answer : shown(about, visit, answer)
    } catch (error) {
      const no = noOf(error)
      if (no.code === 'internal') console.error(about.service, error)
      return shown(about, visit, refusedPage(visit, no))
    }
  }

const foreign = () => new Refusal('caller.not-allowed', 'A form is taken from our own pages.')

function shown(about: Site, visit: Visit, content: Content): Response {
  const ancestors = about.frameAncestors ?? []
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    `frame-ancestors ${ancestors.length === 0 ? "'none'" : ancestors.join(' ')}`,
  ]
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'cache-control': 'no-store',
    'referrer-policy': 'same-origin',
  }
  return sent(framed(about, visit, content).html, headers, content.status)
}

const sent = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>, status = 200): Response =>
  new Response(body, { status, headers: { 'x-content-type-options': 'nosniff', ...headers } })

/** After a form: what is loaded anew is the next page, and not the form. */
export const seeOther = (path: string, ...cookies: readonly string[]): Response =>
  new Response(null, {
    status: 303,
    headers: [['location', path], ...cookies.map((one): [string, string] => ['set-cookie', one])],
  })

/** RFC 6265 §5.4. */
const cookiesOf = ({ headers }: Request): ReadonlyMap<string, string> =>
  new Map(
    (headers.get('cookie') ?? '').split(/; ?/).flatMap((one) => {
      const [name = '', value] = one.split('=', 2)
      return value === undefined ? [] : [[name, value] as const]
    }),
  )
