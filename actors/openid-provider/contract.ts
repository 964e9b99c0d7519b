/**
 * What the OpenID provider promises a service: OpenID Connect Core 1.0 with authorization code, PKCE (RFC 7636) and private_key_jwt
 * (RFC 7523), found by its discovery document; how a service is registered; and what the claims of an ID token mean. docs/protocols/openid.md.
 */
import { z } from 'zod'

/** Authentication context classes (`acr`, OpenID Connect Core §2): which of the two the person used. */
export const acr = { phone: 'urn:mobile-jpki:acr:phone', card: 'urn:mobile-jpki:acr:card' } as const
export type Acr = (typeof acr)[keyof typeof acr]

/** RFC 8176: a key in hardware, opened by a PIN. The same for phone and card. */
export const amr = ['hwk', 'pin'] as const

/** An address of a service: https, or plain http on the same machine. */
const Address = z.url().refine((text) => {
  const { protocol, hostname, hash } = new URL(text)
  const here = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)
  return hash === '' && (protocol === 'https:' || (protocol === 'http:' && here))
}, 'must be https without fragment; http on this machine only')

const hostOf = (uri: string): string | undefined => URL.parse(uri)?.host

/** RFC 7517: public keys alone. A private one in a registration is a mistake that is refused. */
const PublicKeys = z.object({
  keys: z
    .array(z.looseObject({ kty: z.enum(['EC', 'RSA', 'OKP']), kid: z.string().optional() }))
    .min(1)
    .refine((keys) => keys.every((key) => !('d' in key)), 'must be public keys'),
})

/** A service (OpenID Connect Dynamic Client Registration §2, in our words); it stands in the provider's configuration. */
export const Client = z
  .strictObject({
    clientId: z.string().regex(/^[\x21-\x7e]{1,64}$/),
    /** Shown to the person on the hand-over page and in the app. */
    name: z.strictObject({ ja: z.string().min(1), en: z.string().min(1) }),
    /** All of one host and port: the sector for which a person's subject is made. */
    redirectUris: z.array(Address).min(1),
    postLogoutRedirectUris: z.array(Address).default([]),
    /** OpenID Connect Back-Channel Logout §2.2. */
    backchannelLogoutUri: Address.optional(),
    /** The keys of private_key_jwt: said here, or fetched from the service when it first calls. */
    jwks: PublicKeys.optional(),
    jwksUri: Address.optional(),
    /** May ask for a person whom it knows without that person's browser. CIBA Core §4: `jwksUri` shows that it is of the sector. */
    ciba: z.boolean().default(false),
  })
  .refine(({ jwks, jwksUri }) => (jwks === undefined) !== (jwksUri === undefined), 'needs either jwks or jwksUri')
  .refine(
    ({ ciba, jwksUri, redirectUris: [first = ''] }) =>
      !ciba || (jwksUri !== undefined && hostOf(jwksUri) === hostOf(first)),
    'for ciba, jwksUri must be of the host and port of the redirect URIs',
  )
  .refine(
    ({ redirectUris }) => new Set(redirectUris.map(hostOf)).size === 1,
    'the redirect URIs must be of one host and port',
  )
export type Client = z.output<typeof Client>

/** What an ID token says besides the claims of every one (OpenID Connect Core §2). */
export const IdTokenClaims = z.object({
  iss: z.url(),
  /** The person as this service, and no other, knows her; the same with card and phone, and after a renewal. */
  sub: z.string(),
  aud: z.string(),
  acr: z.enum(Object.values(acr)),
  amr: z.array(z.string()),
  auth_time: z.int(),
})
