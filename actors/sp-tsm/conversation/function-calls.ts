/**
 * The carrier's functions, each call under an id of its own, which stays the same for as long as no answer to it came: asked again after
 * a break, it is the call of before, and done once. System Messaging: base request.
 */
import { createHash } from 'node:crypto'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { call, type Endpoint, type Peer, type ReplyOf, type RequestOf } from '@mobile-jpki/service'

export interface Calling {
  /** MNO-TSM. */
  readonly peer: Peer
  readonly carrier: string
  readonly newId: () => string
}

export type FunctionCalls = <E extends Endpoint>(
  endpoint: E,
  request: Omit<RequestOf<E>, 'functionCall' | 'carrier'>,
) => Promise<ReplyOf<E>>

/** It may have been done, or not. Every other refusal is an answer, and the next call another one. */
const unanswered: ReadonlySet<RefusalCode> = new Set(['peer.unreachable', 'peer.failed'])

/** Of calls that nobody tries again, the oldest are forgotten. A process that died asks anew: by its order it is done once all the same. */
const atMost = 1000

export function functionCalls({ peer, carrier, newId }: Calling): FunctionCalls {
  const open = new Map<string, string>()
  return async <E extends Endpoint>(endpoint: E, request: Omit<RequestOf<E>, 'functionCall' | 'carrier'>) => {
    const asked = fingerprintOf(endpoint, request)
    const id = open.get(asked) ?? newId()
    open.set(asked, id)
    for (const oldest of open.keys().take(Math.max(0, open.size - atMost))) open.delete(oldest)
    try {
      const reply = await call(peer, endpoint, { functionCall: { id }, carrier, ...request } as RequestOf<E>)
      open.delete(asked)
      return reply
    } catch (error) {
      if (!(error instanceof Refusal) || !unanswered.has(error.code)) open.delete(asked)
      throw error
    }
  }
}

/** Of persons nothing is remembered but this. */
const fingerprintOf = ({ name }: Endpoint, request: object): string =>
  createHash('sha256')
    .update(JSON.stringify([name, request], (_, value) => (value instanceof Uint8Array ? value.toHex() : value)))
    .digest('hex')
