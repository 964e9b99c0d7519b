/** The whole town in one process: every actor on its own sockets, in the order in which they need each other. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { start as startAppProvider } from '@mobile-jpki/app-provider/main'
import type { Disturbance } from '@mobile-jpki/carrier-network/main'
import { buildLoadFile } from '@mobile-jpki/jpki-applet'
import { start as startJpkiSystem } from '@mobile-jpki/jpki-system/main'
import { buildApp } from '@mobile-jpki/jpki-ui/build'
import { openServiceCertificates, type ServiceIdentity } from '@mobile-jpki/keyring'
import { type Patience, start as startMnoTsm } from '@mobile-jpki/mno-tsm/main'
import { enrolTestPerson, listTestPersons } from '@mobile-jpki/municipality/contract'
import { start as startMunicipality } from '@mobile-jpki/municipality/main'
import type { Configuration as PhoneConfiguration } from '@mobile-jpki/phone/main'
import { call, connectTo, type Listening, listen } from '@mobile-jpki/service'
import { domainOwnerPoint, start as startSpTsm, voucherPoint } from '@mobile-jpki/sp-tsm/main'
import { noTrace, type Ring, ring, type Trace, traceToAll, traceToFile } from '@mobile-jpki/trace'
import { openControllingAuthority } from '../carriers/controlling-authority.ts'
import { openStations } from '../desk/stations.ts'
import { listenForTown } from './address/listen.ts'
import { appletsGivenOut } from './cards/applets.ts'
import { moveIntoWallet, openWallets } from './cards/wallets.ts'
import type { Places } from './contract.ts'
import { type Layout, layoutOf, type Ports } from './layout.ts'
import { openMailbox } from './mail/mailbox.ts'
import { startNetworks } from './mobile/networks.ts'
import { type Bearers, networkOf, startCarrierTsms, tsmsByCarrier } from './mobile/tsms.ts'
import { enrolmentOf, hanako } from './people.ts'
import { openReaders } from './readers/reader.ts'
import { startServices } from './services/services.ts'
import { openHandset } from './things/handset.ts'
import { openThings } from './things/things.ts'

export interface TownSettings {
  readonly data: string
  readonly ports: Ports
  /** `postgres://…`: the servers keep their tables there, each in a schema of its own; files in `data` if not said. */
  readonly databaseUrl?: string | undefined
  /** Told before each thing that takes a while. */
  readonly progress?: (what: string) => void
  readonly now?: () => Date
  /** Told of every message, as the town's own trace is. */
  readonly trace?: Trace
  /** How SP-TSM reaches the SIMs of a carrier; by the phone's agent if not said. */
  readonly bearers?: Bearers | undefined
  /** What the carriers' networks do to short messages on the way; nothing if not said. */
  readonly disturbance?: Disturbance | undefined
  /** How long the carriers' TSMs wait for their networks. */
  readonly patience?: Patience | undefined
  /** Where the first test person's My Number card lies in a new town; held against her phone if not said. */
  readonly cardAt?: 'phone' | 'table' | undefined
  /** What starts a server, if not this process: it may live in one of its own. */
  readonly starters?: Partial<Starters> | undefined
}

export interface Starters {
  jpkiSystem(
    ...given: Parameters<typeof startJpkiSystem>
  ): Promise<
    Pick<Awaited<ReturnType<typeof startJpkiSystem>>, 'url' | 'publicUrl' | 'authorities' | 'terminalCa' | 'close'>
  >
  mnoTsm(...given: Parameters<typeof startMnoTsm>): Promise<Listening>
  spTsm(...given: Parameters<typeof startSpTsm>): Promise<Listening>
}

export interface Town {
  readonly data: string
  readonly places: Places
  /** What every phone of this town is delivered with. */
  readonly phoneSettings: PhoneSettings
  readonly trace: Ring
  close(): Promise<void>
}

export type PhoneSettings = Omit<PhoneConfiguration, 'dataDirectory' | 'port' | 'device'>

const base64 = (octets: Uint8Array): string => octets.toBase64()

export async function startTown({
  data,
  ports,
  databaseUrl,
  progress = () => {},
  now = () => new Date(),
  trace = noTrace,
  starters = {},
  ...air
}: TownSettings): Promise<Town> {
  const layout = layoutOf(data)
  await mkdir(data, { recursive: true, mode: 0o700 })
  const opened: (() => unknown)[] = []
  const close = async () => {
    for (const one of opened.splice(0).toReversed()) await one()
  }
  try {
    const database = databaseUrl === undefined ? {} : { databaseUrl }
    return await open(layout, ports, { database, progress, now, trace, starters, air, opened, close })
  } catch (error) {
    await close()
    throw error
  }
}

interface Opening {
  readonly database: { readonly databaseUrl?: string }
  readonly progress: (what: string) => void
  readonly now: () => Date
  readonly trace: Trace
  readonly starters: Partial<Starters>
  readonly air: Pick<TownSettings, 'bearers' | 'cardAt' | 'disturbance' | 'patience'>
  readonly opened: (() => unknown)[]
  readonly close: () => Promise<void>
}

async function open(
  layout: Layout,
  ports: Ports,
  { database, progress, now, trace: also, starters, air, opened, close }: Opening,
): Promise<Town> {
  const opening = async <T extends { close(): unknown }>(what: string, starting: () => Promise<T>): Promise<T> => {
    progress(what)
    const running = await starting()
    opened.push(() => running.close())
    return running
  }
  const watched = ring()
  const stations = await openStations(layout.of('stations.json'), watched)
  opened.push(stations.close)
  const file = traceToFile(layout.of('trace'))
  opened.push(() => file.flush())
  const trace = traceToAll(watched, file, also)
  const service = await openServiceCertificates(layout.of('service-ca'), now)
  const identityOf = service.identityOf
  const authority = await openControllingAuthority(layout.of('controlling-authority'), now)
  const casdAuthorities = [base64(authority.point)]
  const voucherKeys = [base64(await voucherPoint(layout.of('sp-tsm')))]
  const desk = `http://127.0.0.1:${ports.town}`
  const { loadFile } = await buildLoadFile()
  const applets = [...(await appletsGivenOut(layout.of('applets.json'), loadFile))]

  const jpkiSystem = await opening('JPKIシステム', async () =>
    (starters.jpkiSystem ?? startJpkiSystem)(
      {
        dataDirectory: layout.of('jpki-system'),
        ...database,
        ports: { service: ports.jpkiSystem, publication: ports.publication },
        casdAuthorities,
        applets,
        voucherKeys,
      },
      { identity: await identityOf('jpki-system'), trace, now },
    ),
  )
  const wallets = openWallets(layout.of('cards'))
  opened.push(wallets.close)
  await moveIntoWallet(layout.of('cards'), layout.of('cards'), hanako.id, hanako.card.serialNumber)
  const municipality = await opening('市区町村窓口', async () =>
    startMunicipality(
      {
        dataDirectory: layout.of('municipality'),
        ...database,
        port: ports.municipality,
        jpkiSystem: jpkiSystem.url,
      },
      { identity: await identityOf('municipality'), cards: wallets, trace, now },
    ),
  )
  progress('My Number card')
  await enrolFirst(municipality.url, await identityOf('system'))
  const around = { layout, ports, database, trace, now }
  const networkSurroundings = { ...around, identity: await identityOf('carrier-network'), disturbance: air.disturbance }
  const networks = await opening('携帯電話網', () => startNetworks(networkSurroundings))
  const { reach } = networks
  const start = starters.mnoTsm ?? startMnoTsm
  const tsmSurroundings = { ...around, loadFile, identityOf, reach, patience: air.patience, start }
  const tsms = await opening('MNO-TSM', () => startCarrierTsms(tsmSurroundings))
  const mailbox = await opening('mailbox', () => openMailbox(layout.of('mailbox'), ports.smtp, desk))
  const mailboxPage = await opening('mailbox page', () =>
    listen({ actor: 'user', routes: mailbox.routes, port: ports.mailbox, ownPagesOnly: true }),
  )
  const spTsm = await opening('SP-TSM', async () =>
    (starters.spTsm ?? startSpTsm)(
      {
        dataDirectory: layout.of('sp-tsm'),
        ...database,
        port: ports.spTsm,
        jpkiSystem: jpkiSystem.url,
        carriers: tsmsByCarrier(tsms.places, air.bearers),
        smtp: { host: '127.0.0.1', port: ports.smtp, from: 'JPKI <no-reply@sp-tsm.example>' },
        signAuthorities: jpkiSystem.authorities.sign.map(base64),
        casdAuthorities,
        loadFile,
        earlierApplets: applets,
        terminalAuthority: {
          caIdentifier: base64(jpkiSystem.terminalCa.caIdentifier),
          point: base64(jpkiSystem.terminalCa.point),
        },
        ownerCertificate: base64(await authority.certifyOwner('SP-TSM', await domainOwnerPoint(layout.of('sp-tsm')))),
      },
      { identity: await identityOf('sp-tsm'), trace, now },
    ),
  )
  progress('JPKI-UI app')
  const app = await buildApp()
  const appProvider = await opening('app provider', async () =>
    startAppProvider(
      {
        dataDirectory: layout.of('app-provider'),
        port: ports.appProvider,
        appDirectory: app.directory,
        version: app.version,
      },
      { identity: await identityOf('app-provider'), trace },
    ),
  )
  const phoneSettings = {
    spTsm: spTsm.url,
    appProvider: appProvider.url,
    appProviderPoint: base64(appProvider.point),
    casdAuthorities,
    applets,
    voucherKeys,
    serviceCa: service.serviceCa,
    frameAncestors: [desk],
  }
  const readers = openReaders()
  const shown: Record<string, string> = {}
  const hands = await opening('phone', () =>
    openThings({
      layout,
      person: hanako,
      readers,
      cardAt: air.cardAt ?? 'phone',
      tsms: tsms.places,
      identityOf,
      authority,
      appSigner: appProvider.point,
      cardOf: wallets.cardOf,
      stations,
      places: () => shown,
      networkOf: (carrier) => networkOf(networks.places, carrier),
      startHandset: (inserted) =>
        openHandset(
          { ...phoneSettings, dataDirectory: layout.of('phone'), port: ports.phone, device: hanako.phone },
          { trace, now },
          inserted,
        ),
    }),
  )
  const ground = {
    phone: hands.phone,
    mailbox: mailboxPage.url,
    spTsm: spTsm.url,
    jpkiSystem: jpkiSystem.url,
    publication: jpkiSystem.publicUrl,
    appProvider: appProvider.url,
    municipality: municipality.url,
  }
  const { authorities } = jpkiSystem
  const { serviceCa } = service
  const services = await startServices(
    { layout, ports, database, places: ground, authorities, identityOf, serviceCa, readers, desk, trace, now },
    opening,
  )
  Object.assign(shown, { phone: ground.phone, mailbox: ground.mailbox }, services)
  const places = { ...ground, ...services, ...tsms.places, ...networks.places }
  const town = await opening('town', () =>
    listenForTown(layout, ports.town, { places, trace: watched, wallets, readers, hands }),
  )
  const all = { ...places, town: town.url }
  await writeFile(layout.file, JSON.stringify({ process: process.pid, town: town.url }), { mode: 0o600 })
  opened.push(() => rm(layout.file, { force: true }))
  return { data: layout.data, places: all, phoneSettings, trace: watched, close }
}

/** Whatever happens to her later, she is enrolled once. */
async function enrolFirst(url: string, identity: ServiceIdentity): Promise<void> {
  const counter = connectTo({ url, actor: 'municipality', as: 'system', tls: identity })
  try {
    const { persons } = await call(counter, listTestPersons, {})
    if (!persons.some(({ id }) => id === hanako.id)) await call(counter, enrolTestPerson, enrolmentOf(hanako))
  } finally {
    await counter.close()
  }
}
