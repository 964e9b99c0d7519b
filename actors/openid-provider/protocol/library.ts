/** oidc-provider, loaded without its word about runtimes that are no LTS: ours is pinned, and what stands here is tested on it. */
const { warn } = console
console.warn = (...said) => {
  if (!String(said[0]).includes('Unsupported runtime')) warn(...said)
}
export const {
  default: Provider,
  errors,
  ExternalSigningKey,
} = await import('oidc-provider').finally(() => {
  console.warn = warn
})
