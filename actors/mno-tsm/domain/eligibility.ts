/** Can it be done at all? Every reason why not is a sentence that the help desk can read out. Study items (1)①, (1)②, (5)②. */
import type { Bearer, Device, Hindrance, KeyMode, SimType } from '../contract.ts'
import type { Carriers } from './carriers.ts'
import type { Sim } from './sim.ts'
import { belongsTo, type Subscription } from './subscription.ts'

export interface Eligibility {
  readonly eligible: boolean
  readonly reasons: string[]
}

/** What the applet's instance takes: keys, certificates, PIN. */
export const instanceOctets = 16 << 10

/** On-card keys are certified for what a CASD says of them; without one nobody vouches for where they were made. */
export const keyModesOf = ({ rsa, controllingAuthority }: SimType): KeyMode[] => [
  ...(rsa.longest >= 2048 ? (['central'] as const) : []),
  ...(rsa.longest >= 2048 && rsa.generation && controllingAuthority ? (['on-card'] as const) : []),
]

/** A reason that may stand, and what kind it is. */
export type Reason = { readonly hindrance: Hindrance; readonly says: string } | false

export interface Fit {
  readonly type: SimType
  readonly loadFileOctets: number
}

/** The SIM: of a type that can, and not out of use. */
export function simReasons({ state }: Pick<Sim, 'state'>, { type, loadFileOctets }: Fit): readonly Reason[] {
  const { memory, rsa } = type
  const needed = loadFileOctets + instanceOctets
  return [
    state === 'disposed' && { hindrance: 'simDisposed', says: 'This SIM was disposed of.' },
    memory.nonVolatile < needed && {
      hindrance: 'simMemory',
      says: `This SIM has ${memory.nonVolatile >> 10} KiB for applications; ${Math.ceil(needed / 1024)} KiB are needed.`,
    },
    rsa.longest < 2048 && {
      hindrance: 'simRsa',
      says: `This SIM computes RSA of ${rsa.longest} bits at most; 2048 are needed.`,
    },
  ]
}

const bearerNames: Readonly<Record<Bearer, string>> = {
  agent: 'by the TSM proxy agent of the phone',
  scp80: 'by short messages (SCP80)',
  scp81: 'over HTTPS by itself (SCP81)',
}

/** In the way that is asked for, where one is. */
const wayReasons = (type: SimType, keyMode?: KeyMode, bearer?: Bearer): readonly Reason[] => {
  const { rsa, controllingAuthority, bearers } = type
  const onCard = keyMode === 'on-card'
  return [
    onCard &&
      !rsa.generation && {
        hindrance: 'simKeyMode',
        says: 'This SIM cannot make an RSA key pair itself; choose a key made by the JPKI system.',
      },
    onCard &&
      !controllingAuthority && {
        hindrance: 'simKeyMode',
        says: 'This SIM has no controlling authority security domain (CASD) that could attest a key made in it; choose a key made by the JPKI system.',
      },
    bearer !== undefined &&
      !bearers.includes(bearer) && {
        hindrance: 'simBearer',
        says: `This SIM cannot be reached ${bearerNames[bearer]}.`,
      },
  ]
}

const versionIn = (os: string): number => Number(/\d+(\.\d+)?/.exec(os)?.[0] ?? Number.NaN)

function deviceReasons(carriers: Carriers, carrier: string, device: Device): readonly Reason[] {
  const known = carriers.devicesOf(carrier).find(({ model }) => model === device.model)
  if (known === undefined)
    return [{ hindrance: 'deviceUnknown', says: `The phone ${device.model} is not among the supported ones.` }]
  const { seller, simLock, os, minimumVersion } = known
  const enough = device.os.startsWith(os) && versionIn(device.os) >= minimumVersion
  const locked = simLock && seller !== undefined && carriers.networkOf(seller) !== carriers.networkOf(carrier)
  return [
    locked && {
      hindrance: 'deviceLocked',
      says: `The phone ${device.model} is locked to SIMs of ${carriers.nameOf(seller)}, which sold it; a phone without a SIM lock is needed for a SIM of ${carriers.nameOf(carrier)}.`,
    },
    !enough && {
      hindrance: 'deviceSystem',
      says: `The phone ${device.model} needs ${os} ${minimumVersion} or later; it has ${device.os}.`,
    },
  ]
}

export interface Asked {
  readonly carrier: string
  readonly iccid: string
  readonly device: Device
  readonly keyMode?: KeyMode | undefined
  readonly bearer?: Bearer | undefined
}

function unknownReason(carriers: Carriers, { carrier, iccid }: Asked): Reason {
  const name = carriers.nameOf(carrier)
  const issuer = carriers.ofIccid(iccid)
  if (issuer === undefined || issuer === carriers.known.get(carrier))
    return { hindrance: 'simUnknown', says: `${name} has no SIM with ICCID ${iccid}.` }
  return {
    hindrance: 'simOfAnotherCarrier',
    says: `The SIM with ICCID ${iccid} is not one of ${name}: its number is one of ${issuer.name}.`,
  }
}

export function globalEligibility(
  { carriers, loadFileOctets }: { readonly carriers: Carriers; readonly loadFileOctets: number },
  found: Sim | undefined,
  asked: Asked,
): Eligibility & {
  readonly hindrances: Hindrance[]
  readonly unfit?: 'sim' | 'device'
  readonly keyModes?: KeyMode[]
  readonly bearers?: Bearer[]
  readonly casd?: boolean
} {
  const sim = found?.carrier === asked.carrier ? found : undefined
  const type = sim && carriers.typeOf(sim)
  const ofSim = standing(
    sim === undefined || type === undefined
      ? [unknownReason(carriers, asked)]
      : [...simReasons(sim, { type, loadFileOctets }), ...wayReasons(type, asked.keyMode, asked.bearer)],
  )
  const all = [...ofSim, ...standing(deviceReasons(carriers, asked.carrier, asked.device))]
  const eligible = all.length === 0
  return {
    eligible,
    reasons: all.map(({ says }) => says),
    hindrances: all.map(({ hindrance }) => hindrance),
    ...(!eligible && { unfit: ofSim.length === 0 ? 'device' : 'sim' }),
    ...(type && { keyModes: keyModesOf(type), bearers: [...type.bearers], casd: type.controllingAuthority }),
  }
}

const standing = (reasons: readonly Reason[]) => reasons.filter((reason) => reason !== false)

const judged = (reasons: readonly (string | false)[]): Eligibility => {
  const standing = reasons.filter((reason) => reason !== false)
  return { eligible: standing.length === 0, reasons: standing }
}

export const lineReasons = ({ state, msisdn }: Subscription): readonly (string | false)[] => [
  state === 'suspended' && `The line ${msisdn} is suspended.`,
  state === 'ended' && `The contract for the line ${msisdn} has ended.`,
]

export function subscriptionEligibility(
  carriers: Carriers,
  line: Subscription | undefined,
  asked: {
    readonly carrier: string
    readonly msisdn: string
    readonly iccid: string
    readonly applicant: string
  },
): Eligibility {
  const { carrier, msisdn, iccid, applicant } = asked
  if (line === undefined) return judged([`The number ${msisdn} is not a line of ${carriers.nameOf(carrier)}.`])
  return judged([
    ...lineReasons(line),
    line.iccid !== iccid && `The line ${msisdn} is not on the SIM with ICCID ${iccid}.`,
    !belongsTo(line, applicant) && `The applicant is neither the subscriber nor the registered user of ${msisdn}.`,
  ])
}
