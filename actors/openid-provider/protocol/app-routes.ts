/** What the app asks of the provider: the login protocol, of which the provider is one more site. docs/protocols/login.md. */
import { refusalOfLogin } from '@mobile-jpki/relying-party'
import { answerLogin, getLogin } from '@mobile-jpki/relying-party/contract'
import { type Route, serve } from '@mobile-jpki/service'
import type Provider from 'oidc-provider'
import { keepTrouble } from '../domain/trouble.ts'
import type { World } from '../domain/world.ts'
import { settle } from './backchannel.ts'

/** A login is begun by an interaction, or by a service over the back channel, and its outcome heard there: no page asks for either here. */
export const appRoutes = (world: World, provider: Provider): readonly Route[] => [
  serve(getLogin, async ({ loginId }) => {
    const login = await world.site.question(loginId)
    if ('state' in login) throw refusalOfLogin(login)
    const { nonce, purpose, requester, text, numbers, expires } = login
    const { origin, name } = world.site
    return { origin, name, nonce, purpose, requester, text, numbers: [...numbers], expiresAt: expires.toISOString() }
  }),
  serve(answerLogin, async (request) => {
    const verdict = await world.site.verify(request)
    if (verdict.state === 'good') {
      await settle(world, provider, request.loginId)
      return { serialNumber: verdict.holder.serialNumber }
    }
    const refusal = refusalOfLogin(verdict)
    if (verdict.state === 'unknown' || verdict.state === 'stale' || verdict.state === 'accountUnknown')
      await keepTrouble(world, request.loginId, refusal.code)
    else await settle(world, provider, request.loginId)
    throw refusal
  }),
]
