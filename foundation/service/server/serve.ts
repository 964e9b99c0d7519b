/** Routes: an endpoint and its handler, or a path that speaks something other than JSON (OCSP, CRL, files, event streams). */
import type { ActorName } from '@mobile-jpki/refusal'
import type { Step } from '@mobile-jpki/trace/steps'
import type { Callers, Endpoint, Method, ReplyOf, RequestOf } from '../endpoint.ts'

export interface Context {
  /** The actor named by the client's certificate, or 'public'. */
  readonly caller: ActorName | 'public'
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
  readonly handler: (request: RawRequest, context: Context) => RawReply | Promise<RawReply>
}

export interface RawRoute extends RawDeclaration {
  readonly kind: 'raw'
}

export type Route = JsonRoute | RawRoute

export const serve = <E extends Endpoint>(
  endpoint: E,
  handler: (request: RequestOf<E>, context: Context) => ReplyOf<E> | Promise<ReplyOf<E>>,
): Route => ({ kind: 'json', endpoint, handle: (request, context) => handler(request as RequestOf<E>, context) })

export const serveRaw = (declaration: RawDeclaration): Route => ({ kind: 'raw', callers: 'public', ...declaration })
