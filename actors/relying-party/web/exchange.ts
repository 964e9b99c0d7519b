/** One request of the login protocol and its answer, apart from any framework; problems as RFC 9457 has them. */
import { Refusal } from '@mobile-jpki/refusal'
import { problemOf } from '@mobile-jpki/service/problem'
import { z } from 'zod'
import type { Jpki } from '../jpki.ts'
import { type Handled, loginHandlers } from './handlers.ts'
import type { LoginHooks } from './hooks.ts'

export interface WebRequest {
  readonly method: string
  /** Without query. */
  readonly path: string
  readonly contentType: string | undefined
  /** As it came, or as somebody before us parsed it. */
  readonly body: () => Promise<unknown>
}

export interface WebReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The longest request holds a certificate and a signature. */
export const longestBody = 16_384

/** Answers nothing where the path is none of the protocol's. */
export type Exchange = (request: WebRequest) => Promise<WebReply | undefined>

export function exchangeOf(site: Jpki, hooks: LoginHooks): Exchange {
  const matchers = loginHandlers(site, hooks).map((one) => ({ ...one, fields: matcherOf(one.endpoint.path) }))
  return async (request) => {
    const there = matchers.flatMap(({ fields, ...one }) => {
      const found = fields(request.path)
      return found === undefined ? [] : [{ ...one, found }]
    })
    if (there.length === 0) return undefined
    try {
      const meant = there.find(({ endpoint }) => endpoint.method === request.method)
      if (meant === undefined) throw new Refusal('request.method-not-allowed')
      const { reply, headers } = await meant.handle(await read(meant, meant.found, request))
      return replyOf(meant.endpoint.status, z.encode(meant.endpoint.reply, reply), headers)
    } catch (error) {
      const problem = problemOf(error, 'relying-party')
      return { ...replyOf(problem.status, problem), headers: { ...plain, 'content-type': 'application/problem+json' } }
    }
  }
}

async function read({ endpoint }: Handled, fields: Record<string, string>, { contentType, body }: WebRequest) {
  // A form of another site's cannot say this type without asking us first (CORS), so it begins and ends nothing here.
  if (endpoint.method === 'POST' && !/^application\/json(?:;|$)/i.test(contentType ?? ''))
    throw new Refusal('request.type-not-supported', 'Send application/json.')
  const sent = endpoint.method === 'POST' ? await body() : {}
  const request = z.safeDecode(endpoint.request, { ...asFields(sent), ...fields })
  if (request.success) return request.data
  const [issue] = request.error.issues
  throw new Refusal('request.malformed', `${issue?.path.join('.') || 'the message'}: ${issue?.message}`)
}

const asFields = (sent: unknown): object => {
  if (typeof sent === 'object' && sent !== null && !Array.isArray(sent)) return sent
  throw new Refusal('request.malformed', 'The body is no JSON object.')
}

/** Of a body that nobody parsed yet. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal('request.malformed', 'The body is no JSON.')
  }
}

const plain = { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

const replyOf = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): WebReply => ({
  status,
  headers: { ...plain, ...headers },
  body: JSON.stringify(body),
})

function matcherOf(pattern: string): (path: string) => Record<string, string> | undefined {
  const parts = pattern.split('/')
  return (path) => {
    const given = path.split('/')
    if (given.length !== parts.length) return undefined
    const fields: Record<string, string> = {}
    for (const [at, part] of parts.entries()) {
      if (part.startsWith(':')) fields[part.slice(1)] = given[at] ?? ''
      else if (part !== given[at]) return undefined
    }
    return fields
  }
}
