/**
 * What starts a service of the town: a file each in this folder, and a line each in services.ts.
 *
 *     export const startNotebook: StartService<'notebook'> = async ({ ports, places, trace, now }) => {
 *       const service = await start({ port: ports.notebook, issuer: places.openId, … }, { trace, now })
 *       return { places: { notebook: service.url }, close: service.close }
 *     }
 *
 * Its place stands in ../contract.ts `Places`, its port in ../layout.ts.
 */
import type { ServiceCertificates } from '@mobile-jpki/keyring'
import type { Trace } from '@mobile-jpki/trace'
import type { Places } from '../contract.ts'
import type { Layout, Ports } from '../layout.ts'
import type { TownReaders } from '../readers/reader.ts'

/** Where everything runs that no service stands on another for. */
export type GroundPlaces = Pick<
  Places,
  'phone' | 'mailbox' | 'spTsm' | 'jpkiSystem' | 'publication' | 'appProvider' | 'municipality'
>

export interface ServiceSurroundings {
  readonly layout: Layout
  readonly ports: Ports
  /** To be spread into a configuration: nothing, or where the tables are instead of in files. */
  readonly database: { readonly databaseUrl?: string }
  readonly places: GroundPlaces
  /** CA certificates (DER) of the JPKI system, all generations. */
  readonly authorities: { readonly sign: readonly Uint8Array[]; readonly auth: readonly Uint8Array[] }
  /** A certificate of the service CA for that actor, for mutual TLS. */
  readonly identityOf: ServiceCertificates['identityOf']
  /** PEM of the CA whose servers the actors trust. */
  readonly serviceCa: string
  /** The readers that stand in the town, for services with a terminal. */
  readonly readers: TownReaders
  /** The origin of the desk, whose page shows the services in frames. */
  readonly desk: string
  readonly trace: Trace
  readonly now: () => Date
}

export interface RunningService<Place extends keyof Places> {
  readonly places: Readonly<Record<Place, string>>
  close(): unknown
}

export type StartService<Place extends keyof Places> = (around: ServiceSurroundings) => Promise<RunningService<Place>>
