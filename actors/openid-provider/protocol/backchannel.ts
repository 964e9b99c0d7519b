/**
 * Client-initiated back-channel authentication (CIBA Core 1.0, poll): a service asks for a person whom it knows by her subject, without her
 * browser. The answer carries, besides what CIBA says, `app_link` and `matching_number`: how the person's phone comes to hear of it is the service's.
 */

import { Refusal } from '@mobile-jpki/refusal'
import type Provider from 'oidc-provider'
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { amr, type Client } from '../contract.ts'
import { loggedIn } from '../domain/handover.ts'
import { subjectOf } from '../domain/subject.ts'
import type { World } from '../domain/world.ts'
import { oauthErrorOf } from '../page/reasons.ts'
import { errors } from './library.ts'
import { sectorOf } from './registration.ts'

type Ciba = NonNullable<NonNullable<Configuration['features']>['ciba']>

/** The request that waits for a login in the app, by the login's name. */
const kind = 'BackchannelLogin'

export function backchannelOf(world: World, clients: ReadonlyMap<string, Client>) {
  const accountIn = async (subject: string, { oidc }: KoaContextWithOIDC): Promise<string | undefined> => {
    const account = await world.subjects.find(subject)
    if (account === undefined || oidc.client === undefined) return undefined
    return (await subjectOf(world, account, sectorOf(oidc.client.redirectUris))) === subject ? account : undefined
  }
  const ciba: Ciba = {
    enabled: true,
    deliveryModes: ['poll'],
    processLoginHint: (ctx, subject = '') => accountIn(subject, ctx),
    processLoginHintToken: () => {
      throw new errors.InvalidRequest('login_hint_token is not supported; say the subject in login_hint')
    },
    verifyUserCode: (_ctx, _account, code) => {
      if (code !== undefined)
        throw new errors.InvalidUserCode('user_code is not used: the person enters a PIN in the app')
    },
    validateRequestContext: () => undefined,
    validateBindingMessage: (_ctx, message) => {
      if (message !== undefined)
        throw new errors.InvalidBindingMessage('the matching number of the answer stands in its place')
    },
    triggerAuthenticationDevice: async (ctx, { jti }, _account, { clientId }) => {
      const requester = clients.get(clientId)?.name.ja ?? clientId
      const { loginId, ticket, appLink, number, expiresAt } = await world.site.challenge({ requester })
      await world.artifacts.save(kind, loginId, { content: { ticket, request: jti }, expires: expiresAt })
      ctx.body = { ...Object(ctx.body), app_link: appLink, matching_number: number }
    },
  }
  return {
    ciba,
    /** An ID token that is shown as a hint names the person by her subject; everywhere else it is the account. */
    findAccount: async (ctx: KoaContextWithOIDC, sub: string) => {
      const account = ctx.oidc.route === 'backchannel_authentication' ? ((await accountIn(sub, ctx)) ?? sub) : sub
      return { accountId: account, claims: () => ({ sub: account }) }
    },
  }
}

/** The app answered a login: if a service waits for it, the answer is that of the person whom it asked for, or none. */
export async function settle(world: World, provider: Provider, loginId: string): Promise<void> {
  const content = (await world.artifacts.find(kind, loginId))?.content as
    | { ticket: string; request: string }
    | undefined
  if (content === undefined) return
  const request = await provider.BackchannelAuthenticationRequest.find(content.request)
  if (request?.accountId === undefined || request.clientId === undefined) return
  try {
    const { account, acr } = await loggedIn(world, await world.site.outcome(loginId, content.ticket), [])
    if (account !== request.accountId) throw new errors.AccessDenied('another person answered')
    const grant = new provider.Grant({ clientId: request.clientId, accountId: account })
    grant.addOIDCScope('openid')
    await grant.save()
    const authTime = Math.floor(world.now().getTime() / 1000)
    await provider.backchannelResult(request, grant, { acr, amr: [...amr], authTime })
  } catch (error) {
    const refused = oauthOf(error)
    // The library keeps the description only under this name.
    request.errorDescription = refused.error_description
    await provider.backchannelResult(request, refused)
  }
}

function oauthOf(error: unknown): InstanceType<typeof errors.OIDCProviderError> {
  if (error instanceof errors.OIDCProviderError) return error
  if (!(error instanceof Refusal)) throw error
  const told = oauthErrorOf(error.code)
  return new errors.CustomOIDCProviderError(told.error, told.error_description)
}
