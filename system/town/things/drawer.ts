/** The SIMs of the first test person, each in a folder of its own, and the shop from which further ones come. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { ServiceCertificates } from '@mobile-jpki/keyring'
import { changeLineStatus, movePhoneNumber, replaceSim } from '@mobile-jpki/mno-tsm/contract'
import { call, connectTo, type Peer } from '@mobile-jpki/service'
import type { Sim } from '@mobile-jpki/sim'
import { z } from 'zod'
import { simTypeNamed, simTypes } from '../../carriers/carriers.ts'
import type { ControllingAuthority } from '../../carriers/controlling-authority.ts'
import { type TsmPlace, tsmOf } from '../../carriers/served.ts'
import { makeSimIn, type OpenCard } from '../cards/sims.ts'
import type { Layout } from '../layout.ts'
import { iccidOf, type TestPerson } from '../people.ts'
import { newFolder } from '../phones.ts'

/** `folder`: under the town's data, where its memory lies. */
export const KeptSim = z.object({ iccid: z.string(), simType: z.string(), folder: z.string() })
export type KeptSim = z.infer<typeof KeptSim>

export interface DrawerWorld {
  readonly layout: Layout
  readonly tsms: Readonly<Record<TsmPlace, string>>
  readonly identityOf: ServiceCertificates['identityOf']
  readonly authority: ControllingAuthority
  /** P-256 point by which the app provider signs. */
  readonly appSigner: Uint8Array
}

export const offers = simTypes.map(({ name, carrierId }) => ({ simType: name, carrier: carrierId }))

export const carrierOf = ({ simType }: Pick<KeptSim, 'simType'>): string => simTypeNamed(simType).carrierId

export const firstSim = ({ sim }: TestPerson): KeptSim => ({
  iccid: sim.iccid,
  simType: sim.profile,
  folder: 'cards',
})

/** Made where it was not made yet. `line`: the number that it comes with. */
export async function openKept(
  { layout, tsms, identityOf, authority, appSigner }: DrawerWorld,
  sim: KeptSim,
  line?: { readonly msisdn: string; readonly subscriber: string },
): Promise<OpenCard<Sim>> {
  const ordered = { iccid: sim.iccid, profile: sim.simType, ...(line && { line }) }
  const mnoTsm = tsmOf(tsms, carrierOf(sim))
  const maker = await identityOf('system')
  return makeSimIn(layout.of(sim.folder), ordered, { mnoTsm, maker, authority, appSigner })
}

/** From the shop's drawer: without a line. */
export async function spareOf(world: DrawerWorld, simType: string): Promise<KeptSim> {
  const type = simTypeNamed(simType)
  const { number } = await newFolder(world.layout)
  const iccid = iccidOf(type, `7${String(number).padStart(6, '0')}`)
  const spare = { iccid, simType, folder: join('phones', String(number), 'sim') }
  const made = await openKept(world, spare)
  made.close()
  return spare
}

/** The person's number goes from one SIM to another one, with the carrier or to another carrier. */
export async function moveLine(
  world: DrawerWorld,
  { phone: { msisdn }, fourItems: { name: subscriber } }: TestPerson,
  from: KeptSim,
  to: KeptSim,
): Promise<void> {
  const [before, after] = [carrierOf(from), carrierOf(to)]
  const functionOf = (carrier: string) => ({ functionCall: { id: randomUUID() }, carrier, msisdn })
  if (before === after)
    return atShop(world, after, async (shop) => {
      await call(shop, replaceSim, { ...functionOf(after), iccid: to.iccid, reason: 'exchange' })
    })
  await atShop(world, after, (shop) =>
    call(shop, movePhoneNumber, { ...functionOf(after), iccid: to.iccid, from: before, subscriber }),
  )
  if (tsmOf(world.tsms, before) === tsmOf(world.tsms, after)) return
  await atShop(world, before, (shop) =>
    call(shop, changeLineStatus, { ...functionOf(before), status: 'ended', reason: 'ported' }),
  )
}

async function atShop<T>(
  { tsms, identityOf }: DrawerWorld,
  carrier: string,
  work: (shop: Peer) => Promise<T>,
): Promise<T> {
  const url = tsmOf(tsms, carrier)
  const shop = connectTo({ url, actor: 'mno-tsm', as: 'operator', tls: await identityOf('operator') })
  try {
    return await work(shop)
  } finally {
    await shop.close()
  }
}
