/** What happens to lines: suspended, ended, renumbered, put on another SIM, taken over from another carrier. Study items (3)④, (5)③. */
import { Refusal } from '@mobile-jpki/refusal'
import type { Device, lineReasons, renewalReasons } from '../contract.ts'
import { tell } from '../domain/notification.ts'
import type { Sim } from '../domain/sim.ts'
import { type LineEvent, type LineState, lineAfter, type Subscription } from '../domain/subscription.ts'
import type { World } from '../domain/world.ts'

type Reason<All extends readonly string[]> = All[number]

interface OfLine {
  readonly carrier: string
  readonly msisdn: string
}

/** What the operator is told where something was done, and is not as usual. */
export interface Done {
  readonly warning?: string
}

export async function lineOf(world: World, { carrier, msisdn }: OfLine): Promise<Subscription> {
  const line = await world.records.subscriptions.find(carrier, msisdn)
  if (line !== undefined) return line
  throw new Refusal('reference.not-found', `The number ${msisdn} is not a line of ${world.carriers.nameOf(carrier)}.`)
}

const events: Readonly<Record<LineState, LineEvent>> = { inService: 'resume', suspended: 'suspend', ended: 'end' }

/** How the notification says it. */
const told: Readonly<Record<LineState, string>> = { inService: 'active', suspended: 'suspended', ended: 'ended' }

const words: Readonly<Record<LineState, string>> = { inService: 'in service', suspended: 'suspended', ended: 'ended' }

/** What the reason says of the SIM itself. */
const ofSim: Readonly<Partial<Record<Reason<typeof lineReasons>, string>>> = {
  lost: 'lost',
  stolen: 'lost',
  found: 'active',
}

export async function changeLineStatus(
  world: World,
  asked: OfLine & { readonly status: LineState; readonly reason: Reason<typeof lineReasons> },
): Promise<Done> {
  const line = await lineOf(world, asked)
  if (line.state === asked.status) return { warning: `The line ${line.msisdn} is ${words[line.state]} already.` }
  const next = lineAfter(events[asked.status], line)
  await world.records.subscriptions.save(next)
  await tellStatus(world, next)
  const simStatus = ofSim[asked.reason]
  if (simStatus !== undefined)
    await tellOfService(world, line.iccid, 'HandleSEStatusChange', {
      carrier: line.carrier,
      iccid: line.iccid,
      message: { iccid: line.iccid, status: simStatus },
    })
  if (next.state === 'ended') await tellNetworkOf(world, 'removeLine', next)
  return {}
}

async function tellStatus(world: World, { carrier, iccid, msisdn, state }: Subscription): Promise<void> {
  await tellOfService(world, iccid, 'HandleMobileSubscriptionStatusChange', {
    carrier,
    iccid,
    message: { iccid, msisdn, status: told[state] },
  })
}

/** SP-TSM is told of SIMs that it asked for, and hears nothing of anybody else's. */
export async function tellOfService(
  world: World,
  iccid: string,
  name: Exclude<Parameters<typeof tell>[2], 'setLine' | 'removeLine'>,
  news: Parameters<typeof tell>[3],
): Promise<void> {
  if ((await world.records.deployments.ofSim(iccid)).length === 0) return
  await tell(world, world.records, name, news)
}

const tellNetworkOf = (
  world: World,
  name: 'setLine' | 'removeLine',
  { carrier, msisdn, iccid }: Subscription,
): Promise<void> =>
  tell(world, world.records, name, {
    carrier,
    iccid,
    message: name === 'setLine' ? { msisdn, iccid } : { msisdn },
  })

export async function changeNumber(world: World, asked: OfLine & { readonly to: string }): Promise<Done> {
  const line = await openLineOf(world, asked)
  const { carrier, iccid, msisdn } = line
  await needFree(world, asked.to)
  const next = { ...line, msisdn: asked.to }
  await world.records.subscriptions.remove(carrier, msisdn)
  await world.records.subscriptions.save(next)
  await tellNetworkOf(world, 'removeLine', line)
  await tellNetworkOf(world, 'setLine', next)
  await tellOfService(world, iccid, 'HandleMobileSubscriptionIdentifierChanged', {
    carrier,
    iccid,
    message: { iccid, oldMsisdn: msisdn, newMsisdn: asked.to },
  })
  return {}
}

async function openLineOf(world: World, asked: OfLine): Promise<Subscription> {
  const line = await lineOf(world, asked)
  if (line.state !== 'ended') return line
  throw new Refusal('conditions.not-satisfied', `The contract for the line ${line.msisdn} has ended.`)
}

async function needFree({ records }: World, msisdn: string): Promise<void> {
  const taken = (await records.subscriptions.ofNumber(msisdn)).some(({ state }) => state !== 'ended')
  if (taken) throw new Refusal('conditions.not-satisfied', `The number ${msisdn} is in use.`)
}

export async function replaceSim(
  world: World,
  asked: OfLine & { readonly iccid: string; readonly reason: Reason<typeof renewalReasons> },
): Promise<Done> {
  const line = await openLineOf(world, asked)
  const { carrier, msisdn, iccid: oldIccid } = line
  if (oldIccid === asked.iccid) return { warning: `The line ${msisdn} is on that SIM already.` }
  await spareSim(world, carrier, asked.iccid)
  const old = await world.records.sims.find(oldIccid)
  if (old !== undefined) await world.records.sims.save({ ...old, successor: asked.iccid })
  const next = { ...line, iccid: asked.iccid }
  await world.records.subscriptions.save(next)
  await tellOfService(world, oldIccid, 'HandleSERenewal', {
    carrier,
    iccid: oldIccid,
    otherIccid: asked.iccid,
    message: { oldIccid, newIccid: asked.iccid, msisdn },
  })
  await tellNetworkOf(world, 'setLine', next)
  return {}
}

/** Of that carrier, not disposed of, and without a line in use. */
async function spareSim({ records, carriers }: World, carrier: string, iccid: string): Promise<Sim> {
  const sim = await records.sims.find(iccid)
  if (sim?.carrier !== carrier)
    throw new Refusal('reference.not-found', `${carriers.nameOf(carrier)} has no SIM with ICCID ${iccid}.`)
  if (sim.state === 'disposed') throw new Refusal('conditions.not-satisfied', `SIM ${iccid} was disposed of.`)
  const line = await records.subscriptions.ofSim(iccid)
  if (line !== undefined && line.state !== 'ended')
    throw new Refusal('conditions.not-satisfied', `SIM ${iccid} carries the line ${line.msisdn}.`)
  return sim
}

/** Number portability (MNP), as the carrier does it that takes the number. */
export async function movePhoneNumber(
  world: World,
  asked: OfLine & {
    readonly iccid: string
    readonly from: string
    readonly subscriber?: string | undefined
    readonly user?: string | undefined
  },
): Promise<Done> {
  const { carrier, msisdn, iccid, from } = asked
  if (from === carrier) throw new Refusal('request.malformed', 'A number moves from one carrier to another.')
  await spareSim(world, carrier, iccid)
  const here = world.carriers.served.has(from)
  const old = here ? await openLineOf(world, { carrier: from, msisdn }) : undefined
  const subscriber = asked.subscriber ?? old?.subscriber
  const user = asked.user ?? old?.user
  if (subscriber === undefined)
    throw new Refusal('request.malformed', `subscriber: ${from} is not served here, so it must be said.`)
  if (old !== undefined) {
    const ended = lineAfter('end', old)
    await world.records.subscriptions.save(ended)
    await tellStatus(world, ended)
  }
  await needFree(world, msisdn)
  const line: Subscription = {
    carrier,
    msisdn,
    iccid,
    subscriber,
    ...(user !== undefined && { user }),
    state: 'inService',
  }
  await world.records.subscriptions.save(line)
  await tellNetworkOf(world, 'setLine', line)
  return here ? {} : { warning: `The TSM that serves ${from} ends the line there.` }
}

export async function changeDevice(world: World, asked: OfLine & { readonly device: Device }): Promise<Done> {
  const line = await openLineOf(world, asked)
  const { carrier, iccid } = line
  const { model, os } = asked.device
  await world.records.subscriptions.save({ ...line, device: { model, os } })
  await tellOfService(world, iccid, 'HandleSEDeviceChanged', {
    carrier,
    iccid,
    message: { iccid, device: { model, os } },
  })
  const known = world.carriers.devicesOf(carrier).some((device) => device.model === model)
  return known ? {} : { warning: `The phone ${model} is not among the supported ones.` }
}
