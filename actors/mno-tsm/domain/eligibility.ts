/** Can it be done at all? Every reason why not is a sentence that the help desk can read out. Study items (1)①, (1)②, (5)②. */
import { instanceOctets, profiles, type SimProfile, type SupportedDevice } from './profiles.ts'
import type { Sim } from './sim.ts'
import { belongsTo, type Subscription } from './subscription.ts'

export interface Eligibility {
  readonly eligible: boolean
  readonly reasons: string[]
}

const judged = (reasons: readonly (string | false)[]): Eligibility => {
  const standing = reasons.filter((reason) => reason !== false)
  return { eligible: standing.length === 0, reasons: standing }
}

/** The SIM: known, of a type that can, and not out of use. */
export function simReasons(sim: Sim | undefined, loadFileOctets: number): readonly (string | false)[] {
  if (sim === undefined) return ['This SIM is not one of this carrier.']
  const { nvm, rsaBits, casd }: SimProfile = profiles[sim.profile]
  const needed = loadFileOctets + instanceOctets
  return [
    sim.state === 'disposed' && 'This SIM was disposed of.',
    nvm < needed && `This SIM has ${nvm >> 10} KiB for applications; ${Math.ceil(needed / 1024)} KiB are needed.`,
    rsaBits < 2048 && `This SIM computes RSA of ${rsaBits} bits at most; 2048 are needed.`,
    !casd && 'This SIM has no controlling authority security domain (CASD) that could attest its keys.',
  ]
}

const versionIn = (os: string): number => Number(/\d+(\.\d+)?/.exec(os)?.[0] ?? Number.NaN)

function deviceReason(device: { model: string; os: string }, supported: readonly SupportedDevice[]): string | false {
  const known = supported.find(({ model }) => model === device.model)
  if (known === undefined) return `The phone ${device.model} is not among the supported ones.`
  const enough = device.os.startsWith(known.os) && versionIn(device.os) >= known.minimumVersion
  return !enough && `The phone ${device.model} needs ${known.os} ${known.minimumVersion} or later; it has ${device.os}.`
}

export const globalEligibility = (facts: {
  readonly sim: Sim | undefined
  readonly loadFileOctets: number
  readonly device: { readonly model: string; readonly os: string }
  readonly supported: readonly SupportedDevice[]
}): Eligibility & { readonly unfit?: 'sim' | 'device' } => {
  const ofSim = judged(simReasons(facts.sim, facts.loadFileOctets))
  const ofDevice = judged([deviceReason(facts.device, facts.supported)])
  const eligible = ofSim.eligible && ofDevice.eligible
  const unfit = ofSim.eligible ? 'device' : 'sim'
  return { eligible, reasons: [...ofSim.reasons, ...ofDevice.reasons], ...(!eligible && { unfit }) }
}

export const lineReasons = ({ state, msisdn }: Subscription): readonly (string | false)[] => [
  state === 'suspended' && `The line ${msisdn} is suspended.`,
  state === 'ended' && `The contract for the line ${msisdn} has ended.`,
]

export function subscriptionEligibility(
  line: Subscription | undefined,
  { msisdn, iccid, applicant }: { readonly msisdn: string; readonly iccid: string; readonly applicant: string },
): Eligibility {
  if (line === undefined) return judged([`The number ${msisdn} is not a line of this carrier.`])
  return judged([
    ...lineReasons(line),
    line.iccid !== iccid && `The line ${msisdn} is not on the SIM with ICCID ${iccid}.`,
    !belongsTo(line, applicant) && `The applicant is neither the subscriber nor the registered user of ${msisdn}.`,
  ])
}
