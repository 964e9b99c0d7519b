/**
 * oidc-provider, set up for this house: authorization code with PKCE, private_key_jwt and nothing weaker, pairwise subjects, logins by our
 * hand-over page. OpenID Connect Core 1.0, RFC 6749, RFC 7636, RFC 7523, RFC 9126, Back-Channel Logout 1.0, CIBA Core 1.0.
 */
import type { Signer } from '@mobile-jpki/pkix/crypto'
import type Library from 'oidc-provider'
import type { Configuration, Client as KnownClient, KoaContextWithOIDC } from 'oidc-provider'
import { acr, type Client } from '../contract.ts'
import { subjectOf } from '../domain/subject.ts'
import type { World } from '../domain/world.ts'
import { headersOf, type Page, pageOf } from '../page/frame.ts'
import { type Language, languageOf } from '../page/language.ts'
import { errorPage, loggedOutPage, logOutPage } from '../page/notices.ts'
import { adapterOn } from './adapter.ts'
import { backchannelOf } from './backchannel.ts'
import { Provider } from './library.ts'
import { registrationOf, sectorOf } from './registration.ts'
import { signingKeyOf } from './signing-key.ts'

export interface ProviderSettings {
  /** As services and browsers see it: https, or http on this machine. */
  readonly issuer: string
  readonly clients: readonly Client[]
  readonly signer: Signer
  /** They sign cookies. */
  readonly cookieKeys: readonly string[]
  /** Origins whose pages may show ours in a frame. */
  readonly frames: readonly string[]
}

/** Seconds. A code is fetched at once; a login in the browser serves other services for an hour. */
const ttl = {
  AccessToken: 600,
  AuthorizationCode: 60,
  BackchannelAuthenticationRequest: 300,
  Grant: 3600,
  IdToken: 600,
  Interaction: 900,
  Session: 3600,
} as const

export function providerOf(world: World, settings: ProviderSettings): Library {
  const { issuer, clients, signer, cookieKeys, frames } = settings
  const show = (ctx: KoaContextWithOIDC, page: Page): void => {
    ctx.set({ ...headersOf(page, frames) })
    ctx.body = pageOf(page)
  }
  const named = new Map(clients.map((client) => [client.clientId, client]))
  const backchannel = backchannelOf(world, named)
  const configuration: Configuration = {
    adapter: adapterOn(world),
    clients: clients.map(registrationOf),
    jwks: { keys: [signingKeyOf(signer)] },
    routes: {
      authorization: '/oidc/authorization',
      backchannel_authentication: '/oidc/backchannel-authentication',
      end_session: '/oidc/logout',
      jwks: '/oidc/jwks',
      pushed_authorization_request: '/oidc/pushed-authorization',
      revocation: '/oidc/revocation',
      token: '/oidc/token',
      userinfo: '/oidc/userinfo',
    },
    scopes: ['openid'],
    claims: { openid: ['sub', 'acr', 'amr', 'auth_time'], sid: null, iss: null },
    conformIdTokenClaims: false,
    acrValues: Object.values(acr),
    responseTypes: ['code'],
    clientAuthMethods: ['private_key_jwt'],
    subjectTypes: ['pairwise'],
    pairwiseIdentifier: (_ctx, account, client) => subjectOf(world, account, sectorOf(client.redirectUris)),
    /** Whoever configured the service vouches for its addresses, which are all of one host. */
    sectorIdentifierUriValidate: () => false,
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    enabledJWA: {
      idTokenSigningAlgValues: ['RS256'],
      clientAuthSigningAlgValues: ['ES256', 'RS256', 'PS256', 'EdDSA'],
    },
    cookies: {
      keys: [...cookieKeys],
      names: { session: 'jpki_op_session', interaction: 'jpki_op_interaction', resume: 'jpki_op_resume' },
      short: { httpOnly: true, sameSite: 'lax', signed: true },
      long: { httpOnly: true, sameSite: 'lax', signed: true },
    },
    ttl,
    clientBasedCORS: () => false,
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: backchannel.findAccount,
    loadExistingGrant: grantOf,
    renderError: (ctx, { error, error_description: description = '' }) =>
      show(ctx, errorPage(languageIn(ctx), { error, description })),
    /** Only addresses of our own configuration are fetched, and some of them are on this machine. */
    fetch: (url, { dispatcher: _refusesThisMachine, ...options }: RequestInit & { dispatcher?: unknown } = {}) =>
      globalThis.fetch(url, options),
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      resourceIndicators: { enabled: false },
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
      claimsParameter: { enabled: true },
      revocation: { enabled: true },
      backchannelLogout: { enabled: true },
      ciba: backchannel.ciba,
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => show(ctx, logOutPage(languageIn(ctx), form, leadingTo(ctx.oidc.client))),
        postLogoutSuccessSource: (ctx) => show(ctx, loggedOutPage(languageIn(ctx))),
      },
    },
  }
  const provider = new Provider(issuer, configuration)
  // Behind a TLS terminator the scheme is the issuer's, or cookies would not be marked as secure.
  provider.proxy = issuer.startsWith('https:')
  tellWhy(provider)
  return provider
}

const languageIn = (ctx: KoaContextWithOIDC): Language =>
  languageOf(ctx.oidc?.params?.['ui_locales'], ctx.get('accept-language'))

const leadingTo = (client: KnownClient | undefined): readonly string[] => [
  ...new Set((client?.postLogoutRedirectUris ?? []).map((uri) => new URL(uri).origin)),
]

/** The person agreed in the app, where she saw who asks: there is nothing more to consent to than to be known as a subject. */
async function grantOf({ oidc }: KoaContextWithOIDC) {
  const { client, session, provider } = oidc
  if (client === undefined || session?.accountId === undefined) return undefined
  const known = session.grantIdFor(client.clientId)
  const found = known === undefined ? undefined : await provider.Grant.find(known)
  if (found?.accountId === session.accountId) return found
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
  grant.addOIDCScope('openid')
  await grant.save()
  return grant
}

/** A client that is refused hears why, and not only that it is: the library keeps that for its own log. */
function tellWhy(provider: Library): void {
  const told = (ctx: KoaContextWithOIDC, error: Error) => {
    const { body } = ctx
    if (!('error_detail' in error) || typeof error.error_detail !== 'string') return
    if (typeof body !== 'object' || body === null || !('error_description' in body)) return
    ctx.body = { ...body, error_description: `${body.error_description} (${error.error_detail})` }
  }
  provider.on('grant.error', told)
  provider.on('backchannel_authentication.error', told)
  provider.on('pushed_authorization_request.error', told)
}
