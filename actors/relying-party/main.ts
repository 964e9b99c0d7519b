/** Starts a relying party. `node actors/relying-party/main.ts CONFIGURATION.json` runs it alone. */
import { readFile } from 'node:fs/promises'
import { type Listening, listen } from '@mobile-jpki/service'
import { noTrace, type Trace } from '@mobile-jpki/trace'
import { z } from 'zod'
import { jpki } from './jpki.ts'
import { siteOf } from './site.ts'

export const Configuration = z.strictObject({
  /** Plain HTTP on this machine; in the open a TLS terminator stands before it, and `origin` is what browsers see. */
  port: z.number().int().min(1).max(65535),
  origin: z.string().refine((text) => URL.parse(text)?.origin === text, 'must be an origin as browsers write it'),
  name: z.string(),
  appUrl: z.url(),
  /** CA certificates (DER) of the auth CA, all generations. */
  authAuthorities: z.array(z.base64().transform((text) => Uint8Array.fromBase64(text))).min(1),
})
export type Configuration = z.input<typeof Configuration>

export async function start(
  given: Configuration,
  { trace = noTrace, now = () => new Date() }: { readonly trace?: Trace; readonly now?: () => Date } = {},
): Promise<Listening> {
  const { port, authAuthorities: anchors, ...site } = Configuration.parse(given)
  const routes = siteOf(jpki({ ...site, anchors, trace, now }))
  return listen({ actor: 'relying-party', routes, port, trace })
}

if (import.meta.main) {
  const { url } = await start(JSON.parse(await readFile(process.argv[2] ?? 'relying-party.json', 'utf8')))
  console.log(url)
}
