/** A service of our configuration as the library knows clients: OpenID Connect Dynamic Client Registration §2, CIBA Core §4. */
import type { ClientMetadata } from 'oidc-provider'
import type { Client } from '../contract.ts'

const cibaGrant = 'urn:openid:params:grant-type:ciba'

export const registrationOf = (client: Client): ClientMetadata => ({
  client_id: client.clientId,
  client_name: client.name.ja,
  application_type: 'web',
  redirect_uris: [...client.redirectUris],
  post_logout_redirect_uris: [...client.postLogoutRedirectUris],
  response_types: ['code'],
  grant_types: ['authorization_code', ...(client.ciba ? [cibaGrant] : [])],
  token_endpoint_auth_method: 'private_key_jwt',
  subject_type: 'pairwise',
  sector_identifier_uri: `https://${sectorOf(client.redirectUris)}/`,
  id_token_signed_response_alg: 'RS256',
  ...(client.jwks !== undefined && { jwks: client.jwks }),
  ...(client.jwksUri !== undefined && { jwks_uri: client.jwksUri }),
  ...(client.ciba && { backchannel_token_delivery_mode: 'poll' as const }),
  ...(client.backchannelLogoutUri !== undefined && {
    backchannel_logout_uri: client.backchannelLogoutUri,
    backchannel_logout_session_required: true,
  }),
})

/** The sector of pairwise subjects, OpenID Connect Core §8.1: host and port of where the service's people come back to. */
export const sectorOf = (redirectUris: readonly string[] = []): string => new URL(redirectUris[0] ?? '').host
