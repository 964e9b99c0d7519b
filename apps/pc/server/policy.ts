/** What the pages of a PC may do: nothing but what is theirs. Content Security Policy Level 3. */
export const policy = (
  more: { readonly connect?: readonly string[]; readonly frameAncestors?: readonly string[] } = {},
) =>
  [
    "default-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    `connect-src ${["'self'", ...(more.connect ?? [])].join(' ')}`,
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    `frame-ancestors ${more.frameAncestors?.join(' ') || "'none'"}`,
  ].join('; ')
