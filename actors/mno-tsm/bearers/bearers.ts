/** All that MNO-TSM has besides the phone's agent: its bearers put together, over its own records. */
import type { Refusal } from '@mobile-jpki/refusal'
import { Refusal as Refused } from '@mobile-jpki/refusal'
import { Abandoned, type Stage } from '@mobile-jpki/seram'
import type { World } from '../domain/world.ts'
import type { LinksWorld } from './air-link.ts'
import { type ScriptConversations, scriptConversations } from './conversations.ts'
import { overTheAir, type Run } from './over-the-air.ts'
import type { AirBearer, AirSim } from './world.ts'

export interface Bearers {
  /** Goes on by itself; an order that is under way here already is left alone. What comes of it stands in the records. */
  carry(orderId: string, run: Run, stage: Stage): void
  readonly conversations: ScriptConversations
  /** Lets go of every SIM. */
  close(): Promise<void>
}

export type BearersWorld = Omit<LinksWorld, 'simOf'> &
  Pick<World, 'carriers' | 'keys'> & { readonly registry: World['records'] }

export function bearersOf(world: BearersWorld): Bearers {
  const { registry, carriers, keys, now, onFault } = world
  const air = overTheAir({ ...world, simOf: (iccid) => simOf({ registry, carriers, keys }, iccid) })
  const underWay = new Map<string, Promise<void>>()

  const simOfOrder = async (orderId: string, bearer: AirBearer): Promise<string> => {
    const deployment = await registry.deployments.find(orderId)
    const sim = deployment && (await registry.sims.find(deployment.iccid))
    if (deployment === undefined || sim?.orderId !== orderId) throw new Refused('reference.not-found')
    if (deployment.state !== 'domainReady' && deployment.state !== 'appletInstalled')
      throw new Refused('conditions.not-satisfied', 'The SP area is not there yet.')
    needBearer(world, sim, bearer)
    return sim.iccid
  }

  return {
    carry: (orderId, run, stage) => {
      if (underWay.has(orderId)) return
      const going = air.run(run, stage).then(
        () => undefined,
        (error: unknown) => {
          if (!isAnswer(error)) onFault(error)
        },
      )
      underWay.set(orderId, going)
      void going.finally(() => underWay.delete(orderId))
    },
    conversations: scriptConversations({ air, records: world.records, simOfOrder, now, onFault }),
    close: async () => {
      await air.close()
      await Promise.all(underWay.values())
    },
  }
}

/** A SIM that says no, or nothing: whoever wants something of it asks again. */
const isAnswer = (error: unknown): error is Refusal | Abandoned =>
  error instanceof Refused || error instanceof Abandoned

/** Refuses a way that SIMs of the type do not have. */
export function needBearer(
  { carriers }: Pick<World, 'carriers'>,
  sim: { readonly carrier: string; readonly profile: string },
  bearer: AirBearer,
): void {
  if (carriers.typeOf(sim).bearers.includes(bearer)) return
  throw new Refused('not-supported', `A SIM of type ${sim.profile} is not reached by ${bearer.toUpperCase()}.`, {
    whose: 'mno-tsm',
  })
}

async function simOf(
  { registry, carriers, keys }: Pick<BearersWorld, 'registry' | 'carriers' | 'keys'>,
  iccid: string,
): Promise<AirSim> {
  const sim = await registry.sims.find(iccid)
  if (sim === undefined) throw new Refused('reference.not-found', 'This SIM is not one of this carrier.')
  const line = await registry.subscriptions.ofSim(iccid)
  if (line === undefined || line.state === 'ended')
    throw new Refused('subscription.not-eligible', 'This SIM carries no line: nothing reaches it over the air.')
  const isClient = carriers.typeOf(sim).bearers.includes('scp81')
  return {
    iccid,
    msisdn: line.msisdn,
    keys: await keys.overTheAir(sim),
    ...(isClient && { preShared: await keys.preShared(sim) }),
  }
}
