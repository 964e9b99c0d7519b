/** What happens to SIMs: out of use for good. */
import { Refusal } from '@mobile-jpki/refusal'
import { simAfter } from '../domain/sim.ts'
import type { World } from '../domain/world.ts'
import { type Done, tellOfService } from './lines.ts'

export async function disposeSim(
  world: World,
  { carrier, iccid }: { readonly carrier: string; readonly iccid: string },
): Promise<Done> {
  const { sims, subscriptions } = world.records
  const sim = await sims.find(iccid)
  if (sim?.carrier !== carrier)
    throw new Refusal('reference.not-found', `${world.carriers.nameOf(carrier)} has no SIM with ICCID ${iccid}.`)
  if (sim.state === 'disposed') return { warning: `SIM ${iccid} was disposed of already.` }
  const line = await subscriptions.ofSim(iccid)
  if (line !== undefined && line.state !== 'ended')
    throw new Refusal('conditions.not-satisfied', `SIM ${iccid} carries the line ${line.msisdn}: end or move it first.`)
  await sims.save(simAfter('dispose', sim))
  await tellOfService(world, iccid, 'HandleSEStatusChange', {
    carrier,
    iccid,
    message: { iccid, status: 'disposed' },
  })
  return {}
}
