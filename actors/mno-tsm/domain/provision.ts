/**
 * A new SIM of a carrier: registered, its line opened, its keys told to the maker. In reality a batch file under a transport key
 * shared with the maker carries them; here the maker is the town that runs all actors.
 */
import { Refusal } from '@mobile-jpki/refusal'
import type { MakerKeys, SimType } from '../contract.ts'
import { tell } from './notification.ts'
import { imsiOf, numbersOf, type Sim } from './sim.ts'
import type { KeyedSim, Records, World } from './world.ts'

export interface NewSim {
  readonly carrier: string
  readonly iccid: string
  readonly keyDiversificationData: Uint8Array
  readonly profile: string
  readonly line?:
    | { readonly msisdn: string; readonly subscriber: string; readonly user?: string | undefined }
    | undefined
}

export interface Provisioned {
  readonly imsi: string
  readonly iin: Uint8Array
  readonly cin: Uint8Array
  readonly keys: MakerKeys
}

/** Repeated for the same SIM it answers the same keys, and changes nothing. */
export async function provisionSim(world: World, newSim: NewSim): Promise<Provisioned> {
  const { carrier, iccid, keyDiversificationData, profile, line } = newSim
  const { iccidPrefix, name } = world.carriers.need(carrier)
  const type = world.carriers.typeNamed(carrier, profile)
  if (type === undefined) throw new Refusal('reference.not-found', `${name} has no SIM type ${profile}.`)
  if (!iccid.startsWith(iccidPrefix))
    throw new Refusal('request.malformed', `The ICCIDs of ${name} begin with ${iccidPrefix}.`)
  const { iin, cin } = numbersOf(iccidPrefix, iccid)
  const fresh: Sim = {
    iccid,
    carrier,
    seId: `${iin.toHex()}${cin.toHex()}`.toUpperCase(),
    imsi: imsiOf(iccid),
    keyDiversificationData,
    profile,
    keyVersion: Number.parseInt(type.keySets[0]?.keyVersion ?? '', 16),
    state: 'known',
  }
  const sim = await world.transaction(async (records) => {
    const known = await records.sims.find(iccid)
    if (known !== undefined) needSame(known, fresh)
    else await records.sims.save(fresh)
    if (line !== undefined) await openLine(world, records, { ...newSim, line })
    return known ?? fresh
  })
  return { imsi: sim.imsi, iin, cin, keys: await keysFor(world, { ...sim, profile }, type) }
}

function needSame(known: Sim, { carrier, keyDiversificationData }: Sim): void {
  if (known.carrier !== carrier)
    throw new Refusal('conditions.not-satisfied', `SIM ${known.iccid} is registered with another carrier.`)
  if (known.keyDiversificationData.toHex() !== keyDiversificationData.toHex())
    throw new Refusal('conditions.not-satisfied', `SIM ${known.iccid} is registered with other diversification data.`)
}

async function openLine(
  world: World,
  records: Records,
  { carrier, iccid, line: { msisdn, subscriber, user } }: NewSim & { line: NonNullable<NewSim['line']> },
): Promise<void> {
  const known = await records.subscriptions.find(carrier, msisdn)
  if (known !== undefined && known.state !== 'ended') return
  await records.subscriptions.save({
    carrier,
    msisdn,
    iccid,
    subscriber,
    ...(user !== undefined && { user }),
    state: 'inService',
  })
  await tell(world, records, 'setLine', { carrier, iccid, message: { msisdn, iccid } })
}

async function keysFor({ keys }: World, sim: KeyedSim, type: SimType): Promise<MakerKeys> {
  const keySets = type.keySets.map(async (keySet) => ({
    scp: keySet.scp,
    i: Number.parseInt(keySet.i, 16),
    keyVersion: Number.parseInt(keySet.keyVersion, 16),
    ...(await keys.issuerKeySet(sim, keySet)),
  }))
  const { management, mandatedDap, bearers } = type
  const delegated = management.model === 'delegated'
  return {
    keySets: await Promise.all(keySets),
    ...(delegated && { token: publicPart(await keys.token(sim)), receipt: await keys.receipt(sim) }),
    ...(mandatedDap !== 'none' && { dap: await dapOf() }),
    // A SIM that calls is woken by a short message.
    ...((bearers.includes('scp80') || bearers.includes('scp81')) && { overTheAir: await keys.overTheAir(sim) }),
    ...(bearers.includes('scp81') && { psk: await keys.preShared(sim) }),
  }

  async function dapOf() {
    const { securityDomain, ...key } = await keys.dap(sim)
    return { ...publicPart(key), securityDomain }
  }
}

const publicPart = ({ keyVersion, spki }: { readonly keyVersion: number; readonly spki: Uint8Array }) => ({
  keyVersion,
  spki,
})
