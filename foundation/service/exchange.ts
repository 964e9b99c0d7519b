/** A request and its reply, as the trace remembers them. Secrets are replaced here, by what their schemas say. */
import type { ActorName, RefusalCode } from '@mobile-jpki/refusal'
import { noTrace, type Trace } from '@mobile-jpki/trace/entry'
import { type Endpoint, redact } from './endpoint.ts'

/** Sent by a caller that records the exchange itself, so that it is not recorded twice. The trace is no audit log. */
export const recordedBy = 'jpki-recorded-by'

export interface Exchange {
  readonly endpoint: Endpoint
  readonly caller: ActorName
  readonly callee: ActorName
  readonly at: Date
  readonly milliseconds: number
  /** Both in their wire form, if they followed their format. */
  readonly request?: unknown
  readonly reply?: unknown
  readonly octets: { readonly request: number; readonly reply: number }
  readonly failure?: RefusalCode | 'internal' | undefined
}

export function recordExchange(trace: Trace, exchange: Exchange): void {
  if (trace === noTrace) return
  const { endpoint, at, milliseconds, octets, failure } = exchange
  const from = endpoint.from ?? exchange.caller
  const to = endpoint.to ?? exchange.callee
  const request = redact(endpoint.request, exchange.request)
  const reply = redact(endpoint.reply, exchange.reply)
  const order = orderIn(exchange.request) ?? orderIn(exchange.reply)
  const ending = {
    what: endpoint.name,
    milliseconds,
    ok: failure === undefined,
    refusal: failure === 'internal' ? undefined : failure,
    order,
  }
  const there = { at, step: endpoint.step, from, to }
  if (endpoint.replyStep === undefined || failure !== undefined) {
    const both = octets.request + octets.reply
    trace.record({ ...ending, ...there, octets: both, raw: rawOf(request, reply), decoded: { request, reply } })
    return
  }
  trace.record({
    ...ending,
    ...there,
    octets: octets.request,
    raw: rawOf(request),
    decoded: { request },
  })
  const repliedAt = new Date(at.getTime() + milliseconds)
  const back = { at: repliedAt, step: endpoint.replyStep, from: to, to: from, milliseconds: 0 }
  trace.record({ ...ending, ...back, octets: octets.reply, raw: rawOf(reply), decoded: { reply } })
}

const rawOf = (...messages: readonly unknown[]): Uint8Array =>
  new TextEncoder().encode(
    messages.flatMap((message) => (message === undefined ? [] : [JSON.stringify(message)])).join('\n'),
  )

/** By agreement, the field `orderId` of a message is the reference of the order that it serves. */
const orderIn = (message: unknown): string | undefined =>
  typeof message === 'object' && message !== null && 'orderId' in message && typeof message.orderId === 'string'
    ? message.orderId
    : undefined
