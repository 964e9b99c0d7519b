/** Step ①: the app comes as a signed list of files; nothing of it is kept unless all of it is as signed. */
import { AppManifest } from '@mobile-jpki/app-provider/contract'
import { verifyP256 } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'

export interface AppProvider {
  /** The app that is asked for: a signature over another one is worth nothing. */
  readonly app: string
  manifest(): Promise<{ readonly manifest: Uint8Array; readonly signature: Uint8Array }>
  file(sha256: string): Promise<Uint8Array>
}

export interface InstalledApp {
  readonly name: string
  readonly version: string
  readonly files: ReadonlyMap<string, Uint8Array>
}

const refused = (what: string) =>
  new Refusal('request.malformed', `The app was not installed: ${what}.`, { whose: 'app-provider' })

export async function fetchApp(provider: AppProvider, providerPoint: Uint8Array): Promise<InstalledApp> {
  const { manifest, signature } = await provider.manifest()
  if (!(await verifyP256(providerPoint, manifest, signature))) throw refused('the provider did not sign it')
  const { name, version, files } = manifestIn(manifest)
  if (name !== provider.app) throw refused(`it is ${name}`)
  const fetched = new Map<string, Uint8Array>()
  for (const { path, size, sha256 } of files) {
    const content = await provider.file(sha256.toHex())
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(content)))
    if (content.length !== size || digest.toHex() !== sha256.toHex()) throw refused(`${path} is not the signed file`)
    fetched.set(path, content)
  }
  return { name, version, files: fetched }
}

function manifestIn(octets: Uint8Array): AppManifest {
  try {
    return AppManifest.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(octets)))
  } catch {
    throw refused('its manifest does not follow the format')
  }
}
