/** A SIM that is ours alone for a while: the lease, its renewal, and the element over one bearer. */
import { Refusal } from '@mobile-jpki/refusal'
import { Abandoned, type Element } from '@mobile-jpki/seram'
import { scp80Element } from './scp80/element.ts'
import { packetsTo } from './scp80/packets.ts'
import type { Administration } from './scp81/administration.ts'
import type { AirBearer, AirSim, AirWorld } from './world.ts'

export interface AirLink {
  readonly element: Element
  /** Lets the SIM go. */
  close(): Promise<void>
}

export interface LinksWorld extends AirWorld {
  /** Of a carrier whose SIMs are HTTP clients. */
  readonly administration?: Administration
}

/** A process that dies holds its SIMs no longer than this. */
const leaseMilliseconds = 60_000
const renewalMilliseconds = 20_000

export async function openLink(world: LinksWorld, iccid: string, bearer: AirBearer): Promise<AirLink> {
  const sim = await world.simOf(iccid)
  const { leases } = world.records
  const holder = world.newId()
  const hold = () => {
    const now = world.now()
    return leases.take({ iccid, holder, until: new Date(now.getTime() + leaseMilliseconds) }, now)
  }
  if (!(await hold()))
    throw new Refusal('conditions.not-satisfied', 'Another conversation with this SIM is under way.', {
      whose: 'mno-tsm',
    })
  const ending = new AbortController()
  const renewal = setInterval(() => {
    hold().then(
      (held) => {
        if (!held) ending.abort(new Abandoned('another process took the SIM over'))
      },
      (error: unknown) => world.onFault(error),
    )
  }, renewalMilliseconds).unref()

  const { element, close } = carriedBy(world, sim, bearer, ending.signal)
  return {
    element,
    close: async () => {
      clearInterval(renewal)
      ending.abort(new Abandoned('the conversation is over'))
      await close()
      await leases.release(iccid, holder)
    },
  }
}

function carriedBy(world: LinksWorld, sim: AirSim, bearer: AirBearer, signal: AbortSignal): AirLink {
  const { shortMessages, patience, records, administration } = world
  const packets = packetsTo({ shortMessages, patience, nextCounter: records.counters.next }, sim, signal)
  if (bearer === 'scp80') return { element: scp80Element(sim, packets, signal), close: async () => packets.close() }
  if (administration === undefined)
    throw new Refusal('not-supported', 'This carrier has no server for SIMs that call by HTTP.', { whose: 'mno-tsm' })
  const line = administration.open(sim, packets, signal)
  return {
    element: line.element,
    close: async () => {
      await line.close()
      packets.close()
    },
  }
}
