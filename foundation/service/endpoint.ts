/** An endpoint is declared once, in the contract of the actor that answers; server, client, traces and OpenAPI follow from it. */
import type { ActorName, RefusalCode } from '@mobile-jpki/refusal'
import type { Step } from '@mobile-jpki/trace/steps'
import { z } from 'zod'

export { redact, secret } from './secret.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** The actors that may call, told by their certificates; 'public' is anybody. */
export type Callers = readonly ActorName[] | 'public'

export interface Endpoint<Request extends z.ZodType = z.ZodType, Reply extends z.ZodType = z.ZodType> {
  readonly name: string
  /** For the documents: one line; what else a caller must know; the codes that it may hear besides those that every endpoint has. */
  readonly summary?: string
  readonly description?: string
  readonly refusals?: readonly RefusalCode[]
  /** In wire form. */
  readonly example?: { readonly request?: z.input<Request>; readonly reply?: z.input<Reply> }
  readonly method: Method
  /** `:field` is filled from the request's field of that name; a GET carries the other fields in its query. */
  readonly path: string
  /** The step of the ministry's paper that the request is, and the one that the reply is. */
  readonly step?: Step
  readonly replyStep?: Step
  /** The two ends as the paper draws them, where they differ from the two ends of the connection. */
  readonly from?: ActorName
  readonly to?: ActorName
  readonly callers: Callers
  readonly request: Request
  readonly reply: Reply
  readonly status: number
  /** Takes the header Idempotency-Key: the act is done once, and its answer kept with it. */
  readonly idempotencyKey?: true
}

export type RequestOf<E extends Endpoint> = z.output<E['request']>
export type ReplyOf<E extends Endpoint> = z.output<E['reply']>

export const endpoint = <Request extends z.ZodType, Reply extends z.ZodType>(
  declaration: Omit<Endpoint<Request, Reply>, 'status'> & { readonly status?: number },
): Endpoint<Request, Reply> => ({ status: 200, ...declaration })

/** Octets travel as base64 in JSON and are a Uint8Array on both sides. */
export const octets = (bounds: { readonly min?: number; readonly max?: number } = {}) =>
  z.codec(
    z.base64(),
    z
      .custom<Uint8Array>((value) => value instanceof Uint8Array)
      .refine(({ length }) => length >= (bounds.min ?? 0) && length <= (bounds.max ?? Number.POSITIVE_INFINITY), {
        error: `must be ${bounds.min ?? 0} to ${bounds.max ?? 'any number of'} octets`,
      }),
    {
      decode: (text) => Uint8Array.fromBase64(text),
      encode: (value) => value.toBase64(),
    },
  )

/** Points in time travel as ISO 8601 in UTC and are a Date on both sides. */
export const instant = () =>
  z.codec(z.iso.datetime(), z.date(), { decode: (text) => new Date(text), encode: (value) => value.toISOString() })

/** The names of the fields that the path carries. */
export const pathFieldsOf = (path: string): readonly string[] =>
  [...path.matchAll(/:([A-Za-z][A-Za-z0-9]*)/g)].flatMap(([, name]) => (name === undefined ? [] : [name]))
