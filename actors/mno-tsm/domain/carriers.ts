/** The carriers that this TSM serves, and those that it knows of: an MVNO is served where its host is. Study items (1)①, (3)④. */
import { Refusal } from '@mobile-jpki/refusal'
import type { Carrier, KnownCarrier, SimType, SupportedDevice } from '../contract.ts'

/** Of which carrier a SIM is, and of which of its types. */
export interface OfType {
  readonly carrier: string
  readonly profile: string
}

export interface Carriers {
  readonly served: ReadonlyMap<string, Carrier>
  /** Those too that others serve. */
  readonly known: ReadonlyMap<string, KnownCarrier>
  /** Refuses a carrier that is served elsewhere, and says where. */
  need(carrier: string): Carrier
  /** Undefined for a type that the carrier does not have. */
  typeNamed(carrier: string, profile: string): SimType | undefined
  /** Of a SIM in the registry: that its type is not configured is a fault. */
  typeOf(sim: OfType): SimType
  /** By the issuer's digits of an ICCID, ITU-T E.118 §4.1. */
  ofIccid(iccid: string): KnownCarrier | undefined
  devicesOf(carrier: string): readonly SupportedDevice[]
  /** Under which id the network is known that the carrier's SIMs are on. */
  networkOf(carrier: string): string
  nameOf(carrier: string): string
}

export function carriersOf(
  configured: Readonly<Record<string, Carrier>>,
  others: Readonly<Record<string, KnownCarrier>>,
): Carriers {
  const served = new Map(Object.entries(configured))
  const known = new Map<string, KnownCarrier>([...Object.entries(others), ...served])
  for (const [id, { host }] of served)
    if (host !== undefined && !served.has(host))
      throw new RangeError(`${id} is a guest of ${host}, which is not served`)
  const typeNamed = (carrier: string, profile: string) => {
    const { simTypes } = served.get(carrier) ?? { simTypes: {} as Carrier['simTypes'] }
    return Object.hasOwn(simTypes, profile) ? simTypes[profile] : undefined
  }
  const networkOf = (carrier: string): string => known.get(carrier)?.host ?? carrier
  const nameOf = (carrier: string): string => known.get(carrier)?.name ?? carrier
  return {
    served,
    known,
    need: (carrier) => {
      const found = served.get(carrier)
      if (found !== undefined) return found
      throw new Refusal('carrier.elsewhere', whoServes(carrier), { whose: 'mno-tsm' })
    },
    typeNamed,
    typeOf: ({ carrier, profile }) => {
      const type = typeNamed(carrier, profile)
      if (type === undefined) throw new Error(`the registry names ${profile} of ${carrier}, which is not configured`)
      return type
    },
    ofIccid: (iccid) => [...known.values()].find(({ iccidPrefix }) => iccid.startsWith(iccidPrefix)),
    devicesOf: (carrier) => served.get(carrier)?.devices ?? served.get(networkOf(carrier))?.devices ?? [],
    networkOf,
    nameOf,
  }

  function whoServes(carrier: string): string {
    const other = known.get(carrier)
    const here = [...served.values()].map(({ name }) => name).join(' and ')
    if (other === undefined) return `Nobody here knows ${carrier}; this is the TSM of ${here}.`
    if (other.host === undefined) return `This is the TSM of ${here}; ${other.name} has its own.`
    return `This is the TSM of ${here}; ${other.name} is on the network of ${nameOf(other.host)}, whose TSM serves it.`
  }
}
