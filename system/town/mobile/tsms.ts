/** The carriers' TSMs: that of carrier A serves its guest, MVNO D, too; B and C have their own. */
import type { ServiceCertificates } from '@mobile-jpki/keyring'
import type { Bearer, CarrierId, KnownCarrier } from '@mobile-jpki/mno-tsm/contract'
import type { Configuration, Patience, start as startMnoTsm } from '@mobile-jpki/mno-tsm/main'
import type { Listening } from '@mobile-jpki/service'
import type { Trace } from '@mobile-jpki/trace'
import type { z } from 'zod'
import { carriers } from '../../carriers/carriers.ts'
import { type CarrierTsm, carrierTsms, type TsmPlace, tsmOf } from '../../carriers/served.ts'
import type { Layout, Ports } from '../layout.ts'
import { type NetworkPlace, networks, type Reach } from './networks.ts'

type Carriers = Configuration['carriers']

/** On which network the SIMs of a carrier are. */
export function networkOf<Place>(
  places: Readonly<Record<NetworkPlace, Place>>,
  carrier: z.output<typeof CarrierId>,
): Place {
  const tsm = tsmOf(
    Object.fromEntries(carrierTsms.map(({ place }) => [place, place])) as Record<TsmPlace, TsmPlace>,
    carrier,
  )
  const found = networks.find((one) => one.tsm === tsm)
  if (found === undefined) throw new RangeError(`${carrier} has no network`)
  return places[found.place]
}

/** How SP-TSM reaches the SIMs of each carrier after ⑬; by the phone's agent if not said. */
export type Bearers = Readonly<Record<string, Bearer>>

/** SP-TSM's list. */
export const tsmsByCarrier = (
  places: Readonly<Record<TsmPlace, string>>,
  bearers: Bearers = {},
): Readonly<Record<string, { readonly url: string; readonly bearer: Bearer }>> =>
  Object.fromEntries(
    Object.keys(carriers).map((carrier) => [
      carrier,
      { url: tsmOf(places, carrier), bearer: bearers[carrier] ?? 'agent' },
    ]),
  )

const publicPart = ({ name, iccidPrefix, host }: KnownCarrier): KnownCarrier => ({
  name,
  iccidPrefix,
  ...(host !== undefined && { host }),
})

export interface TsmSurroundings {
  readonly layout: Layout
  readonly ports: Ports
  readonly database: { readonly databaseUrl?: string }
  readonly loadFile: Uint8Array
  readonly identityOf: ServiceCertificates['identityOf']
  readonly trace: Trace
  readonly now: () => Date
  readonly reach: Readonly<Record<TsmPlace, Reach>>
  readonly patience?: Patience | undefined
  readonly start: (...given: Parameters<typeof startMnoTsm>) => Promise<Listening>
}

const startCarrierTsm = async (
  { place, folder, serves }: CarrierTsm,
  { layout, ports, database, loadFile, identityOf, trace, now, reach, patience, start }: TsmSurroundings,
): Promise<Listening> => {
  const own = new Set<string>(serves)
  const parts = Object.entries(carriers)
  const settings: Configuration = {
    dataDirectory: layout.of(folder),
    ...database,
    schema: folder,
    port: ports[place],
    loadFile,
    carriers: Object.fromEntries(parts.filter(([id]) => own.has(id))) as Carriers,
    otherCarriers: Object.fromEntries(
      parts.filter(([id]) => !own.has(id)).map(([id, carrier]) => [id, publicPart(carrier)]),
    ),
    spTsm: `https://127.0.0.1:${ports.spTsm}`,
    ...reach[place],
    administration: { port: 0 },
  }
  const identity = await identityOf('mno-tsm', serves)
  return start(settings, { identity, trace, now, ...(patience && { patience }) })
}

export interface CarrierTsms {
  readonly places: Readonly<Record<TsmPlace, string>>
  close(): Promise<void>
}

/** All of them, or none. */
export async function startCarrierTsms(surroundings: TsmSurroundings): Promise<CarrierTsms> {
  const started = await Promise.allSettled(carrierTsms.map((tsm) => startCarrierTsm(tsm, surroundings)))
  const close = async () => {
    for (const one of started) if (one.status === 'fulfilled') await one.value.close()
  }
  for (const one of started)
    if (one.status === 'rejected') {
      await close()
      throw one.reason
    }
  const urls = started.map((one, at) => [carrierTsms[at]?.place ?? '', one.status === 'fulfilled' ? one.value.url : ''])
  return { places: Object.fromEntries(urls) as Readonly<Record<TsmPlace, string>>, close }
}
