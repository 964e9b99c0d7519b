/**
 * For which carriers a TSM speaks: URIs in the subjectAltName of its service certificate, beside the actor's name. RFC 5280 §4.2.1.6.
 * What issues certificates writes them, what reads certificates reads them.
 */
const prefix = 'urn:jpki:carrier:'

export const carrierUri = (carrier: string): string => `${prefix}${carrier}`

/** Undefined for any other URI. Names of carriers need no escapes, and none are read. */
export const carrierIn = (uri: string): string | undefined =>
  uri.startsWith(prefix) && /^[a-z0-9-]+$/.test(uri.slice(prefix.length)) ? uri.slice(prefix.length) : undefined
