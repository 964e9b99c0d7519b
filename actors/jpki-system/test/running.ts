/** A JPKI system as it runs: real sockets, a data directory, and peers with certificates of the service CA. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import type { ActorName } from '@mobile-jpki/refusal'
import { connectTo } from '@mobile-jpki/service'
import { ring } from '@mobile-jpki/trace'
import { type Configuration, start } from '../main.ts'
import { authority } from './surroundings.ts'

export async function started(changed: Partial<Configuration> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'jpki-system-running-'))
  const dataDirectory = join(directory, 'data')
  const service = await openServiceCertificates(join(directory, 'service'), () => new Date())
  const traced = ring()
  const configuration: Configuration = {
    dataDirectory,
    ports: { service: 0, publication: 0 },
    casdAuthorities: [authority.point.toBase64()],
    ...changed,
  }
  const open = async () => start(configuration, { identity: await service.identityOf('jpki-system'), trace: traced })
  let running = await open()
  const peers: { close(): Promise<void> }[] = []
  return {
    directory,
    dataDirectory,
    traced,
    configuration,
    serviceCa: service.serviceCa,
    url: () => running.url,
    publicUrl: () => running.publicUrl,
    authorities: () => running.authorities,
    restart: async () => {
      await running.close()
      running = await open()
    },
    /** A peer without a name shows no certificate. */
    as: async (actor?: ActorName) => {
      const tls = actor === undefined ? { serviceCa: service.serviceCa } : await service.identityOf(actor)
      const peer = connectTo({ url: running.url, actor: 'jpki-system', ...(actor && { as: actor }), tls })
      peers.push(peer)
      return peer
    },
    stop: () => running.close(),
    close: async () => {
      await Promise.all(peers.map((peer) => peer.close()))
      await running.close()
      await rm(directory, { recursive: true })
    },
  }
}
