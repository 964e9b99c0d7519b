/** Routes: an endpoint and its handler, or a path that speaks something other than JSON (OCSP, CRL, files, event streams). */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ActorName } from '@mobile-jpki/refusal'
import type { Step } from '@mobile-jpki/trace/steps'
import type { Callers, Endpoint, Method, ReplyOf, RequestOf } from '../endpoint.ts'
import type { KeptAnswer } from './once.ts'

export interface Context<Reply = unknown> {
  /** The actor named by the client's certificate, or 'public'. */
  readonly caller: ActorName | 'public'
  /** For which its certificate says that it speaks. */
  readonly carriers: readonly string[]
  /** Names this request: in the answer, in a problem, in the log and in the journal. */
  readonly request: string
  /** There under an Idempotency-Key: what the act must keep in its own transaction, so that its answer can be given again. */
  readonly keep?: (reply: Reply) => KeptAnswer
  /** Aborted when the caller hangs up. */
  readonly signal: AbortSignal
}

export interface JsonRoute {
  readonly kind: 'json'
  readonly endpoint: Endpoint
  readonly handle: (request: unknown, context: Context) => unknown
}

export interface RawRequest {
  readonly path: string
  readonly fields: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Uint8Array
}

export interface RawReply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string | AsyncIterable<Uint8Array | string>
}

export interface RawDeclaration {
  readonly method: Method
  /** `:field` and a final `*` are answered in `fields`. */
  readonly path: string
  readonly name?: string
  readonly step?: Step
  readonly callers?: Callers
  /** The content types that the body may have; any if not said. */
  readonly accepts?: readonly string[]
  /** For the documents; what says nothing here is not in them. */
  readonly about?: RawDescription
  /** Counted against the limits of the listener. */
  readonly limited?: true
  readonly handler: (request: RawRequest, context: Context) => RawReply | Promise<RawReply>
  /**
   * Answers ahead of the router, where the router costs more than the answer: by `request.url` alone, for anyone, on plain HTTP only.
   * True means that it took the request; false leaves it, untouched, to `handler`.
   */
  readonly direct?: (request: IncomingMessage, response: ServerResponse) => boolean
}

export interface RawDescription {
  readonly name: string
  readonly summary: string
  readonly description?: string
  /** By status code: what it means, and the content type of its body. */
  readonly replies: Readonly<Record<number, { readonly description: string; readonly type?: string }>>
  /** What the fields of the path are. */
  readonly fields?: Readonly<Record<string, string>>
}

export interface RawRoute extends RawDeclaration {
  readonly kind: 'raw'
}

export type Route = JsonRoute | RawRoute

export const serve = <E extends Endpoint>(
  endpoint: E,
  handler: (request: RequestOf<E>, context: Context<ReplyOf<E>>) => ReplyOf<E> | Promise<ReplyOf<E>>,
): Route => ({
  kind: 'json',
  endpoint,
  handle: (request, context) => handler(request as RequestOf<E>, context as Context<ReplyOf<E>>),
})

export const serveRaw = (declaration: RawDeclaration): Route => ({ kind: 'raw', callers: 'public', ...declaration })
