/** Starts the app provider over a folder that holds the built app. */
import { join } from 'node:path'
import { type Keyring, openKeyring, type ServiceIdentity } from '@mobile-jpki/keyring'
import { SubjectPublicKeyInfo } from '@mobile-jpki/pkix'
import { type Listening, listen } from '@mobile-jpki/service'
import { noTrace, type Trace } from '@mobile-jpki/trace'
import { z } from 'zod'
import { appProvider, packageApp } from './index.ts'

export const Configuration = z.strictObject({
  dataDirectory: z.string(),
  port: z.number().int().min(0).max(65535),
  appDirectory: z.string(),
  version: z.string(),
})
export type Configuration = z.infer<typeof Configuration>

export interface AppProvider extends Listening {
  /** P-256 point by which phones know the provider's signature. */
  readonly point: Uint8Array
}

export async function start(
  given: Configuration,
  { identity, trace = noTrace }: { readonly identity: ServiceIdentity; readonly trace?: Trace },
): Promise<AppProvider> {
  const { dataDirectory, port, appDirectory, version } = Configuration.parse(given)
  const keyring: Keyring = await openKeyring(join(dataDirectory, 'keys'))
  const signer = await keyring.signer('app-signing', 'p-256')
  const app = await packageApp('jpki-ui', version, appDirectory, signer)
  const routes = appProvider(new Map([['jpki-ui', app]]))
  const { url, close } = await listen({ actor: 'app-provider', routes, port, tls: identity, trace })
  return { url, close, point: SubjectPublicKeyInfo.decode(signer.publicKey).subjectPublicKey }
}
