/** The login protocol, handled: what each endpoint of the contract does with a `Jpki`. docs/protocols/login.md. */
import type { Endpoint, ReplyOf, RequestOf } from '@mobile-jpki/service/endpoint'
import { answerLogin, beginLogin, getLogin, getOutcome } from '../contract.ts'
import { refusalOfLogin } from '../domain/verdict.ts'
import type { Jpki } from '../jpki.ts'
import type { HeaderFields, LoginHooks } from './hooks.ts'

export interface Handled {
  readonly endpoint: Endpoint
  readonly handle: (request: unknown) => Promise<{ readonly reply: unknown; readonly headers?: HeaderFields }>
}

const handled = <E extends Endpoint>(
  endpoint: E,
  handle: (request: RequestOf<E>) => Promise<{ readonly reply: ReplyOf<E>; readonly headers?: HeaderFields }>,
): Handled => ({ endpoint, handle: handle as Handled['handle'] })

export const loginHandlers = (
  site: Jpki,
  { onAccepted, session, pagesBegin = true }: LoginHooks = {},
): readonly Handled[] => [
  ...(pagesBegin
    ? [
        handled(beginLogin, async () => {
          const { expiresAt, ...challenge } = await site.challenge()
          return { reply: { ...challenge, expiresAt: expiresAt.toISOString() } }
        }),
      ]
    : []),
  handled(getLogin, async ({ loginId }) => {
    const login = await site.question(loginId)
    if ('state' in login) throw refusalOfLogin(login)
    const { nonce, purpose, requester, text, numbers, expires } = login
    const { origin, name } = site
    const asked = { origin, name, nonce, purpose, requester, text, numbers: [...numbers] }
    return { reply: { ...asked, expiresAt: expires.toISOString() } }
  }),
  handled(answerLogin, async (request) => {
    const verdict = await site.verify(request)
    if (verdict.state !== 'good') throw refusalOfLogin(verdict)
    await onAccepted?.(verdict)
    return { reply: { serialNumber: verdict.holder.serialNumber } }
  }),
  handled(getOutcome, async ({ loginId, ticket }) => {
    const outcome = await site.outcome(loginId, ticket)
    switch (outcome.state) {
      case 'noSuchLogin':
        throw refusalOfLogin(outcome)
      case 'waiting':
        return { reply: { state: 'waiting' as const } }
      case 'tooLate':
        return { reply: { state: 'expired' as const } }
      case 'good': {
        const headers = await session?.(outcome)
        const reply = { state: 'accepted' as const, serialNumber: outcome.holder.serialNumber }
        return headers === undefined ? { reply } : { reply, headers }
      }
      default: {
        const { code, message: detail } = refusalOfLogin(outcome)
        return { reply: { state: 'refused' as const, refusal: { code, detail } } }
      }
    }
  }),
]
