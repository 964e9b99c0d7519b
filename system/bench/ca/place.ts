/** A JPKI system to be measured: a CA with its own folder and sockets, whose validity nodes run elsewhere. */
import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { start } from '@mobile-jpki/jpki-system/main'
import { openServiceCertificates, type ServiceIdentity } from '@mobile-jpki/keyring'
import type { ActorName } from '@mobile-jpki/refusal'
import { connectTo } from '@mobile-jpki/service'
import { freePort } from '../ports.ts'

export interface Place {
  readonly directory: string
  readonly databaseUrl: string
  /** Where the CA's own keys lie. */
  readonly keys: string
  /** Of the CA's service. */
  readonly url: string
  /** What certificates say; a node is to listen there. */
  readonly port: number
  identityOf(actor: ActorName): Promise<ServiceIdentity>
  close(): Promise<void>
}

export type Peer = ReturnType<typeof connectTo>

export async function openPlace(directory: string): Promise<Place> {
  const service = await openServiceCertificates(join(directory, 'service-ca'), () => new Date())
  const dataDirectory = join(directory, 'jpki-system')
  const port = await freePort()
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const point = publicKey.export({ type: 'spki', format: 'der' }).subarray(-65)
  const running = await start(
    {
      dataDirectory,
      ports: { service: 0, publication: false },
      publicBaseUrl: `http://127.0.0.1:${port}`,
      casdAuthorities: [new Uint8Array(point).toBase64()],
      applets: [new Uint8Array(32).toBase64()],
    },
    { identity: await service.identityOf('jpki-system') },
  )
  return {
    directory,
    databaseUrl: `sqlite:${join(dataDirectory, 'jpki-system.db')}`,
    keys: join(dataDirectory, 'keys'),
    url: running.url,
    port,
    identityOf: service.identityOf,
    close: () => running.close(),
  }
}

export const peerOf = async ({ url, identityOf }: Place, as: ActorName): Promise<Peer> =>
  connectTo({ url, actor: 'jpki-system', as, tls: await identityOf(as) })
