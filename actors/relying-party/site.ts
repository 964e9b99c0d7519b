/** A site of the library's own with one page: what the town logs in at; routes readable as a table. */
import { type Route, serve, serveFiles } from '@mobile-jpki/service'
import { answerLogin, beginLogin, getLogin, getOutcome } from './contract.ts'
import { refusalOfLogin } from './domain/verdict.ts'
import type { Jpki } from './jpki.ts'

const policy = "default-src 'self'; style-src 'self'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'"

export const siteOf = (site: Jpki): readonly Route[] => [
  serve(beginLogin, async () => {
    const { expiresAt, ...challenge } = await site.challenge()
    return { ...challenge, expiresAt: expiresAt.toISOString() }
  }),
  serve(getLogin, async ({ loginId }) => {
    const login = await site.question(loginId)
    if ('state' in login) throw refusalOfLogin(login)
    const { nonce, purpose, requester, text, numbers, expires } = login
    const { origin, name } = site
    return { origin, name, nonce, purpose, requester, text, numbers: [...numbers], expiresAt: expires.toISOString() }
  }),
  serve(answerLogin, async (request) => {
    const verdict = await site.verify(request)
    if (verdict.state !== 'good') throw refusalOfLogin(verdict)
    return { serialNumber: verdict.holder.serialNumber }
  }),
  serve(getOutcome, async ({ loginId, ticket }) => {
    const outcome = await site.outcome(loginId, ticket)
    if (outcome.state === 'noSuchLogin') throw refusalOfLogin(outcome)
    if (outcome.state === 'waiting') return { state: 'waiting' as const }
    if (outcome.state === 'tooLate') return { state: 'expired' as const }
    if (outcome.state === 'good') return { state: 'accepted' as const, serialNumber: outcome.holder.serialNumber }
    const { code, message: detail } = refusalOfLogin(outcome)
    return { state: 'refused' as const, refusal: { code, detail } }
  }),
  ...serveFiles({
    path: '/',
    directory: `${import.meta.dirname}/page`,
    headers: { 'content-security-policy': policy, 'cache-control': 'no-cache' },
  }),
]
