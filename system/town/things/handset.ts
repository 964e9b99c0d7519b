/** The first test person's phone: always at its place, with the SIM that is in it, switched off and on for another one. */
import type { Configuration, Handset, Surroundings } from '@mobile-jpki/phone/main'
import { start } from '@mobile-jpki/phone/main'
import { Refusal } from '@mobile-jpki/refusal'
import type { Sim } from '@mobile-jpki/sim'
import type { OpenCard } from '../cards/sims.ts'

export interface Inserted {
  readonly sim: OpenCard<Sim>
  readonly carrier: string
  /** The carrier's network. */
  readonly network: string
}

export interface TownHandset {
  readonly url: string
  readonly slots: Handset['slots']
  /** Closes the SIM that was in it. */
  change(inserted: Inserted | undefined): Promise<void>
  close(): Promise<void>
}

type Delivered = Omit<Configuration, 'network'>

export async function openHandset(
  delivered: Delivered,
  around: Omit<Surroundings, 'sim' | 'nfc'>,
  first: Inserted | undefined,
): Promise<TownHandset> {
  let present = first
  /** Without a SIM it tells the carrier that it had last. */
  let { carrier } = first ?? delivered.device
  const switchedOn = () => {
    const device = { ...delivered.device, carrier }
    const configuration = { ...delivered, device, ...(present && { network: present.network }) }
    return start(configuration, { ...around, ...(present && { sim: present.sim.card }) })
  }
  let phone: Handset | undefined = await switchedOn()
  const { url } = phone
  const switchOff = async () => {
    await phone?.close()
    phone = undefined
    present?.sim.close()
    present = undefined
  }
  return {
    url,
    get slots() {
      if (phone === undefined) throw new Refusal('card.absent', 'The phone is switched off.')
      return phone.slots
    },
    change: async (inserted) => {
      await switchOff()
      present = inserted
      carrier = inserted?.carrier ?? carrier
      phone = await switchedOn()
    },
    close: switchOff,
  }
}
