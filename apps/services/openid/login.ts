/**
 * "Log in with JPKI" by OpenID Connect: authorization code with PKCE and private_key_jwt, by openid-client. The service sees no certificate:
 * it learns a subject of its own, which stays the same when the certificate is renewed. docs/protocols/openid.md.
 */
import { generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { isRefusalCode, Refusal } from '@mobile-jpki/refusal'
import * as openId from 'openid-client'
import { z } from 'zod'
import { keptByCookie } from '../site/kept.ts'
import { Declined } from '../site/refused.ts'
import { seeOther, type Visit } from '../site/site.ts'
import type { Store } from '../site/store.ts'

export interface OpenIdSettings {
  readonly issuer: string
  readonly clientId: string
  /** Where this service is; the provider sends the browser back to `/login/done` there. */
  readonly origin: string
}

export interface OpenIdLogin {
  /** Sends the browser to the provider. */
  begin(visit: Visit): Promise<Response>
  /** The person who came back, and the cookie that ends the waiting. */
  finish(visit: Visit): Promise<{ readonly subject: string; readonly acr: string; readonly cookie: string }>
  /** What the provider verifies our assertions with (RFC 7517). */
  readonly keys: () => Response
}

const Begun = z.object({ verifier: z.string(), state: z.string(), nonce: z.string() })

export async function openIdLogin(
  { issuer, clientId, origin }: OpenIdSettings,
  store: Store,
  now: () => Date,
): Promise<OpenIdLogin> {
  const begun = keptByCookie(store, { cookie: `${clientId}-login`, schema: Begun, minutes: 10, now })
  // Made anew at each start and never written: the provider fetches the public half when it is asked to verify.
  const { privateKey, publicKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
  const kid = crypto.randomUUID()
  const key = await webKeyOf(privateKey)
  let found: Promise<openId.Configuration> | undefined
  const provider = () => {
    found ??= discover(issuer, clientId, { key, kid }).catch((error: unknown) => {
      found = undefined
      throw refusalOf(error)
    })
    return found
  }
  return {
    begin: async ({ language }) => {
      const [verifier, state, nonce] = [openId.randomPKCECodeVerifier(), openId.randomState(), openId.randomNonce()]
      const address = openId.buildAuthorizationUrl(await provider(), {
        redirect_uri: `${origin}/login/done`,
        scope: 'openid',
        // Asked of the person each time, although the provider may remember the browser: others may sit at it.
        prompt: 'login',
        state,
        nonce,
        code_challenge: await openId.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ui_locales: language,
      })
      return seeOther(address.href, begun.open({ verifier, state, nonce }))
    },
    finish: async (visit) => {
      const { verifier, state, nonce } = begun.of(visit)
      const cookie = begun.end(visit)
      const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }
      const address = new URL(visit.url.pathname + visit.url.search, origin)
      const tokens = await openId.authorizationCodeGrant(await provider(), address, checks).catch((error: unknown) => {
        throw refusalOf(error)
      })
      const { sub, acr } = z.object({ sub: z.string(), acr: z.string() }).parse(tokens.claims())
      return { subject: sub, acr, cookie }
    },
    keys: () => Response.json({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' }] }),
  }
}

const discover = (issuer: string, clientId: string, key: { readonly key: CryptoKey; readonly kid: string }) =>
  openId.discovery(
    new URL(issuer),
    clientId,
    { token_endpoint_auth_method: 'private_key_jwt' },
    openId.PrivateKeyJwt(key),
    {
      // Plain HTTP to a provider on this machine; anywhere else it is refused.
      ...(new URL(issuer).protocol === 'http:' && { execute: [openId.allowInsecureRequests] }),
    },
  )

const webKeyOf = (key: KeyObject): Promise<CryptoKey> =>
  crypto.subtle.importKey('jwk', key.export({ format: 'jwk' }), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])

/** What went wrong at the provider or on the way, as a page can tell it; its own codes come in `error_description`. */
function refusalOf(error: unknown): unknown {
  const whose = { whose: 'openid-provider', cause: error } as const
  if (error instanceof openId.AuthorizationResponseError) {
    const [code = '', ...rest] = (error.error_description ?? '').split(': ')
    if (isRefusalCode(code)) return new Refusal(code, rest.join(': ') || undefined, whose)
    return error.error === 'access_denied'
      ? new Declined('login.cancelled')
      : new Refusal('peer.failed', error.error, whose)
  }
  if (error instanceof openId.ResponseBodyError) return new Refusal('peer.failed', error.error, whose)
  if (error instanceof openId.ClientError && error.code === 'OAUTH_INVALID_RESPONSE')
    return new Refusal('request.malformed', error.message, whose)
  if (error instanceof openId.ClientError) return new Refusal('peer.failed', error.code, whose)
  return error instanceof TypeError ? new Refusal('peer.unreachable', undefined, whose) : error
}
