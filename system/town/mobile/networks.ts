/** The carriers' networks: MVNO D's SIMs are on that of its host. Each knows one system of its carrier's by a password in a file. */
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Disturbance, type Network, start } from '@mobile-jpki/carrier-network/main'
import type { ServiceIdentity } from '@mobile-jpki/keyring'
import type { Trace } from '@mobile-jpki/trace'
import type { Layout, Ports } from '../layout.ts'

/** Each with its folder and its port, and the TSM that is bound to it. */
export const networks = [
  { place: 'networkA', folder: 'network-a', tsm: 'mnoTsm' },
  { place: 'networkB', folder: 'network-b', tsm: 'mnoTsmB' },
  { place: 'networkC', folder: 'network-c', tsm: 'mnoTsmC' },
] as const
export type NetworkPlace = (typeof networks)[number]['place']
type TsmPlace = (typeof networks)[number]['tsm']

export interface NetworkSurroundings {
  readonly layout: Layout
  readonly ports: Ports
  readonly database: { readonly databaseUrl?: string }
  readonly identity: ServiceIdentity
  readonly trace: Trace
  readonly now: () => Date
  readonly disturbance?: Disturbance | undefined
}

/** How a TSM reaches its network. */
export interface Reach {
  readonly network: string
  readonly shortMessages: {
    readonly port: number
    readonly systemId: string
    readonly passwordFile: string
    readonly address: string
  }
}

export interface Networks {
  readonly places: Readonly<Record<NetworkPlace, string>>
  readonly reach: Readonly<Record<TsmPlace, Reach>>
  close(): Promise<void>
}

export async function startNetworks(surroundings: NetworkSurroundings): Promise<Networks> {
  const { layout, ports, database, identity, trace, now, disturbance } = surroundings
  const running: Network[] = []
  const close = async () => {
    for (const one of running) await one.close()
  }
  const places: [string, string][] = []
  const reach: [string, Reach][] = []
  try {
    for (const { place, folder, tsm } of networks) {
      const dataDirectory = layout.of(folder)
      const passwordFile = await passwordIn(dataDirectory)
      const account = { systemId: 'mno-tsm', passwordFile, address: '1080' }
      const settings = { dataDirectory, ...database, name: folder, port: ports[place], smppPort: 0, systems: [account] }
      const network = await start(settings, { identity, trace, now, ...(disturbance && { disturbance }) })
      running.push(network)
      places.push([place, network.url])
      reach.push([tsm, { network: network.url, shortMessages: { ...account, port: network.smpp.port } }])
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    places: Object.fromEntries(places) as Networks['places'],
    reach: Object.fromEntries(reach) as Networks['reach'],
    close,
  }
}

/** Made once; SMPP has room for eight characters. */
async function passwordIn(directory: string): Promise<string> {
  const file = join(directory, 'esme-password')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await writeFile(file, randomBytes(4).toString('hex'), { mode: 0o600, flag: 'wx' }).catch(ifNotThere)
  return file
}

const ifNotThere = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'EEXIST') throw error
}
