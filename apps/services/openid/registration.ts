/** What the OpenID provider must know of a service, as it stands in the provider's configuration. */
export const registrationOf = (
  clientId: string,
  name: { readonly ja: string; readonly en: string },
  origin: string,
) => ({
  clientId,
  name,
  redirectUris: [`${origin}/login/done`],
  postLogoutRedirectUris: [`${origin}/`],
  jwksUri: `${origin}/jwks.json`,
})
