/**
 * Requests for a signature, in memory and for ten minutes: what was signed is the site's, what was typed is nobody's.
 *
 *   open ──begin──▶ signing ──sign──▶ signed        signing ──fail──▶ open        open ──decline──▶ declined
 */
import { Refusal } from '@mobile-jpki/refusal'
import type { RequestState, Signable } from './contract.ts'

export type RequestEvent = 'begin' | 'sign' | 'fail' | 'decline'

export const requestTransitions: Readonly<Record<RequestState, Partial<Record<RequestEvent, RequestState>>>> = {
  open: { begin: 'signing', decline: 'declined' },
  signing: { sign: 'signed', fail: 'open' },
  signed: {},
  declined: {},
}

export interface SignatureRequest {
  readonly id: string
  readonly form: Signable
  readonly expires: Date
  readonly state: RequestState
  readonly signed?: Uint8Array
}

export interface Requests {
  add(form: Signable): SignatureRequest
  find(id: string): SignatureRequest
  /** Refuses as `conditions.not-satisfied` what the request's state does not allow. */
  move(id: string, event: RequestEvent, signed?: Uint8Array): SignatureRequest
}

const lifetime = 10 * 60_000
/** Of one person at one PC. */
const atMost = 8

export function signatureRequests({
  now,
  newId,
}: {
  readonly now: () => Date
  readonly newId: () => string
}): Requests {
  const all = new Map<string, SignatureRequest>()
  const forgetOld = () => {
    for (const [id, { expires, state }] of all) if (expires <= now() && state !== 'signing') all.delete(id)
  }
  const find = (id: string): SignatureRequest => {
    forgetOld()
    const found = all.get(id)
    if (found === undefined) throw new Refusal('reference.not-found', 'There is no such request; it may be too old.')
    return found
  }
  return {
    add: (form) => {
      forgetOld()
      const waiting = [...all.values()].filter(({ state }) => state === 'open' || state === 'signing')
      if (waiting.length >= atMost) throw new Refusal('rate.exceeded', 'Too many requests wait for the person.')
      const request = { id: newId(), form, expires: new Date(now().getTime() + lifetime), state: 'open' } as const
      all.set(request.id, request)
      return request
    },
    find,
    move: (id, event, signed) => {
      const before = find(id)
      const state = requestTransitions[before.state][event]
      if (state === undefined)
        throw new Refusal('conditions.not-satisfied', `The request is ${before.state}: ${event} is not possible.`)
      const after = { ...before, state, ...(signed !== undefined && { signed }) }
      all.set(id, after)
      return after
    },
  }
}
