/**
 * Further phones of a town, each with a person who has a My Number card, and a SIM of any carrier's type.
 *
 *     await using phone = await phoneOf(town, { simType: 'b-uicc-2015' })
 *     await download(phone.person)
 */
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Card } from '@mobile-jpki/iso7816'
import { type Device, deviceAt } from '@mobile-jpki/jpki-ui/domain'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import { enrolTestPerson } from '@mobile-jpki/municipality/contract'
import { start as startPhone } from '@mobile-jpki/phone/main'
import { call, connectTo, type Listening } from '@mobile-jpki/service'
import type { Sim } from '@mobile-jpki/sim'
import type { Trace } from '@mobile-jpki/trace'
import { simTypeNamed } from '../carriers/carriers.ts'
import { openControllingAuthority } from '../carriers/controlling-authority.ts'
import { tsmOf } from '../carriers/served.ts'
import type { DemoPerson } from '../demo/download.ts'
import { makeSimIn, type OpenCard, type OrderedSim } from './cards/sims.ts'
import { exchangeApduWithCardOf, type Places, resetCardOf } from './contract.ts'
import { layoutOf } from './layout.ts'
import { networkOf } from './mobile/tsms.ts'
import { enrolmentOf, iccidOf, type TestPerson, testPerson } from './people.ts'
import type { PhoneSettings } from './town.ts'

/** What must be known of a town to live in it: it may run in another process. */
export interface TownAround {
  readonly data: string
  readonly places: Places
  readonly phoneSettings: PhoneSettings
  readonly now?: (() => Date) | undefined
}

export interface TownSim extends AsyncDisposable {
  readonly iccid: string
  readonly simType: string
  readonly card: Sim
  /** Where its memory file lies. */
  readonly directory: string
}

export interface WantedPhone {
  readonly simType: string
  /** Enrolled already, with this phone's line; another person if not said. */
  readonly who?: TestPerson | undefined
  /** As the phone tells it; that of the first test person if not said. */
  readonly device?: { readonly model: string; readonly os: string } | undefined
  /** Whose the line is, by the person's name; hers if not said. */
  readonly line?: ((name: string) => { readonly subscriber: string; readonly user?: string }) | undefined
  readonly keyGeneration?: DemoPerson['keyGeneration']
  readonly trace?: Trace | undefined
}

export interface TownPhone extends AsyncDisposable {
  readonly who: TestPerson
  readonly url: string
  readonly device: Device
  /** For `download` of the demo. */
  readonly person: DemoPerson
  /** The SIM that is in it now. */
  sim(): TownSim
  /** Switched off and on again, with the same SIM or another one: its app, its files and its key stay. */
  restart(sim?: TownSim): Promise<void>
  switchOff(): Promise<void>
}

/** Another person enrolled at the counter, a SIM of that type with a line for that person, a phone that is switched on. */
export async function phoneOf(town: TownAround, wanted: WantedPhone): Promise<TownPhone> {
  const { directory, number } = await newFolder(town)
  const who = wanted.who ?? testPerson(number, 'phone', wanted.simType)
  const as = { ...who, phone: { ...who.phone, ...wanted.device } }
  if (wanted.who === undefined) await enrol(town, as)
  const { line: lineOf = (name) => ({ subscriber: name }) } = wanted
  const line = { msisdn: who.phone.msisdn, ...lineOf(who.fourItems.name) }
  const first = await simIn(town, join(directory, 'sim'), { ...who.sim, line })
  let sim = first
  let phone: Listening | undefined = await startWith(town, { directory, sim, who: as, trace: wanted.trace })
  const port = Number(new URL(phone.url).port)
  const switchOff = async () => {
    await phone?.close()
    phone = undefined
  }
  const { url } = phone
  const device = deviceAt(url)
  return {
    who: as,
    url,
    device,
    person: {
      who: as,
      device,
      mailbox: async () => town.places.mailbox,
      pin: who.card.authPin,
      ...(wanted.keyGeneration && { keyGeneration: wanted.keyGeneration }),
      progress: () => undefined,
      say: () => undefined,
    },
    sim: () => sim,
    switchOff,
    restart: async (other = sim) => {
      await switchOff()
      sim = other
      phone = await startWith(town, { directory, sim, who: as, trace: wanted.trace, port })
    },
    [Symbol.asyncDispose]: async () => {
      await switchOff()
      await first[Symbol.asyncDispose]()
    },
  }
}

/** A SIM of that type without a line, as a shop has it in its drawer. */
export async function spareSim(town: TownAround, simType: string): Promise<TownSim> {
  const { directory, number } = await newFolder(town)
  const iccid = iccidOf(simTypeNamed(simType), `7${String(number).padStart(6, '0')}`)
  return simIn(town, join(directory, 'sim'), { iccid, profile: simType })
}

/** A number that nobody in this town has. */
export async function newFolder({
  data,
}: Pick<TownAround, 'data'>): Promise<{ readonly directory: string; readonly number: number }> {
  const folder = layoutOf(data).of('phones')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (let number = 1; ; number++) {
    const directory = join(folder, String(number))
    if (existsSync(directory)) continue
    try {
      await mkdir(directory, { mode: 0o700 })
      return { directory, number }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

const clockOf = ({ now = () => new Date() }: TownAround) => now

const identityIn = async (town: TownAround) =>
  (await openServiceCertificates(layoutOf(town.data).of('service-ca'), clockOf(town))).identityOf('system')

async function enrol(town: TownAround, who: TestPerson): Promise<void> {
  const counter = connectTo({
    url: town.places.municipality,
    actor: 'municipality',
    as: 'system',
    tls: await identityIn(town),
  })
  try {
    await call(counter, enrolTestPerson, enrolmentOf(who))
  } finally {
    await counter.close()
  }
}

async function simIn(town: TownAround, directory: string, ordered: OrderedSim): Promise<TownSim> {
  const { carrierId } = simTypeNamed(ordered.profile)
  const sim: OpenCard<Sim> = await makeSimIn(directory, ordered, {
    mnoTsm: tsmOf(town.places, carrierId),
    maker: await identityIn(town),
    authority: await openControllingAuthority(layoutOf(town.data).of('controlling-authority'), clockOf(town)),
    appSigner: Uint8Array.fromBase64(town.phoneSettings.appProviderPoint),
  })
  return {
    iccid: ordered.iccid,
    simType: ordered.profile,
    card: sim.card,
    directory,
    [Symbol.asyncDispose]: async () => sim.close(),
  }
}

interface Switched {
  readonly directory: string
  readonly sim: TownSim
  readonly who: TestPerson
  readonly trace?: Trace | undefined
  readonly port?: number
}

const startWith = (
  { places, phoneSettings, now }: TownAround,
  { directory, sim, who, trace, port = 0 }: Switched,
): Promise<Listening> =>
  startPhone(
    {
      ...phoneSettings,
      dataDirectory: join(directory, 'phone'),
      port,
      device: who.phone,
      network: networkOf(places, simTypeNamed(sim.simType).carrierId),
    },
    { sim: sim.card, nfc: cardInWallet(places, who.id), ...(trace && { trace }), ...(now && { now }) },
  )

/** The My Number card that the person has now, by the town, which keeps the wallets. */
const cardInWallet = ({ town: url }: Places, person: string): Card => {
  const town = { url, actor: 'system' } as const
  return {
    reset: async () => (await call(town, resetCardOf, { person })).answerToReset,
    transmit: async (command) => (await call(town, exchangeApduWithCardOf, { person, command })).response,
  }
}
