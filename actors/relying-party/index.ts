/** サービス提供者: a site that logs people in with their phone's certificate; routes readable as a table. */
import { type Route, serve, serveFiles } from '@mobile-jpki/service'
import { answerLogin, beginLogin, getLogin, getOutcome } from './contract.ts'
import { answer, begin, outcomeOf, type World, waiting } from './domain/login.ts'

export { loginsInMemory, type World } from './domain/login.ts'

export interface Site {
  /** Shown to the person in the app, beside the origin. */
  readonly name: string
  /** The phone's screen; a real site has an app link there. */
  readonly appUrl: string
}

const policy = "default-src 'self'; style-src 'self'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'"

export const relyingParty = (world: World, { name, appUrl }: Site): readonly Route[] => [
  serve(beginLogin, () => {
    const { id, ticket, number, expires } = begin(world)
    const appLink = `${appUrl}/#/login?${new URLSearchParams({ site: world.origin, login: id })}`
    return { loginId: id, ticket, appLink, number, expiresAt: expires.toISOString() }
  }),
  serve(getLogin, ({ loginId }) => {
    const { nonce, purpose, numbers, expires } = waiting(world, loginId)
    return { origin: world.origin, name, nonce, purpose, numbers: [...numbers], expiresAt: expires.toISOString() }
  }),
  serve(answerLogin, async (request) => ({ serialNumber: await answer(world, request) })),
  serve(getOutcome, ({ loginId, ticket }) => outcomeOf(world, loginId, ticket)),
  ...serveFiles({
    path: '/',
    directory: `${import.meta.dirname}/page`,
    headers: { 'content-security-policy': policy, 'cache-control': 'no-cache' },
  }),
]
